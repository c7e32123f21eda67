import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/**
 * Whoever is told that his files are back may lose the power a moment later; they were written without a flush, and what a
 * power cut leaves of one looks whole. So before the word the last of them are flushed: older ones have come to the disk by
 * themselves.
 */
export type RecentFiles = {
  readonly note: (path: Buffer) => void;
  readonly all: () => readonly Buffer[];
};

/** A restore takes longer for so many than a system keeps anything in memory alone. */
const RECENT_MAX = 100_000;
/** More than these are flushed with their whole disk where there is a program for it: each by itself takes its time. */
const SINGLY_MAX = 500;
const AT_ONCE = 16;
export const MEANWHILE_BYTES = 64 * 1024 * 1024;
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

export function recentFiles(): RecentFiles {
  let newest: Buffer[] = [];
  return {
    note: (path) => {
      newest.push(path);
      if (newest.length > 2 * RECENT_MAX) newest = newest.slice(-RECENT_MAX);
    },
    all: () => newest.slice(-RECENT_MAX),
  };
}

/** Answers those of which the disk says now that it has not got them. */
export async function flushRestored({
  disk,
  files,
  folders,
  signal,
  progress,
}: {
  /** A folder on the disk with all of them; undefined: they may lie on several. */
  readonly disk: Buffer | undefined;
  readonly files: readonly Buffer[];
  /** That were made, beside those in which the files lie. */
  readonly folders: readonly Buffer[];
  readonly signal: AbortSignal;
  /** How many of how many; of a whole disk nobody knows. */
  readonly progress: (done: number, total: number | null) => void;
}): Promise<readonly { readonly path: Buffer; readonly error: string }[]> {
  const around = foldersAround(files, folders);
  const isMuch = files.length + around.length > SINGLY_MAX;
  if (isMuch && disk !== undefined) {
    progress(0, null);
    if (await flushDisk(disk.toString(), signal)) return [];
  }
  const total = files.length + around.length;
  let done = 0;
  progress(0, total);
  const flush = (paths: readonly Buffer[]) =>
    flushEach(paths, signal, () => {
      done += 1;
      progress(done, total);
    });
  const lost = await flush(files);
  await flush(around);
  return lost;
}

/**
 * While files arrive a disk has little to do, and the system keeps a gigabyte in memory before it begins to write by itself. So the disk
 * is flushed again and again meanwhile, and at the end only the last of them are left: a quarter of a restore's time.
 */
export type FlushMeanwhile = {
  readonly note: (bytes: number) => void;
  /** Resolves when none is under way any more: false if one failed, and the disk may have said of which file it was to nobody. */
  readonly finish: () => Promise<boolean>;
};

export function flushMeanwhile(
  disk: Buffer | undefined,
  signal: AbortSignal,
  flush = flushDisk,
): FlushMeanwhile {
  let unflushed = 0;
  let running: Promise<void> | undefined;
  let isGood = true;
  return {
    note: (bytes) => {
      unflushed += bytes;
      const isDue = unflushed >= MEANWHILE_BYTES && running === undefined;
      if (disk === undefined || !isGood || !isDue) return;
      unflushed = 0;
      running = flush(disk.toString(), signal).then((isFlushed) => {
        isGood = isFlushed;
        running = undefined;
      });
    },
    finish: async () => {
      await running;
      return isGood;
    },
  };
}

export function folderOf(path: Buffer): Buffer {
  return path.subarray(0, path.lastIndexOf(0x2f) + 1);
}

/** Each once, with those in which the files lie. */
function foldersAround(files: readonly Buffer[], folders: readonly Buffer[]): readonly Buffer[] {
  // Windows can't flush folders, and needs none.
  if (process.platform === 'win32') return [];
  const around = [...folders, ...files.map(folderOf)];
  const once = new Map(around.map((path) => [path.toString('latin1').replace(/\/$/, ''), path]));
  return [...once.values()];
}

/** Node knows no call for it. False: there is no such program here, or it does not get there. */
function flushDisk(folder: string, signal: AbortSignal): Promise<boolean> {
  if (process.platform !== 'linux') return Promise.resolve(false);
  return new Promise((resolve) => {
    execFile('sync', ['-f', '--', folder], { signal }, (error) => resolve(error === null));
  });
}

async function flushEach(
  paths: readonly Buffer[],
  signal: AbortSignal,
  onFlushed: () => void,
): Promise<readonly { readonly path: Buffer; readonly error: string }[]> {
  const lost: { readonly path: Buffer; readonly error: string }[] = [];
  const rest = paths.values();
  const work = async () => {
    for (const path of rest) {
      if (signal.aborted) return;
      const error = await flushOne(path);
      if (error !== undefined) lost.push({ path, error });
      onFlushed();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return lost;
}

async function flushOne(path: Buffer): Promise<string | undefined> {
  try {
    // Windows flushes only what may be written to.
    const file = await open(path, process.platform === 'win32' ? 'r+' : READ);
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    return undefined;
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    // Somebody has moved it, or nobody may look into it: what is whole does not become nothing because of that.
    return LOST.has(code) ? code : undefined;
  }
}

/** Nothing but these says that the bytes did not come to the disk. */
const LOST: ReadonlySet<string> = new Set(['EIO', 'ENOSPC', 'EDQUOT']);
