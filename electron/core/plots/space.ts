import { type BigIntStats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { least } from '../../../shared/units.ts';
import { plotsFolder, topFolder } from './volume.ts';

/**
 * Where the space went: every file below the shared folder is looked at once, as `du` does it. What counts is
 * what the file system has set aside (blocks of 512 bytes), and a file with several names counts once, so the
 * sum is what `du -s` says of `<folder>/allotment`. Of that, what files hold counts as data, or as what arrives
 * or leaves; the rest, folders, papers and the ends of last blocks, is overhead.
 */
export type SpaceOnDisk = {
  readonly dataBytes: bigint;
  readonly arrivingBytes: bigint;
  readonly leavingBytes: bigint;
  readonly overheadBytes: bigint;
  /** The sum of these. */
  readonly onDiskBytes: bigint;
};

/** Enough to keep a disk busy, too few to keep anybody else of it away for long. */
const AT_ONCE = 16;

type What = 'data' | 'arriving' | 'leaving' | 'overhead';

export async function walkSpace(
  folder: string,
  {
    stands,
    removals,
  }: {
    /** How a plot stands: `leaving` was let go of and waits to come off the disk; undefined: it is none of ours. */
    readonly stands: (plot: string) => 'living' | 'leaving' | undefined;
    /** Paths of objects that are gone for everybody, and whose files are not yet. */
    readonly removals: ReadonlySet<string>;
  },
): Promise<SpaceOnDisk> {
  const sums = { data: 0n, arriving: 0n, leaving: 0n, overhead: 0n };
  const seen = new Set<string>();

  function count(stats: BigIntStats, what: What): void {
    const id = `${stats.dev}:${stats.ino}`;
    if (seen.has(id)) return;
    // Under several names, or an upload that may have come to its place before we look there: one file all the same.
    if (what === 'arriving' || (stats.nlink > 1n && !stats.isDirectory())) seen.add(id);
    const onDisk = stats.blocks * 512n;
    const held = stats.isFile() && what !== 'overhead' ? least(stats.size, onDisk) : 0n;
    sums[what] += held;
    // Where the file system compresses or leaves holes, a file takes less than it holds; nothing is negative.
    sums.overhead += onDisk - held;
  }

  /** What lies in a folder, in its order; a name that is gone by now is not there. */
  async function walk(path: string, whatIs: (path: string) => What): Promise<void> {
    const own = await look(path);
    if (own === undefined) return;
    count(own, 'overhead');
    const names = await namesIn(path);
    for (let at = 0; at < names.length; at += AT_ONCE) {
      const some = names.slice(at, at + AT_ONCE).map((name) => join(path, name));
      const found = await Promise.all(some.map(look));
      for (const [index, stats] of found.entries()) {
        const below = some[index];
        if (stats === undefined || below === undefined) continue;
        if (stats.isDirectory()) await walk(below, whatIs);
        else count(stats, whatIs(below));
      }
    }
  }

  async function walkPlot(path: string, plot: string): Promise<void> {
    const own = await look(path);
    if (own === undefined) return;
    if (!own.isDirectory()) return count(own, 'overhead');
    const state = stands(plot);
    const inside: What = state === 'living' ? 'data' : (state ?? 'overhead');
    // What arrives is looked at first: once it has arrived it would be found a second time, never not at all.
    const names = (await namesIn(path)).toSorted((one, other) => order(one) - order(other));
    count(own, 'overhead');
    for (const name of names) {
      const below = join(path, name);
      const stats = await look(below);
      if (stats === undefined) continue;
      if (!stats.isDirectory()) count(stats, state === 'leaving' ? 'leaving' : 'overhead');
      else if (name === INCOMING)
        await walk(below, () => (state === 'living' ? 'arriving' : inside));
      else await walk(below, (file) => (removals.has(file) ? 'leaving' : inside));
    }
  }

  const plots = plotsFolder(folder);
  const top = topFolder(folder);
  const own = await look(top);
  if (own !== undefined) count(own, 'overhead');
  for (const name of await namesIn(top)) {
    const path = join(top, name);
    if (path !== plots) await walkOther(path);
  }
  const inside = await look(plots);
  if (inside !== undefined) count(inside, 'overhead');
  for (const name of await namesIn(plots)) await walkPlot(join(plots, name), name);

  /** The marker, and whatever else came to lie there. */
  async function walkOther(path: string): Promise<void> {
    const stats = await look(path);
    if (stats?.isDirectory() === true) await walk(path, () => 'overhead');
    else if (stats !== undefined) count(stats, 'overhead');
  }

  return {
    dataBytes: sums.data,
    arrivingBytes: sums.arriving,
    leavingBytes: sums.leaving,
    overheadBytes: sums.overhead,
    onDiskBytes: sums.data + sums.arriving + sums.leaving + sums.overhead,
  };
}

const INCOMING = 'incoming';

function order(name: string): number {
  return name === INCOMING ? 0 : 1;
}

/** Gone meanwhile; or a folder that somebody else put there and keeps to himself, of which `du` knows no more either. */
const UNSEEN: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM']);

async function look(path: string): Promise<BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if (UNSEEN.has((error as NodeJS.ErrnoException).code)) return undefined;
    throw error;
  }
}

async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (UNSEEN.has((error as NodeJS.ErrnoException).code)) return [];
    throw error;
  }
}
