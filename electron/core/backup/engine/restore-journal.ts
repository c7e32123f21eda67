import {
  appendFileSync,
  closeSync,
  existsSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';

/**
 * What a restore that is cut off must know when it goes on: which folders it has made (their rights and
 * times are set at the very end), and under which passing names it was writing. Which files are done needs no
 * book: a file gets its name when it is whole, with its size and its time.
 */
export type RestoreJournal = {
  /** Part of every passing name, the same each time this restore goes on. */
  readonly tag: string;
  readonly isResumed: boolean;
  /** When an earlier try last wrote anything; undefined: there was none. */
  readonly untilNs: bigint | undefined;
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

export function openJournal(file: string | undefined): RestoreJournal {
  if (file === undefined) return withoutFile();
  const before = readLines(file);
  const known = /^allotment restore 1 ([0-9a-f]{12})$/.exec(before[0] ?? '')?.[1];
  const tag = known ?? randomBytes(TAG_BYTES).toString('hex');
  // A last line without its end was cut off; what follows must begin anew.
  if (known === undefined) writeFileSync(file, `allotment restore 1 ${tag}\n`, { mode: 0o600 });
  else appendFileSync(file, '\n');
  const folders = openSync(file, 'a', 0o600);
  const untilNs = known === undefined ? undefined : changedNs(temporariesOf(file));
  const temporaries = openSync(temporariesOf(file), 'a', 0o600);
  return {
    tag,
    isResumed: known !== undefined,
    untilNs,
    isKept: true,
    folders: new Set(before.slice(1).map((line) => Buffer.from(line, 'base64').toString('latin1'))),
    noteFolder: (path) => void writeSync(folders, `${path.toString('base64')}\n`),
    noteTemporary: (paths) =>
      void writeSync(temporaries, paths.map((path) => `${path.toString('base64')}\n`).join('')),
    settled: () => ftruncateSync(temporaries),
    close: () => {
      closeSync(folders);
      closeSync(temporaries);
    },
  };
}

/** A restore that nobody can take up again. */
function withoutFile(): RestoreJournal {
  return {
    tag: randomBytes(TAG_BYTES).toString('hex'),
    isResumed: false,
    untilNs: undefined,
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
