import { lstat, mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Async } from '../../../shared/async.ts';
import { type Fault, fault } from '../../../shared/fault.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import { makeMissing } from '../database/durable-file.ts';
import type { Clock, Randomness } from '../ports.ts';
import type { PickedFile } from './engine/reader-messages.ts';
import { isSameTime, nsOf } from './engine/restore-conflict.ts';
import type { JobControl, JobResult } from './jobs.ts';
import type { BackupReader } from './reading.ts';
import type { BackupSet, SetBook } from './set-book.ts';

/**
 * A drill: a file taken by lot is brought back into a passing folder and compared, byte by byte, with the one on this disk. One
 * that was changed since the backup proves nothing, so one that was not is looked for.
 */
export type Drill = (set: BackupSet, control: JobControl) => Promise<Result<JobResult, Fault>>;

const TRIES = 12;
const PIECE_BYTES = 1024 * 1024;

export function createDrill({
  reader,
  sets,
  folder,
  clock,
  randomness,
}: {
  readonly reader: Pick<BackupReader, 'pick' | 'restore'>;
  readonly sets: Async<Pick<SetBook, 'noteDrilled'>>;
  /** Where something may lie for a while. */
  readonly folder: string;
  readonly clock: Clock;
  readonly randomness: Randomness;
}): Drill {
  // What was tried when the program was killed: a file of the person's, perhaps a large one.
  const swept = rm(folder, { recursive: true, force: true }).catch(() => undefined);

  return async (set, control) => {
    await swept;
    const source = { kind: 'set', set } as const;
    const seed = Buffer.from(randomness.bytes(16)).toString('hex');
    const picked = await reader.pick(source, { seed, count: TRIES });
    if (!picked.ok) return picked;
    const [first] = picked.value;
    if (first === undefined)
      return failed(fault('snapshot-unknown', { set: set.name, snapshot: 'latest' }));
    const unchanged = await firstUnchanged(picked.value);
    const { path, snapshot } = unchanged ?? first;
    await makeMissing(folder);
    const to = await mkdtemp(join(folder, 'drill-'));
    try {
      const wish = {
        snapshot,
        to,
        paths: [path],
        conflict: undefined,
        archive: false,
        journal: undefined,
      };
      const ended = await reader.restore(source, wish, control);
      if (!ended.ok) return ended;
      const [name] = await readdir(to);
      if (name === undefined || ended.value['files'] !== 1 || ended.value['filesFailed'] !== 0)
        return failed(fault('drill-differs', { path }));
      const back = join(to, name);
      const compared = unchanged && (await isSame(back, path));
      // Somebody may have written to it just now; then there is nothing to compare with.
      const stillThere = unchanged !== undefined && (await isUnchanged(unchanged));
      if (compared === false && stillThere) return failed(fault('drill-differs', { path }));
      await sets.noteDrilled({ name: set.name, atMs: clock.nowMs() });
      return ok({
        file: path,
        bytes: `${(await lstat(back)).size}`,
        same: compared === true ? 1 : 0,
      });
    } finally {
      await rm(to, { recursive: true, force: true });
    }
  };
}

async function firstUnchanged(files: readonly PickedFile[]): Promise<PickedFile | undefined> {
  for (const file of files) if (await isUnchanged(file)) return file;
  return undefined;
}

async function isUnchanged({ path, sizeBytes, mtime }: PickedFile): Promise<boolean> {
  try {
    const found = await lstat(path, { bigint: true });
    const isAsLarge = found.isFile() && Number(found.size) === sizeBytes;
    return isAsLarge && isSameTime(found.mtimeNs, nsOf(mtime));
  } catch {
    return false;
  }
}

/** `undefined`: one of them can't be read. */
async function isSame(one: string, other: string): Promise<boolean | undefined> {
  try {
    await using left = await open(one);
    await using right = await open(other);
    const [a, b] = [Buffer.alloc(PIECE_BYTES), Buffer.alloc(PIECE_BYTES)];
    for (;;) {
      const read = await left.read(a, 0, PIECE_BYTES);
      const same = await right.read(b, 0, PIECE_BYTES);
      if (read.bytesRead !== same.bytesRead) return false;
      if (read.bytesRead === 0) return true;
      if (a.compare(b, 0, same.bytesRead, 0, read.bytesRead) !== 0) return false;
    }
  } catch {
    return undefined;
  }
}
