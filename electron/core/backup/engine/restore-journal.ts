import {
  appendFileSync,
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { hash, randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { EarlierTry } from './restore-conflict.ts';

/**
 * What a restore that is cut off must know when it goes on: which folders it has made (their rights and
 * times are set at the very end), and under which passing names it was writing. Which files are done needs no
 * book: a file gets its name when it is whole, with its size and its time.
 */
export type RestoreJournal = {
  /** Part of every passing name, the same each time this restore goes on. */
  readonly tag: string;
  readonly isResumed: boolean;
  /** All that wrote anything. */
  readonly tries: readonly EarlierTry[];
  /** Somebody can go on with it: half a file is worth keeping. */
  readonly isKept: boolean;
  /** Folders that an earlier try has made, by their bytes as latin1. */
  readonly folders: ReadonlySet<string>;
  /** Before it is made: a folder that nobody knows to be ours would keep passing rights. */
  readonly noteFolder: (path: Buffer) => void;
  readonly noteTemporary: (paths: readonly Buffer[]) => void;
  /** None of the passing names that were noted is in use any more. */
  readonly settled: () => void;
  readonly close: () => void;
};

const TAG_BYTES = 6;
const TRY = 'try';
/** A folder that was made a second ago has itself seldom come to the disk. */
const FLUSH_MS = 1000;

export function openJournal(file: string | undefined): RestoreJournal {
  return file === undefined ? withoutFile() : naming(file, () => openAt(file));
}

/** These notes may lie on another disk than what comes back: which of them is full must be known. */
function naming<T>(file: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw Object.assign(error as NodeJS.ErrnoException, { path: file });
  }
}

function openAt(file: string): RestoreJournal {
  const before = readLines(file);
  const known = /^allotment restore 1 ([0-9a-f]{12})$/.exec(before[0] ?? '')?.[1];
  const tag = known ?? randomBytes(TAG_BYTES).toString('hex');
  // A last line without its end was cut off; what follows must begin anew.
  if (known === undefined) begin(file, tag);
  else appendFileSync(file, '\n');
  const tries = triesIn(before);
  if (known !== undefined) {
    const untilNs = changedNs(temporariesOf(file));
    const nowNs = BigInt(Date.now()) * 1_000_000n;
    // Before this try writes anything: then only this line knows.
    if (tries.at(-1)?.untilNs !== untilNs) keepLine(file, 'a', `${TRY} ${untilNs} ${nowNs}`);
    tries.push({ untilNs, nextNs: undefined });
  }
  const folders = openSync(file, 'a', 0o600);
  const temporaries = openSync(temporariesOf(file), 'a', 0o600);
  let flushedMs = -Infinity;
  let isFlushed = true;

  function flushSometimes(): void {
    const nowMs = performance.now();
    if (isFlushed || nowMs - flushedMs < FLUSH_MS) return;
    flushedMs = nowMs;
    isFlushed = true;
    fdatasyncSync(folders);
  }

  return {
    tag,
    isResumed: known !== undefined,
    tries,
    isKept: true,
    folders: new Set(
      before
        .slice(1)
        .filter((line) => !line.startsWith(`${TRY} `))
        .map((line) => Buffer.from(line, 'base64').toString('latin1')),
    ),
    noteFolder: (path) =>
      naming(file, () => {
        writeSync(folders, `${path.toString('base64')}\n`);
        isFlushed = false;
        flushSometimes();
      }),
    noteTemporary: (paths) =>
      naming(file, () => {
        writeSync(temporaries, paths.map((path) => `${path.toString('base64')}\n`).join(''));
        // After the last folder come its files, perhaps for hours.
        flushSometimes();
      }),
    settled: () => ftruncateSync(temporaries),
    close: () => {
      closeSync(folders);
      closeSync(temporaries);
    },
  };
}

/** What earlier tries before the last one have noted of each other; no folder's line has a blank in it. */
function triesIn(lines: readonly string[]): EarlierTry[] {
  return lines.flatMap((line) => {
    const [, until, next] = /^try (-?[0-9]+) ([0-9]+)$/.exec(line) ?? [];
    return until === undefined || next === undefined
      ? []
      : [{ untilNs: BigInt(until), nextNs: BigInt(next) }];
  });
}

/** Before anything is written: without it, what a power cut left of a file would be taken for one that was there before. */
function begin(file: string, tag: string): void {
  keepLine(file, 'w', `allotment restore 1 ${tag}`);
  flushFolderNow(dirname(file));
}

function keepLine(file: string, flags: 'a' | 'w', line: string): void {
  const descriptor = openSync(file, flags, 0o600);
  try {
    writeSync(descriptor, `${line}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** What has got its name there keeps it when the power goes. */
export function flushFolderNow(folder: string): void {
  // Windows can't, and needs none.
  if (process.platform === 'win32') return;
  let descriptor: number | undefined;
  try {
    descriptor = openSync(folder, 'r');
    fsyncSync(descriptor);
  } catch (error) {
    // What is whole there does not become nothing because nobody can make sure of it.
    if (!CANT_FLUSH.has((error as NodeJS.ErrnoException).code)) throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** A folder that may not be read, or a file system that flushes no folders. */
const CANT_FLUSH: ReadonlySet<unknown> = new Set(['EACCES', 'EPERM', 'EINVAL', 'ENOTSUP']);

/** A restore that nobody can take up again. */
function withoutFile(): RestoreJournal {
  return {
    tag: randomBytes(TAG_BYTES).toString('hex'),
    isResumed: false,
    tries: [],
    isKept: false,
    folders: new Set(),
    noteFolder: () => undefined,
    noteTemporary: () => undefined,
    settled: () => undefined,
    close: () => undefined,
  };
}

function changedNs(file: string): bigint {
  return lstatSync(file, { bigint: true, throwIfNoEntry: false })?.mtimeNs ?? 0n;
}

/** The restore is over: its notes go, and whatever it was writing when it was cut off. */
export function removeJournal(file: string): void {
  const tag = /^allotment restore 1 ([0-9a-f]{12})$/.exec(readLines(file)[0] ?? '')?.[1];
  if (tag !== undefined) {
    const isOwn = temporaryPattern(tag);
    for (const line of readLines(temporariesOf(file))) {
      const path = Buffer.from(line, 'base64');
      if (isOwn.test(path.toString('latin1'))) removeQuietly(path);
    }
  }
  rmSync(file, { force: true });
  rmSync(temporariesOf(file), { force: true });
}

function removeQuietly(path: Buffer): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // A folder in which nothing can be removed any more.
  }
}

/** Where an archive is written until it is whole: what a crash has left of an earlier one is written over. */
export function archivePartOf(path: string): string {
  const number = hash('sha256', path, 'hex').slice(0, 16);
  return join(dirname(path), temporaryName('archive', number).toString());
}

/** An archive is made in one go: half of one is of no use to anybody. */
export function removeArchivePart(path: string): void {
  removeQuietly(Buffer.from(archivePartOf(path)));
}

/** Where a file is written until it is whole: beside its place. */
export function temporaryName(tag: string, number: string): Buffer {
  return Buffer.from(`.allotment-${tag}-${number}.part`);
}

function temporaryPattern(tag: string): RegExp {
  return new RegExp(`/\\.allotment-${tag}-[0-9a-f]+\\.part$`);
}

function temporariesOf(file: string): string {
  return `${file}-now`;
}

function readLines(file: string): readonly string[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'latin1').split('\n');
  // What comes after the last end of a line was cut off.
  return lines.slice(0, -1).filter((line) => line !== '');
}
