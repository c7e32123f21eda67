import { hash } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  ftruncateSync,
  futimesSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { createDecompressor } from '../repository/decompressor.ts';
import { release, releaseAll, releaseChunk } from '../../memory.ts';
import { openBlob } from '../repository/pack.ts';
import type { MasterKey } from '../repository/sealing.ts';
import type { CrunchResult, CrunchTask, FileToPlace, FinishFile, PlaceFault } from './messages.ts';

/**
 * The crunching threads' part of a restore: opens blobs and writes them where they belong. A file is
 * written under a passing name beside its place, and gets its own name when it is whole, with its rights and
 * times: a crash leaves no half a file under a real name.
 */
type PlaceTask = Extract<CrunchTask, { type: 'place' }>;

const CREATE =
  constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
const WRITE = constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0);
/** Files that stay open while their blobs come by turns. */
const OPEN_MAX = 32;
const decompress = createDecompressor();

/** A new file that only its owner may look into; what a crash left there under this name goes. */
export function createAnew(path: Buffer): number {
  try {
    return openSync(path, CREATE, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    unlinkSync(path);
    return openSync(path, CREATE, 0o600);
  }
}

export function placeBlobs(
  key: MasterKey,
  { stretch, blobs, files }: PlaceTask,
): CrunchResult['place'] {
  const faults: PlaceFault[] = [];
  const damaged: number[] = [];
  const finished: number[] = [];
  const failed = new Set<number>();
  const left = writesPerFile(blobs, files.length);
  const open = new Map<number, number>();
  let bytes = 0;

  function fail(file: number, error: unknown): void {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    // Errors of the file system have a code like ENOENT; all else is a bug.
    if (!/^E[A-Z]+$/.test(code)) throw error;
    failed.add(file);
    const isFull = code === 'ENOSPC' || code === 'EDQUOT';
    faults.push({ file, fault: isFull ? 'disk-full' : 'not-written', detail: code });
  }

  function openOf(at: number, file: FileToPlace, isFirst: boolean): number {
    const known = open.get(at);
    if (known !== undefined) return known;
    for (const [oldest, descriptor] of open) {
      if (open.size < OPEN_MAX) break;
      closeSync(descriptor);
      open.delete(oldest);
    }
    const isNew = isFirst && !file.isBegun;
    const descriptor = isNew
      ? createAnew(bytesOf(file.temporary))
      : openSync(bytesOf(file.temporary), WRITE);
    open.set(at, descriptor);
    return descriptor;
  }

  function close(at: number): void {
    const descriptor = open.get(at);
    open.delete(at);
    if (descriptor !== undefined) closeSync(descriptor);
  }

  function settle(at: number, file: FileToPlace, isFirst: boolean): void {
    if (file.finish === undefined) return;
    const kept = finishFile(openOf(at, file, isFirst), file.finish);
    if (kept !== undefined) faults.push({ file: at, fault: 'metadata', detail: kept });
    close(at);
    if (file.finish.isGuarded && isThere(file.finish.path)) {
      failed.add(at);
      faults.push({ file: at, fault: 'in-the-way', detail: '' });
      unlinkSync(bytesOf(file.temporary));
      return;
    }
    renameSync(bytesOf(file.temporary), bytesOf(file.finish.path));
    finished.push(at);
  }

  const started = new Set<number>();
  for (const [number, { id, offset, length, plainLength, writes }] of blobs.entries()) {
    const sealed = stretch.subarray(offset, offset + length);
    const plaintext = openBlob(key, sealed, plainLength, decompress);
    if (plaintext === undefined || hash('sha256', plaintext, 'hex') !== id) {
      damaged.push(number);
      continue;
    }
    for (const { file: at, at: position } of writes) {
      const file = files[at];
      if (file === undefined || failed.has(at)) continue;
      try {
        const descriptor = openOf(at, file, !started.has(at));
        started.add(at);
        bytes += plaintext.length;
        // A hole is as good as zeroes and takes no room; the length is set at the end.
        if (!isZeroes(plaintext)) writeAll(descriptor, plaintext, position);
        left[at] = (left[at] ?? 0) - 1;
        if (left[at] === 0) settle(at, file, false);
      } catch (error) {
        fail(at, error);
        close(at);
      }
    }
    // What was not compressed has memory of its own.
    if (plainLength === 0) releaseChunk(plaintext);
  }
  for (const [at, file] of files.entries()) {
    if (left[at] !== 0 || started.has(at) || file.finish === undefined) continue;
    // An empty one, or one whose blobs all came in other stretches.
    try {
      settle(at, file, true);
    } catch (error) {
      fail(at, error);
    }
  }
  for (const descriptor of open.values()) closeSync(descriptor);
  releaseAll(stretch);
  return { bytes, finished, damaged, faults };
}

function writesPerFile(blobs: PlaceTask['blobs'], files: number): number[] {
  const left = Array.from({ length: files }, () => 0);
  for (const { writes } of blobs) for (const { file } of writes) left[file] = (left[file] ?? 0) + 1;
  return left;
}

/** Answers what could not be set besides the contents. */
function finishFile(descriptor: number, finish: FinishFile): string | undefined {
  const { sizeBytes, owner, mode, mtime, atime } = finish;
  // Zeroes at the end were never written; the length says that they are there.
  if (finish.mayHaveHoles) ftruncateSync(descriptor, sizeBytes);
  try {
    if (owner !== undefined) fchownSync(descriptor, owner.uid, owner.gid);
    if (mode !== 0o600) fchmodSync(descriptor, mode);
    if (mtime !== undefined) futimesSync(descriptor, atime ?? mtime, mtime);
    return undefined;
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    if (!/^E[A-Z]+$/.test(code)) throw error;
    return code;
  }
}

function bytesOf(path: string): Buffer {
  return Buffer.from(path, 'latin1');
}

function isThere(path: string): boolean {
  return lstatSync(bytesOf(path), { throwIfNoEntry: false }) !== undefined;
}

function writeAll(file: number, bytes: Buffer, at: number): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(file, bytes, done, bytes.length - done, at + done);
}

