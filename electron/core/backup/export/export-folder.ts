import { constants } from 'node:fs';
import { access, mkdir, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { dirname, isAbsolute, join, sep } from 'node:path';
import { type Fault, fault } from '../../../../shared/fault.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { writeDurably } from '../../database/durable-file.ts';
import { folderFault } from '../../config.ts';
import { isFolder, noFolder } from '../../is-folder.ts';
import { isLeftBySystem } from '../../left-by-systems.ts';
import type { StoreFault } from '../repository/repository-store.ts';

/**
 * The folder that a repository is copied into. Until its config is there, it is no repository to anybody; a file of ours
 * says meanwhile whose it will be, so that it can be gone on with and nothing else is ever written over.
 */
const MARK = 'allotment-export';

/** Whether it may be begun there; the folder is made if only it is missing. */
export async function prepareFolder(
  to: string,
  stores: readonly string[],
): Promise<Result<string, Fault>> {
  if (!isAbsolute(to)) return failed(fault('folder-missing', { folder: to }));
  try {
    const wrong = await noFolder(to);
    if (wrong?.code === 'folder-missing' && (await isFolder(dirname(to))))
      await mkdir(to, { mode: 0o700 });
    else if (wrong !== undefined) return failed(wrong);
    const folder = await realpath(to);
    for (const store of stores) {
      const real = await realpath(store).catch(() => store);
      if (folder === real || folder.startsWith(real + sep) || real.startsWith(folder + sep))
        return failed(fault('folder-inside-store', { folder: to, store }));
    }
    if (!(await isWritable(folder))) return failed(fault('folder-read-only', { folder: to }));
    const names = (await readdir(folder)).filter((name) => !isNobodys(name));
    const isOurs = names.includes('config') || names.includes(MARK);
    return names.length === 0 || isOurs
      ? ok(folder)
      : failed(fault('folder-not-empty', { folder: to }));
  } catch (error) {
    return failed(folderFault(error, to));
  }
}

function isNobodys(name: string): boolean {
  return isLeftBySystem(name) || name.startsWith('.');
}

async function isWritable(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
}

/** The repository that was begun there and has no config yet; undefined where its id was not known before. */
export async function readMark(folder: string): Promise<string | undefined> {
  const text = await readFile(join(folder, MARK), 'utf8').catch(() => '');
  return /^[0-9a-f]{64}$/.test(text.trim()) ? text.trim() : undefined;
}

/** Before anything else; only a folder that is empty, or has one, is ever written to. */
export async function writeMark(
  folder: string,
  repository: string | undefined,
): Promise<Result<undefined, Fault>> {
  try {
    await writeDurably(join(folder, MARK), `${repository ?? 'begun'}\n`);
    return ok(undefined);
  } catch (error) {
    return failed(folderFault(error, folder));
  }
}

export async function removeMark(folder: string): Promise<void> {
  await rm(join(folder, MARK), { force: true });
}

/** What a store in a folder says, about that folder. */
export function diskFault(said: StoreFault, folder: string): Fault {
  switch (said.code) {
    case 'plot-full':
      return fault('disk-full', { folder });
    case 'cancelled':
      return fault('cancelled');
    case 'refused':
      return said.params['error'] === 'EROFS'
        ? fault('folder-read-only', { folder })
        : fault('folder-unreadable', { folder });
    case 'not-found':
      return fault('folder-missing', { folder });
    case 'damaged':
      return fault('repository-damaged', { friend: folder, detail: said.detail });
    default:
      return fault('folder-unreadable', { folder });
  }
}
