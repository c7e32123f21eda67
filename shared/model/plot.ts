import { DAY_S, KIB, MIB } from '../units.ts';

/**
 * What a grant creates: so many bytes promised to one friend until a time.
 *
 *     active ──lease ends──▶ grace ──grace ends──▶ reclaimable ──owner confirms by name──▶ released
 *       │  ◀──renewed──────────┘  ◀──renewed──────────┘                                       │
 *       └──guest or owner lets go──▶ released ◀───────────────────────────────────────────────┘
 *                                       └──bytes are off the disk──▶ gone
 *
 * Every state but `gone` is charged, because the bytes lie on the disk (design §3.4).
 */
export type PlotState = 'active' | 'grace' | 'reclaimable' | 'released' | 'gone';

/** Somebody has let go of it: nothing can be done with it any more, whether or not its bytes are off the disk. */
export function hasEnded(state: PlotState): boolean {
  return state === 'released' || state === 'gone';
}

const HEADROOM_BYTES_MIN = 64n * MIB;

/**
 * The working room beside a plot's size that only locks, keys, indexes and snapshots may use, so
 * that a full repository can still be listed, restored and pruned: 1 %, at least 64 MiB (design §3.4).
 */
export function headroomBytes(sizeBytes: bigint): bigint {
  const onePercent = (sizeBytes + 99n) / 100n;
  return onePercent > HEADROOM_BYTES_MIN ? onePercent : HEADROOM_BYTES_MIN;
}

const OBJECTS_MIN = 20_000n;
const BYTES_PER_OBJECT = 64n * KIB;

/**
 * So many objects a plot may have, those in the trash included: each takes a block of the disk and some hundred bytes of the
 * host's books, however small it is, and what is charged are bytes. A repository's objects have a megabyte or more on the
 * average, and a few small ones come with each backup.
 */
export function objectsMax(sizeBytes: bigint): bigint {
  return OBJECTS_MIN + sizeBytes / BYTES_PER_OBJECT;
}

/** What a plot of this size is charged: its size and its working room. This is what `use` adds up. */
export function promisedBytes(sizeBytes: bigint): bigint {
  return sizeBytes + headroomBytes(sizeBytes);
}

/** What is added to what a plot of `presentBytes` is charged when it grows by `sizeBytes`; undefined: it is a new one. */
export function addedPromise(sizeBytes: bigint, presentBytes: bigint | undefined): bigint {
  if (presentBytes === undefined) return promisedBytes(sizeBytes);
  return promisedBytes(presentBytes + sizeBytes) - promisedBytes(presentBytes);
}

/** The largest size whose promise fits into `roomBytes`; 0n if none does. The inverse of `promisedBytes`. */
export function largestSizeBytes(roomBytes: bigint): bigint {
  if (roomBytes <= HEADROOM_BYTES_MIN) return 0n;
  const underMinimum = roomBytes - HEADROOM_BYTES_MIN;
  if (headroomBytes(underMinimum) === HEADROOM_BYTES_MIN) return underMinimum;
  // size + ⌈size/100⌉ ≤ room  ⇔  size ≤ ⌊100·room/101⌋
  return (100n * roomBytes) / 101n;
}

/** Lease terms of a guaranteed plot (design §3.3, §3.4). Seconds of service time. */
export const GUARANTEED_LEASE_S = 31 * DAY_S;
export const GUARANTEED_GRACE_S = 14 * DAY_S;
export const BORROWED_LEASE_S = 7 * DAY_S;
export const BORROWED_GRACE_S = 2 * DAY_S;
/** A friend's guaranteed plot past its grace is kept at least this long without contact (design §3.4). */
export const ABSENT_BEFORE_RECLAIM_S = 180 * DAY_S;

/** How long a lease of this class runs at most, how long its grace, and when a renewal is worth asking for. */
export function termsOf(plotClass: 'guaranteed' | 'borrowed'): {
  readonly leaseS: number;
  readonly graceS: number;
  readonly renewFromS: number;
} {
  const isLent = plotClass === 'borrowed';
  const leaseS = isLent ? BORROWED_LEASE_S : GUARANTEED_LEASE_S;
  const graceS = isLent ? BORROWED_GRACE_S : GUARANTEED_GRACE_S;
  return { leaseS, graceS, renewFromS: Math.floor(leaseS / 2) };
}

/** The kinds of object in a restic repository; the names of the REST protocol's paths. */
export const objectTypes = ['config', 'keys', 'locks', 'snapshots', 'index', 'data'] as const;
export type ObjectType = (typeof objectTypes)[number];
/** An object's name is the SHA-256 of what is in it, in hexadecimal; `config`, of which there is one, has none. */
export const OBJECT_NAME = /^[0-9a-f]{64}$/;

/**
 * Small sealed things that lie beside a repository, one of each name, replaced as a whole: the writer's manifest, and the
 * address book by which a new machine finds its way (design §5, §6). The host sees bytes.
 */
export const paperNames = ['manifest', 'address-book'] as const;
export type PaperName = (typeof paperNames)[number];
export const PAPER_BYTES_MAX = 4 * 1024 * 1024;
/** Of each paper, what it was before in a protected plot: one a day at least, and never more than these. */
export const PAPER_VERSIONS_MAX = 64;