/** Only whole large blobs are worth a hole. */
export const HOLE_BYTES_MIN = 64 * 1024;
const ZEROES = Buffer.alloc(HOLE_BYTES_MIN);

function isZeroes(bytes: Buffer): boolean {
  if (bytes.length < ZEROES.length || bytes[0] !== 0) return false;
  for (let at = 0; at < bytes.length; at += ZEROES.length) {
    const part = bytes.subarray(at, at + ZEROES.length);
    if (ZEROES.compare(part, 0, part.length, 0, part.length) !== 0) return false;
  }
  return true;
}

/** Which of these blobs a file has where they belong: a byte 1 for each. Undefined: it can't be read. */
export function compareFile({
  path,
  ids,
  lengths,
}: Extract<CrunchTask, { type: 'compare' }>): CrunchResult['compare'] {
  let file: number | undefined;
  try {
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    file = openSync(Buffer.from(path), flags);
    if (!fstatSync(file).isFile()) return undefined;
    const same = new Uint8Array(lengths.length);
    let position = 0;
    for (const [at, length] of lengths.entries()) {
      const bytes = Buffer.allocUnsafeSlow(length);
      const id = ids.subarray(at * 32, at * 32 + 32);
      const isRead = readSync(file, bytes, 0, length, position) === length;
      if (isRead && hash('sha256', bytes, 'buffer').equals(id)) same[at] = 1;
      release(bytes);
      position += length;
    }
    return same;
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    if (!/^E[A-Z]+$/.test(code)) throw error;
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** The plaintexts of these blobs, one after the other; a length of -1 where one is damaged. */
export function unpackBlobs(
  key: MasterKey,
  { stretch, blobs }: Extract<CrunchTask, { type: 'unpack' }>,
): CrunchResult['unpack'] {
  const plaintexts = blobs.map(({ id, offset, length, plainLength }) => {
    const plaintext = openBlob(key, stretch.subarray(offset, offset + length), plainLength);
    const isGood = plaintext !== undefined && hash('sha256', plaintext, 'hex') === id;
    return isGood ? plaintext : undefined;
  });
  releaseAll(stretch);
  const bytes = Buffer.allocUnsafeSlow(
    plaintexts.reduce((sum, each) => sum + (each?.length ?? 0), 0),
  );
  let end = 0;
  for (const plaintext of plaintexts) end += plaintext?.copy(bytes, end) ?? 0;
  return { bytes, lengths: plaintexts.map((each) => each?.length ?? -1) };
}
