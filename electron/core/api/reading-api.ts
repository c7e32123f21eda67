import { readdir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Api } from '../../../shared/contract/api.ts';
import { type Fault, fault } from '../../../shared/fault.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import { folderFault } from '../config.ts';
import type { CoreParts } from './core-parts.ts';
import { findReadable } from './find-set.ts';
import { notYet } from './not-yet.ts';

/** Looking into backups and bringing them back. */
type ReadingApi = Pick<
  Api,
  | 'sets.snapshots'
  | 'sets.browse'
  | 'sets.find'
  | 'sets.measure'
  | 'sets.restore'
  | 'sets.drill'
  | 'restores.list'
  | 'restores.pause'
  | 'restores.resume'
  | 'restores.drop'
>;

export function readingApi(parts: CoreParts): ReadingApi {
  const { jobs, reader } = parts;
  return {
    'sets.snapshots': async ({ name = '' }) => {
      const set = await findReadable(parts, name);
      return set.ok ? reader.snapshots(set.value) : set;
    },
    'sets.browse': notYet,
    'sets.find': notYet,
    'sets.measure': notYet,
    'sets.restore': async ({ name = '', snapshot, to = '', paths }) => {
      const set = await findReadable(parts, name);
      if (!set.ok) return set;
      const target = resolve(to);
      const empty = await isEmptyOrMissing(target);
      if (!empty.ok) return empty;
      return ok(
        jobs.start({ kind: 'restore', set: name }, (control) =>
          reader.restore(set.value, { snapshot, to: target, paths }, control),
        ),
      );
    },
    'sets.drill': notYet,
    'restores.list': notYet,
    'restores.pause': notYet,
    'restores.resume': notYet,
    'restores.drop': notYet,
  };
}

async function isEmptyOrMissing(folder: string): Promise<Result<undefined, Fault>> {
  try {
    const entries = await readdir(folder);
    return entries.length === 0 ? ok(undefined) : failed(fault('folder-not-empty', { folder }));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') return failed(folderFault(error, folder));
    const parent = resolve(folder, '..');
    const isThere = await stat(parent).then(
      (found) => found.isDirectory(),
      () => false,
    );
    return isThere ? ok(undefined) : failed(fault('folder-missing', { folder: parent }));
  }
}
