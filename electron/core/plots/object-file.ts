import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { ObjectType } from '../../../shared/model/plot.ts';
import type { PlotFault } from '../../../shared/wire/plot-faults.ts';
import { flushFolder } from '../database/durable-file.ts';
import { type MinimumRate, receive } from './receive.ts';

export const MINIMUM_RATE: MinimumRate = { bytes: 16 * 1024, withinMs: 30_000 };

/** Where an object lies below the repository's folder: the layout of restic's local back end. */
export function objectPath(type: ObjectType, name: string): string {
  if (type === 'config') return 'config';
  return type === 'data' ? join('data', name.slice(0, 2), name) : join(type, name);
}

export type Incoming = {
  /** Where the bytes are collected, on the same volume. */
  readonly temporary: string;
  /** Where they lie afterwards. */
  readonly final: string;
  readonly sizeBytes: number;
  /** SHA-256 in hexadecimal that the bytes must have; undefined for `config`. */
  readonly sha256: string | undefined;
};

/**
 * Takes a body to the disk so that after a crash at any moment the object is there whole under its
 * name, or not at all: temporary file, hash on the way, flush, rename, flush of the folder (design
 * §4). Whatever goes wrong, the temporary file is gone. Rejects with the system's error of a disk.
 */
export async function writeObject(
  incoming: Incoming,
  body: Readable,
  rate: MinimumRate,
): Promise<Result<undefined, PlotFault>> {
  underWay.add(incoming.temporary);
  try {
    return await bringIn(incoming, body, rate);
  } finally {
    underWay.delete(incoming.temporary);
  }
}

/** What is arriving at this moment. */
const underWay = new Set<string>();

/** Drops what a crash left of uploads, or a disk that refused even to remove it. */
export async function tidyIncoming(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    unlessAbsent(error);
    return [];
  });
  for (const name of names) {
    const path = join(folder, name);
    if (!underWay.has(path)) await unlink(path).catch(unlessAbsent);
  }
}

async function bringIn(
  incoming: Incoming,
  body: Readable,
  rate: MinimumRate,
): Promise<Result<undefined, PlotFault>> {
  await makeOne(dirname(incoming.temporary));
  const file = await open(incoming.temporary, 'wx', 0o600);
  try {
    const received = await take(file, incoming, body, rate);
    if (received.ok) await file.datasync();
    await file.close();
    if (!received.ok) {
      await unlink(incoming.temporary);
      return received;
    }
    // Both lie in a folder that is there already.
    await ensureFolder(dirname(incoming.final), dirname(dirname(incoming.temporary)));
    await rename(incoming.temporary, incoming.final);
    await flushFolder(dirname(incoming.final));
    return ok(undefined);
  } catch (error) {
    await file.close().catch(() => undefined);
    await unlink(incoming.temporary).catch(() => undefined);
    throw error;
  }
}

/**
 * Never those above it: where a drive was pulled out a moment ago they would be made on another one, at the place where it
 * is found again, and what arrives there would be lost with its return.
 */
async function makeOne(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

async function take(
  file: FileHandle,
  { sizeBytes, sha256 }: Incoming,
  body: Readable,
  rate: MinimumRate,
): Promise<Result<undefined, PlotFault>> {
  const hash = createHash('sha256');
  const onPiece = (bytes: Buffer) => void hash.update(bytes);
  const { how, length } = await receive(file, body, { sizeBytes, rate, onPiece });
  if (how === 'too-slow' || how === 'too-long') return failed({ code: how });
  if (how === 'broken-off' || length < sizeBytes) return failed({ code: 'too-short' });
  if (sha256 !== undefined && hash.digest('hex') !== sha256)
    return failed({ code: 'hash-mismatch' });
  return ok(undefined);
}

/** Makes a folder below `top`, and those between them, that is still there after a power loss. */
export function ensureFolder(path: string, top: string): Promise<void> {
  if (path === top || path === dirname(path)) return Promise.resolve();
  const known = made.get(path);
  if (known !== undefined) return known;
  const making = makeFolder(path, top);
  if (made.size >= MADE_MAX) made.clear();
  made.set(path, making);
  making.catch(() => {
    if (made.get(path) === making) made.delete(path);
  });
  return making;
}

async function makeFolder(path: string, top: string): Promise<void> {
  await ensureFolder(dirname(path), top);
  await makeOne(path);
  // Also where it was there: whoever made it may have been killed before he got to this.
  await flushFolder(dirname(path));
}

/** Folders that are there, or will be: each is made once, and nobody goes ahead of its flush. A repository has 260. */
const made = new Map<string, Promise<void>>();
const MADE_MAX = 100_000;

/** What was known about folders below this one is no longer true. */
export function forgetFolders(below: string): void {
  for (const path of made.keys()) if (path.startsWith(below)) made.delete(path);
}

/**
 * The size of a file that a killed process may have left: what that one had not flushed would still be lost with the power, so
 * its name is flushed before anybody relies on it.
 */
export async function safeSize(path: string, top: string): Promise<bigint | undefined> {
  const size = await fileSize(path);
  if (size === undefined) return undefined;
  await ensureFolder(dirname(path), top);
  await flushFolder(dirname(path));
  return size;
}

export async function fileSize(path: string): Promise<bigint | undefined> {
  try {
    const found = await stat(path, { bigint: true });
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Takes a file off the disk for good; false: it is not there, which is no fault. */
export async function removeFile(path: string): Promise<boolean> {
  let wasThere = true;
  try {
    await unlink(path).catch((error: unknown) => {
      unlessAbsent(error);
      wasThere = false;
    });
    // Also where it was gone: whoever removed it may have been killed before he got to this.
    await flushFolder(dirname(path));
  } catch (error) {
    unlessAbsent(error);
  }
  return wasThere;
}

function unlessAbsent(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
