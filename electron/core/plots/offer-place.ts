import { constants } from 'node:fs';
import { access, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Fault, fault } from '../../../shared/fault.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import { GB, MB } from '../../../shared/units.ts';
import { folderFault } from '../config.ts';
import { flushFolder } from '../database/durable-file.ts';

/** A folder that may become the place of the offer: what is there, and what its disk can bear. */
export type OfferPlace = {
  readonly exists: boolean;
  /** The folder itself, or the nearest one above it that is there. */
  readonly nearest: string;
};

/** Linux allows 4096 bytes in a path; what lies in a plot needs room behind the folder. */
const FOLDER_BYTES_MAX = 3500;

export function isTooLong(folder: string): boolean {
  return Buffer.byteLength(folder) > FOLDER_BYTES_MAX;
}

/** Whether a folder can be used, or made. What is in the way is said before anybody relies on it. */
export async function findPlace(folder: string): Promise<Result<OfferPlace, Fault>> {
  if (isTooLong(folder)) return failed(fault('path-too-long', { folder }));
  for (let nearest = folder; ; nearest = dirname(nearest)) {
    try {
      if (!(await stat(nearest)).isDirectory())
        return failed(fault('not-a-folder', { folder: nearest }));
      await access(nearest, constants.W_OK | constants.X_OK);
      return ok({ exists: nearest === folder, nearest });
    } catch (error) {
      const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (!isAbsent || nearest === dirname(nearest)) return failed(placeFault(error, folder));
    }
  }
}

/** Makes the folder, if the one above it is there; `false`: there is something of that name already. */
export async function makeFolder(folder: string): Promise<Result<boolean, Fault>> {
  const parent = dirname(folder);
  try {
    await mkdir(folder, { mode: 0o700 });
    await flushFolder(parent);
    return ok(true);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return ok(false);
    // It is the folder above that is missing, or that lets nobody in.
    return failed(placeFault(error, code === 'ENAMETOOLONG' ? folder : parent));
  }
}

/** As for any folder; but where a file is in the way, "it is not there" would help nobody. */
export function placeFault(error: unknown, folder: string): Fault {
  return (error as NodeJS.ErrnoException).code === 'ENOTDIR'
    ? fault('not-a-folder', { folder })
    : folderFault(error, folder);
}

const KEEP_FREE_MOST = 50n * GB;
/** Less than this is no help to anybody. */
const SUGGESTED_LEAST = 100n * MB;

/** What a disk can bear, with about a tenth of it, at most 50 GB, left alone; and half of that as a beginning. */
export function bearable(
  { freeBytes, totalBytes }: { readonly freeBytes: bigint; readonly totalBytes: bigint },
  /** What friends have written there already: it is offered, and no longer free. */
  writtenBytes: bigint,
): {
  readonly mostBytes: bigint;
  readonly suggestedBytes: bigint;
  readonly keepFreeBytes: bigint;
} {
  const tenth = roundDown(totalBytes / 10n);
  const keepFreeBytes = tenth < KEEP_FREE_MOST ? tenth : KEEP_FREE_MOST;
  const spare = freeBytes - keepFreeBytes;
  const mostBytes = writtenBytes + (spare > 0n ? spare : 0n);
  const half = mostBytes / 2n;
  return {
    mostBytes,
    suggestedBytes: half < SUGGESTED_LEAST ? 0n : roundDown(half),
    keepFreeBytes,
  };
}

/** To a figure that a person would say: two digits, the second of them 0 or 5. */
export function roundDown(bytes: bigint): bigint {
  const step = 10n ** BigInt(Math.max(0, `${bytes}`.length - 1));
  const halfStep = step > 1n ? step / 2n : 1n;
  return bytes - (bytes % halfStep);
}
