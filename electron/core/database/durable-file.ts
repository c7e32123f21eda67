import { randomBytes } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isFolder } from '../is-folder.ts';

/**
 * Writes a small file so that after a power loss there is either the old content or the new, whole:
 * temporary file beside it, flushed, renamed over it, folder flushed. Rejects with the system's error.
 */
export async function writeDurably(
  file: string,
  content: string | Uint8Array,
  { mode = 0o600 }: { readonly mode?: number } = {},
): Promise<void> {
  // Two writers at once must not share it; what a crash leaves beside the file is dropped by `dropStrays`.
  const temporary = `${file}.${randomBytes(6).toString('hex')}.new`;
  underWay.add(temporary);
  try {
    const handle = await open(temporary, 'w', mode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    await flushFolder(dirname(file));
  } catch (error) {
    // The disk may refuse that too; what counts is what it said first.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  } finally {
    underWay.delete(temporary);
  }
}

/** What this process is writing at this moment. */
const underWay = new Set<string>();

/** Removes what a crash left of an earlier try to write this file. For whoever opens it first. */
export async function dropStrays(file: string): Promise<void> {
  const own = `${basename(file)}.`;
  const isOwn = (name: string) => name.startsWith(own) && !name.slice(own.length).includes('.');
  await dropStraysIn(dirname(file), isOwn);
}

/** What a write that was cut off leaves. */
export function isStray(name: string): boolean {
  return /\.[0-9a-f]{12}\.new$/.test(name);
}

/** The same for all files of a folder, or some. The names are given without what a try adds to them at the end. */
export async function dropStraysIn(
  folder: string,
  isMeant: (name: string) => boolean = () => true,
): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (!isStray(name) || !isMeant(name.slice(0, -'.new'.length))) continue;
    const path = join(folder, name);
    // One that can't be removed does no harm.
    if (!underWay.has(path)) await rm(path, { force: true }).catch(() => undefined);
  }
}

/** Makes a folder, and those above it, that is there after a power loss too. */
export async function makeFolders(path: string, mode = 0o700): Promise<void> {
  const first = await makeMissing(path, mode);
  // Also where it was there: whoever made it may have been killed before he got to this.
  for (let folder = path; ; folder = dirname(folder)) {
    await flushFolder(dirname(folder)).catch(unlessForbidden);
    if (first === undefined || folder === first || folder === dirname(folder)) return;
  }
}

/**
 * Makes what is missing, from above, and gives the highest that it made; nothing is flushed. Not by Node's `recursive`: where a folder is there and
 * says of each one to be made in it that it is missing (/proc, a mounter's), that asks for ever, and no thread comes back from it.
 */
export async function makeMissing(path: string, mode = 0o700): Promise<string | undefined> {
  const above = dirname(path);
  const firstAbove =
    above === path || (await isFolder(above)) ? undefined : await makeMissing(above, mode);
  try {
    await mkdir(path, { mode });
    return firstAbove ?? path;
  } catch (error) {
    // It was there, or somebody else was quicker; a disk that can only be read says something else of the same.
    if (await isThere(path)) return firstAbove;
    throw error;
  }
}

/** Where the disk fails at the look itself, that is what is wrong, not that something is in the way. */
async function isThere(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}

/** The same for whoever can't wait. */
export function makeMissingNow(path: string, mode = 0o700): void {
  const above = dirname(path);
  if (above !== path && !isFolderNow(above)) makeMissingNow(above, mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (!isFolderNow(path)) throw error;
  }
}

function isFolderNow(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Folders above ours may be kept from us, or lie where folders can't be flushed; that is no reason not to begin. */
const NOT_OURS: ReadonlySet<unknown> = new Set(['EACCES', 'EPERM', 'EINVAL', 'ENOTSUP', 'EROFS']);

function unlessForbidden(error: unknown): void {
  if (!NOT_OURS.has((error as NodeJS.ErrnoException).code)) throw error;
}

/** A rename is on the disk only when its folder is. Windows can't flush folders and does not need to. */
export async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(join(folder, '.'), 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
