import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  futimesSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hash } from 'node:crypto';
import { fromGoMode, fromTimestamp, type Node } from '../repository/node.ts';
import { joinBytes } from './paths.ts';
import type { Existing } from './restore-conflict.ts';
import { temporaryName } from './restore-journal.ts';
import { type NameRules, rulesOf } from './restore-names.ts';

/** What a restore does to folders and links on the disk; it never follows a link that lies there. */

/**
 * On Windows a drive stands in a tree as a folder without its colon, which nobody can make: `C` is `C:/`. What another computer
 * shares stands there as `\\server\share`. `undefined`: it is neither.
 */
export function volumeOf(name: Buffer): Buffer | undefined {
  const text = name.toString('latin1');
  if (/^[A-Za-z]$/.test(text)) return Buffer.from(`${text}:/`);
  const isShare = /^\\\\[^\\/]+\\[^\\/]+$/.test(text);
  return isShare ? Buffer.from(`${text.replaceAll('\\', '/')}/`, 'latin1') : undefined;
}

export function lookAt(path: Buffer): Existing | undefined {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (found === undefined) return undefined;
  return {
    kind: found.isFile()
      ? 'file'
      : found.isDirectory()
        ? 'folder'
        : found.isSymbolicLink()
          ? 'link'
          : 'other',
    sizeBytes: Number(found.size),
    mtimeNs: found.mtimeNs,
    changedNs: found.ctimeNs,
  };
}

/** True if it was made now. Others may look inside only when the restored rights say so. */
export function makeFolder(path: Buffer): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/** The passing name of what is to lie at `path`: the same each time, so that a restore that goes on finds it. */
export function temporaryOf(path: Buffer, tag: string): Buffer {
  const folder = path.subarray(0, path.lastIndexOf(0x2f) + 1);
  return joinBytes(folder, temporaryName(tag, hash('sha256', path, 'hex').slice(0, 16)));
}

export function targetOf(node: Node): Buffer {
  return node.linktarget_raw === undefined
    ? Buffer.from(node.linktarget ?? '')
    : Buffer.from(node.linktarget_raw, 'base64');
}

export function pointsThere(path: Buffer, node: Node): boolean {
  return readlinkSync(path, { encoding: 'buffer' }).equals(targetOf(node));
}

/** With `over`, what is there makes way; it is never gone before the new one is there. */
export function makeLink(path: Buffer, node: Node, { tag, over }: Making): void {
  const at = over ? temporaryOf(path, tag) : path;
  if (over) removeIfThere(at);
  symlinkSync(targetOf(node), at);
  setOwner(at, node);
  const mtime = fromTimestamp(node.mtime);
  if (mtime !== undefined) lutimesSync(at, fromTimestamp(node.atime) ?? mtime, mtime);
  if (over) renameSync(at, path);
}

export type Making = { readonly tag: string; readonly over: boolean };

export function makeTwin(path: Buffer, first: Buffer, { tag, over }: Making): void {
  if (!over) return linkSync(first, path);
  const at = temporaryOf(path, tag);
  removeIfThere(at);
  linkSync(first, at);
  renameSync(at, path);
}

function removeIfThere(path: Buffer): void {
  if (lookAt(path) !== undefined) unlinkSync(path);
}

/** Of a folder. Since it was made, somebody may have put a link in its place: rights of that are not what was asked for. */
export function setMetadata(path: Buffer, node: Node): void {
  const folder = openFolder(path);
  if (folder === undefined) return setByName(path, node);
  try {
    if (process.getuid?.() === 0) fchownSync(folder, node.uid, node.gid);
    fchmodSync(folder, fromGoMode(node.mode));
    const mtime = fromTimestamp(node.mtime);
    if (mtime !== undefined) futimesSync(folder, fromTimestamp(node.atime) ?? mtime, mtime);
  } finally {
    closeSync(folder);
  }
}

/** `undefined`: folders are not opened here, or this one may not be looked into any more. */
function openFolder(path: Buffer): number | undefined {
  if (process.platform === 'win32') return undefined;
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return undefined;
    throw error;
  }
}

function setByName(path: Buffer, node: Node): void {
  setOwner(path, node);
  chmodSync(path, fromGoMode(node.mode));
  const mtime = fromTimestamp(node.mtime);
  if (mtime !== undefined) utimesSync(path, fromTimestamp(node.atime) ?? mtime, mtime);
}

/** Whose a new file in a new folder below this one is; undefined where only root could give it to somebody else. */
export function ownHere(
  folder: Buffer,
): { readonly uid: number; readonly gid: number } | undefined {
  const [uid, gid] = [process.getuid?.(), process.getgid?.()];
  if (uid !== 0 || gid === undefined) return undefined;
  // New files in such a folder, and in those made in it, are its group's.
  const isHandedDown = (lstatSync(folder).mode & 0o2000) !== 0;
  return { uid, gid: isHandedDown ? -1 : gid };
}

/** Only root can give files away. */
function setOwner(path: Buffer, node: Node): void {
  if (process.getuid?.() === 0) lchownSync(path, node.uid, node.gid);
}

/**
 * What names can be there. A Linux computer writes to disks of cameras and of Windows too: whether such a disk
 * has one name where this system has two, and which letters it refuses, is tried out.
 */
export function rulesAt(folder: Buffer, tag: string): NameRules {
  const usual = rulesOf(process.platform);
  const { lengthMax, unit } = usual;
  if (usual.isWindows) return usual;
  const small = joinBytes(folder, Buffer.from(`.allotment-${tag}-a`));
  const large = joinBytes(folder, Buffer.from(`.allotment-${tag}-A`));
  const folds = usual.folds || tryOut(small, () => lookAt(large) !== undefined);
  const other = joinBytes(folder, Buffer.from(`.allotment-${tag}-a:b?`));
  const refuses = tryOut(other, () => false);
  return refuses ? { ...rulesOf('win32'), lengthMax, unit } : { ...usual, folds };
}

/** What `look` says while there is a file of that name; true if there can't be one. */
function tryOut(path: Buffer, look: () => boolean): boolean {
  try {
    writeFileSync(path, '', { mode: 0o600 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Anything else, a folder that can't be written to for instance, says nothing about names.
    return code === 'EINVAL' || code === 'ENOENT' || code === 'EILSEQ';
  }
  try {
    return look();
  } finally {
    unlinkSync(path);
  }
}
