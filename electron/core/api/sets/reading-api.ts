import { readdir, stat } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';
import type { Api } from '../../../../shared/contract/api.ts';
import type { SnapshotView } from '../../../../shared/contract/backup-views.ts';
import type { ArgsOf } from '../../../../shared/contract/contract.ts';
import { type Fault, fault } from '../../../../shared/fault.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import type { ReadingSource } from '../../backup/reading-source.ts';
import type { RestoreWish } from '../../backup/restore-book.ts';
import { folderFault } from '../../config.ts';
import { noFolder } from '../../is-folder.ts';
import type { CoreParts } from '../core-parts.ts';
import { findReadable, findSet } from './find-set.ts';

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

const PAGE = 200;
const TOP = { path: '', after: undefined, limit: 1 } as const;

export function readingApi(parts: CoreParts): ReadingApi {
  const { jobs, reader, restores, drill } = parts;
  return {
    'sets.snapshots': async (from) => {
      const source = await sourceOf(parts, from);
      return source.ok ? reader.snapshots(source.value) : source;
    },
    'sets.browse': async ({ snapshot, path, after, limit = PAGE, ...from }) => {
      const source = await sourceOf(parts, from);
      return source.ok ? reader.browse(source.value, { snapshot, path, after, limit }) : source;
    },
    'sets.find': async ({ snapshot, text, limit = PAGE, ...from }) => {
      const source = await sourceOf(parts, from);
      return source.ok ? reader.find(source.value, { snapshot, text, limit }) : source;
    },
    'sets.measure': async ({ snapshot, paths, ...from }) => {
      const source = await sourceOf(parts, from);
      return source.ok ? reader.measure(source.value, { snapshot, paths }) : source;
    },
    'sets.restore': async (args) => {
      const source = await sourceOf(parts, args);
      if (!source.ok) return source;
      const target = await targetOf(args);
      if (!target.ok) return target;
      const listed = await reader.snapshots(source.value);
      if (!listed.ok) return listed;
      const chosen = choose(listed.value, args);
      if (!chosen.ok) return chosen;
      // Whoever looks into the latest is told if it is in doubt which one that is; an older one must not pass for it.
      if (isLatest(args)) {
        const snapshot = undefined;
        const looked = await reader.browse(source.value, { ...TOP, snapshot });
        if (!looked.ok) return looked;
      }
      if (target.value === undefined && !isFromHere(chosen.value))
        return failed(
          fault('bad-arguments', { field: 'to', problem: 'those paths are of another system' }),
        );
      return restores.start(wishOf(source.value, args, target.value, chosen.value));
    },
    'sets.drill': async ({ name }) => {
      const set = await findSet(parts, name);
      if (!set.ok) return set;
      const running = jobs
        .list()
        .find((job) => job.kind === 'drill' && job.set === name && job.state === 'running');
      return ok(
        running ?? jobs.start({ kind: 'drill', set: name }, (control) => drill(set.value, control)),
      );
    },
    'restores.list': async () => ok(await restores.list()),
    'restores.pause': async ({ id }) => restores.pause(id),
    'restores.resume': async ({ id }) => restores.resume(id),
    'restores.drop': async ({ id }) => {
      const dropped = await restores.drop(id);
      return dropped.ok ? ok({ dropped: true }) : dropped;
    },
  };
}

async function sourceOf(
  parts: CoreParts,
  { name, from }: Pick<ArgsOf<'sets.snapshots'>, 'name' | 'from'>,
): Promise<Result<ReadingSource, Fault>> {
  if (from !== undefined) return ok({ kind: 'folder', folder: resolve(from) });
  const set = await findReadable(parts, name ?? '');
  return set.ok ? ok({ kind: 'set', set: set.value }) : set;
}

function choose(
  snapshots: readonly SnapshotView[],
  { name, from, snapshot }: Pick<ArgsOf<'sets.restore'>, 'name' | 'from' | 'snapshot'>,
): Result<SnapshotView, Fault> {
  const meant = isLatest({ snapshot })
    ? snapshots.slice(-1)
    : snapshots.filter(({ id }) => id.startsWith((snapshot ?? '').toLowerCase()));
  const [chosen] = meant;
  return chosen === undefined || meant.length > 1
    ? failed(fault('snapshot-unknown', { set: name ?? from ?? '', snapshot: snapshot ?? 'latest' }))
    : ok(chosen);
}

function isLatest({ snapshot }: Pick<ArgsOf<'sets.restore'>, 'snapshot'>): boolean {
  return snapshot === undefined || snapshot === 'latest';
}

/** In place goes only what has a place here. */
function isFromHere({ paths }: SnapshotView): boolean {
  return paths.every(isAbsolute);
}

function wishOf(
  source: ReadingSource,
  { paths, conflict, archive = false }: ArgsOf<'sets.restore'>,
  to: string | undefined,
  { id }: SnapshotView,
): RestoreWish {
  // In place nothing that is there is lost, unless somebody says so.
  const usual = to === undefined ? 'keep-both' : undefined;
  const chosen = conflict ?? usual;
  return {
    source:
      source.kind === 'set'
        ? { kind: 'set', name: source.set.name }
        : { kind: 'folder', name: source.folder },
    snapshot: id,
    archive,
    ...(to === undefined ? {} : { to }),
    ...(paths === undefined ? {} : { paths: [...paths] }),
    ...(chosen === undefined ? {} : { conflict: chosen }),
  };
}

const ARCHIVE = /\.(tar\.gz|tgz|zip)$/i;

/** The folder or the file that is to be made; `undefined`: in place. */
async function targetOf({
  to,
  conflict,
  archive = false,
}: ArgsOf<'sets.restore'>): Promise<Result<string | undefined, Fault>> {
  if (to === undefined)
    return archive
      ? failed(fault('bad-arguments', { field: 'to', problem: 'an archive needs a name' }))
      : ok(undefined);
  const target = resolve(to);
  if (archive && !ARCHIVE.test(target))
    return failed(fault('bad-arguments', { field: 'to', problem: 'it ends in .tar.gz or .zip' }));
  const fit = archive
    ? await isFree(target, conflict === 'replace')
    : await isFitting(target, conflict !== undefined);
  return fit.ok ? ok(target) : fit;
}

async function isFree(file: string, mayReplace: boolean): Promise<Result<undefined, Fault>> {
  try {
    const found = await stat(file);
    return found.isFile() && mayReplace ? ok(undefined) : failed(fault('file-exists', { file }));
  } catch (error) {
    return hasParent(error, file);
  }
}

async function isFitting(folder: string, mayHold: boolean): Promise<Result<undefined, Fault>> {
  try {
    const entries = await readdir(folder);
    return entries.length === 0 || mayHold
      ? ok(undefined)
      : failed(fault('folder-not-empty', { folder }));
  } catch (error) {
    return hasParent(error, folder);
  }
}

/** What is to be made needs a folder to be made in. */
async function hasParent(error: unknown, path: string): Promise<Result<undefined, Fault>> {
  const { code } = error as NodeJS.ErrnoException;
  const wrong = await noFolder(dirname(path));
  if (code === 'ENOTDIR') return failed(wrong ?? fault('not-a-folder', { folder: path }));
  if (code !== 'ENOENT') return failed(folderFault(error, path));
  return wrong === undefined ? ok(undefined) : failed(wrong);
}
