import type { RestoreConflict } from '../../../../shared/model/restore-conflict.ts';

/** What lies where something is to come back. */
export type Existing = {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  readonly sizeBytes: number;
  readonly mtimeNs: bigint;
  /** When the system last changed anything of it; nobody can set that. */
  readonly changedNs: bigint;
};

/**
 * - `same`: it is there already.
 * - `compare`: its contents decide; ask again with `sameContents`.
 * - `replace`: the restored one takes its place. `beside`: it gets a name of its own. `keep`: it does not come back.
 */
export type Settlement = 'same' | 'compare' | 'replace' | 'beside' | 'keep';

/** A restored time is right to the microsecond. */
const TIME_TOLERANCE_NS = 2000n;

/** What becomes of a file whose place is taken. Pure. */
export function settleConflict(
  existing: Existing,
  file: { readonly sizeBytes: number; readonly mtimeNs: bigint | undefined },
  conflict: RestoreConflict | undefined,
  sameContents?: boolean,
): Settlement {
  if (existing.kind === 'file' && existing.sizeBytes === file.sizeBytes) {
    // Who wants the backup's version instead may have been robbed of his files by a program that puts times back.
    const isTrusted = conflict !== 'replace' && isSameTime(existing.mtimeNs, file.mtimeNs);
    if (isTrusted || sameContents === true) return 'same';
    if (sameContents === undefined) return 'compare';
  }
  switch (conflict) {
    case 'keep-both':
      return 'beside';
    case 'replace':
      // A folder, or a device, is more than a file's place.
      return existing.kind === 'file' || existing.kind === 'link' ? 'replace' : 'keep';
    case 'newer': {
      const isOlder = file.mtimeNs !== undefined && existing.mtimeNs < file.mtimeNs;
      return isOlder && existing.kind === 'file' ? 'replace' : 'keep';
    }
    default:
      return 'keep';
  }
}

/** What is in memory is on the disk half a minute later, and a clock is seldom further off than that. */
const UNSAVED_NS = 120_000_000_000n;

/** An earlier try of a restore: when it last wrote anything, and when the next one began, if that was before this one. */
export type EarlierTry = { readonly untilNs: bigint; readonly nextNs: bigint | undefined };

/**
 * Whether an earlier try may have written it shortly before the machine lost its power: then it has its name and its time, and
 * perhaps not what was in it. Any of them: one that was cut off as well has not looked at all of what those before it left. Pure.
 */
export function mayBeUnsaved(
  { kind, sizeBytes, mtimeNs, changedNs }: Existing,
  file: { readonly sizeBytes: number; readonly mtimeNs: bigint | undefined },
  tries: readonly EarlierTry[],
): boolean {
  if (kind !== 'file' || sizeBytes > file.sizeBytes || !isSameTime(mtimeNs, file.mtimeNs))
    return false;
  return tries.some(({ untilNs, nextNs }) => {
    const isLater = changedNs >= untilNs - UNSAVED_NS;
    if (nextNs === undefined) return isLater;
    // A clock that lost the time with the power says that the next began before this one ended.
    const endNs = nextNs > untilNs ? nextNs : untilNs;
    return isLater && changedNs <= endNs + UNSAVED_NS;
  });
}

export function isSameTime(one: bigint, other: bigint | undefined): boolean {
  if (other === undefined) return false;
  const apart = one > other ? one - other : other - one;
  return apart <= TIME_TOLERANCE_NS;
}

/** Nanoseconds since 1970 of a time as the repository has it, for instance 2026-11-24T18:03:11.123456789+01:00. */
export function nsOf(text: string | undefined): bigint | undefined {
  const match = /^([^.]*?)(?:\.([0-9]{1,9})[0-9]*)?(Z|[+-][0-9]{2}:[0-9]{2})$/.exec(text ?? '');
  if (match === null) return undefined;
  const ms = Date.parse(`${match[1]}${match[3]}`);
  if (Number.isNaN(ms)) return undefined;
  return BigInt(ms) * 1_000_000n + BigInt((match[2] ?? '').padEnd(9, '0'));
}
