import type { FileRulesText } from '../../../../shared/model/backup-plan.ts';
import { type BytePath, bytePath, textOf } from './byte-paths.ts';
import type { EstimateJob } from './jobs.ts';
import { showPath } from './paths.ts';
import { type Met, scan } from './scan.ts';
import { createSelection, outermost, type Selection, type Surroundings } from './selection.ts';

/** What a first backup would take and leave out, by the very rules of the backup. */
export type Estimate = {
  readonly files: number;
  readonly bytes: number;
  readonly largest: readonly { readonly path: string; readonly bytes: number }[];
  readonly skipped: {
    readonly excludedFiles: number;
    readonly excludedBytes: number;
    readonly cacheFolders: number;
    readonly tooLargeFiles: number;
    readonly cloudFiles: number;
    readonly unreadable: number;
  };
  readonly rules: FileRulesText;
};

const LARGEST_MAX = 20;

export function estimate(
  { folders, rules, leaveOut }: EstimateJob,
  onProgress: (now: { readonly files: number; readonly bytes: number }) => void,
  surroundings?: Surroundings,
): Estimate {
  const selection = createSelection({ rules, leaveOut }, surroundings);
  const everything = createSelection(
    { rules: { exclude: [], caches: false, maxFileBytes: null }, leaveOut },
    surroundings,
  );
  const chosen = outermost([...new Set(folders)].map(bytePath));
  const counts = { files: 0, bytes: 0 };
  const skipped = {
    excludedFiles: 0,
    excludedBytes: 0,
    cacheFolders: 0,
    tooLargeFiles: 0,
    cloudFiles: 0,
    unreadable: 0,
  };
  const largest = createLargest();
  /** Of the folders that are open: what has been found in them. */
  const sums: number[] = [];

  function meet(met: Met): void {
    if (met.kind === 'entered') {
      sums.push(0);
      if (rules.caches && met.isTaggedCache) skipped.cacheFolders += 1;
    } else if (met.kind === 'left') {
      const bytes = sums.pop() ?? 0;
      if (sums.length > 0) {
        sums.push((sums.pop() ?? 0) + bytes);
        largest.add(met.folder.path, bytes);
      }
    } else if (met.kind === 'unreadable') skipped.unreadable += 1;
    else take(met);
  }

  function take({ entry }: Extract<Met, { kind: 'entry' }>): void {
    const { stat, path, verdict } = entry;
    const bytes = Number(stat.size);
    switch (verdict) {
      case 'take':
        if (!stat.isFile()) return;
        counts.files += 1;
        counts.bytes += bytes;
        sums.push((sums.pop() ?? 0) + bytes);
        largest.add(path, bytes);
        onProgress(counts);
        return;
      case 'excluded':
        if (stat.isDirectory()) countExcluded(everything, path);
        else if (stat.isFile()) {
          skipped.excludedFiles += 1;
          skipped.excludedBytes += bytes;
        }
        return;
      case 'cache':
        skipped.cacheFolders += 1;
        return;
      case 'cloud':
        skipped.cloudFiles += 1;
        return;
      case 'too-large':
        skipped.tooLargeFiles += 1;
        return;
      // Nobody would have expected them in it.
      case 'own':
      case 'loop':
    }
  }

  /** A person wants to know what a pattern saves. */
  function countExcluded(all: Selection, path: BytePath): void {
    for (const met of scan(all, [path])) {
      if (met.kind !== 'entry' || !met.entry.stat.isFile()) continue;
      skipped.excludedFiles += 1;
      skipped.excludedBytes += Number(met.entry.stat.size);
      onProgress(counts);
    }
  }

  for (const met of scan(selection, chosen)) meet(met);
  return { ...counts, largest: largest.list(), skipped, rules };
}

type Sized = { readonly path: BytePath; readonly bytes: number };

/** More than are shown, because folders that only hold another of them are not. */
const CANDIDATES_MAX = 200;
/** A folder that is all but this one thing in it says nothing that the thing does not say. */
const SAYS_THE_SAME = 0.9;

/** The largest of many, in little memory. */
function createLargest(): {
  readonly add: (path: BytePath, bytes: number) => void;
  readonly list: () => Estimate['largest'];
} {
  let kept: Sized[] = [];
  let least = 0;
  const prune = () => {
    kept = kept.sort((one, other) => other.bytes - one.bytes).slice(0, CANDIDATES_MAX);
    if (kept.length === CANDIDATES_MAX) least = kept.at(-1)?.bytes ?? 0;
  };
  return {
    add: (path, bytes) => {
      if (bytes <= least) return;
      kept.push({ path, bytes });
      if (kept.length >= 2 * CANDIDATES_MAX) prune();
    },
    list: () => {
      prune();
      const telling = kept.filter(
        ({ path, bytes }) =>
          !kept.some(
            (other) => other.path.startsWith(`${path}/`) && other.bytes >= bytes * SAYS_THE_SAME,
          ),
      );
      return telling
        .slice(0, LARGEST_MAX)
        .map(({ path, bytes }) => ({ path: showPath(Buffer.from(textOf(path))), bytes }));
    },
  };
}
