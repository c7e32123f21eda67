import type { AnyReason, PlotClass } from '../model/allocate.ts';

/** What is known for each ground beyond sizes, by its kind; only the ground itself knows what it says. */
export type Evidence = Readonly<Record<string, unknown>>;

/**
 * What a decision rests on: plain values, gathered before and read again inside the commit. Sizes
 * are aggregates, never lists, so that deciding costs the same for ten friends and ten thousand.
 */
export type Facts = {
  /** The owner's switch, per friend. A blocked friend keeps reading what he has. */
  readonly blocked: boolean;
  /** The owner has said when this friendship ends: nothing new until then, what is here stays. */
  readonly leaving: boolean;
  /** The owner wants to be left alone for a while: nothing new for anybody. */
  readonly paused: boolean;
  /** Bytes offered; `undefined` until the owner has offered any. */
  readonly offerBytes: bigint | undefined;
  /** False while the drive with the marker file is not there. */
  readonly volumePresent: boolean;
  /** C: what can be promised in all: min(offer, written + max(0, free − keepFree)). */
  readonly capacityBytes: bigint;
  /** Everything charged, of all friends, present and departed, under every ground. */
  readonly promisedBytes: bigint;
  /** Everything charged to this friend. */
  readonly useBytes: bigint;
  /** What of it is lent. */
  readonly lentBytes: bigint;
  /** What of it others have because this friend vouched for them; absent: nothing. */
  readonly vouchedBytes?: bigint | undefined;
  /** What of it is charged under each ground, by its kind. */
  readonly useByGround: Readonly<Record<string, bigint | undefined>>;
  /** F: what fair sharing may divide: C less everything promised otherwise (design §3.3). */
  readonly fairBytes: bigint;
  /** Σw over friends who share fairly; a multiple of ½ like each of them. */
  readonly weightSum: number;
  /** Of F, what nobody was promised under fair sharing: what could be lent. */
  readonly lendableBytes: bigint;
  /** What is lent to others: it comes back when their leases end. */
  readonly othersLentBytes: bigint;
  /**
   * What others stand in line for ahead of this request, each no more than a share of his own: room that
   * comes back is theirs first, and nothing is lent meanwhile (design §3.3).
   */
  readonly lineBytes: bigint;
  /** This friend stands in line himself: while anybody does, nothing is lent, to him neither. */
  readonly standsInLine: boolean;
  /** Minutes since midnight at the host's; undefined: not known, and no hour is quiet. */
  readonly minuteOfDay: number | undefined;
  /** The owner has said yes to this very request. */
  readonly approved: boolean;
  /** The least promise to which the owner has said no lately; absent: none. */
  readonly refusedBytes?: bigint | undefined;
  /** The owner ends with notice what is over this friend's share: nothing of it grows meanwhile. */
  readonly isEnding?: boolean | undefined;
  /** This friend's plots that are still charged. */
  readonly plots: number;
  /** Bytes promised beside all plots, to whoever comes with a note (design §3.6). */
  readonly outstandingBytes: bigint;
  /** Gathered before, read again inside the commit. */
  readonly evidence: Evidence;
};

/** A request for room, stripped of what only the transport needs. */
export type Ask = {
  readonly sizeBytes: bigint;
  /** Least size worth having; equal to `sizeBytes` when the client takes it or leaves it. */
  readonly minSizeBytes: bigint;
  readonly wantS: number;
  readonly minS: number;
  readonly accept: PlotClass;
  readonly why: readonly AnyReason[];
  /** The plot that grows, with its present size and the ground it stands on. */
  readonly grows?: {
    readonly sizeBytes: bigint;
    readonly ground: string;
    readonly class: PlotClass;
  };
};
