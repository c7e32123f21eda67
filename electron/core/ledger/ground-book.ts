import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import type { AllocateRequest, AnyReason } from '../../../shared/model/allocate.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import type { Ground, GroundKind, Policy } from '../../../shared/model/policy.ts';
import type { Evidence, Facts } from '../../../shared/policy/facts.ts';

/**
 * The books behind a ground whose word does not rest on sizes alone: accounts, notes, vouchers, what is held in
 * return. The ledger knows them by this type only. Everything here runs inside the savepoint of the request,
 * synchronously: what is read is what the decision sees, and what is written is taken back with it.
 */
export type GroundBook = {
  readonly kind: GroundKind;
  /** What the books know, joined with what a witness has gathered before. Called once a decision. */
  readonly evidence: (question: GroundQuestion) => unknown;
  /** The request was granted on this ground, the plot is written down. */
  readonly granted?: ((grant: GroundGrant) => void) | undefined;
  /**
   * It was answered and not granted on this ground, perhaps because it pends, or was a repetition: what was set aside
   * for it elsewhere goes back. Not called for a quote.
   */
  readonly passed?: ((question: GroundQuestion) => void) | undefined;
  readonly renewed?: ((renewal: GroundRenewal) => void) | undefined;
  /** The guest made the plot smaller. */
  readonly resized?:
    | ((change: PlotChange & { readonly promisedBytes: bigint }) => void)
    | undefined;
  /** The first object of data came to lie in the plot. */
  readonly begun?: ((change: PlotChange) => void) | undefined;
  /** The plot was let go of, by whomever. Its bytes may still lie on the disk. */
  readonly ended?: ((change: PlotChange) => void) | undefined;
  /** Bytes that are promised beside all plots: what must be free for whoever comes with a note. */
  readonly outstandingBytes?: (() => bigint) | undefined;
};

export type GroundQuestion = {
  readonly owner: OwnerId;
  /** The request to allocate; undefined: a renewal, or the friend's standing without any request. */
  readonly request: AllocateRequest | undefined;
  /** The plot that grows or is renewed. */
  readonly plot: PlotId | undefined;
  readonly why: readonly AnyReason[];
  /** What a witness has brought; undefined: nobody was asked. Ours, not the friend's. */
  readonly gathered: unknown;
  readonly moment: Moment | undefined;
  /** How anybody else stands here at this moment; for a ground that is charged to a third. */
  readonly standing?: ((owner: OwnerId) => GroundStanding | undefined) | undefined;
};

export type GroundStanding = { readonly policy: Policy; readonly facts: Facts };

export type GroundGrant = {
  readonly owner: OwnerId;
  readonly plot: PlotId;
  /** As it stands in the policy that was decided by. */
  readonly ground: Ground;
  readonly request: AllocateRequest;
  readonly evidence: unknown;
  /** The whole plot afterwards, and what of its promise this grant has added. */
  readonly sizeBytes: bigint;
  readonly promisedBytes: bigint;
  readonly addedBytes: bigint;
  readonly durationS: number;
  readonly untilServiceS: number;
  readonly grows: boolean;
  readonly moment: Moment;
};

export type GroundRenewal = PlotChange & {
  readonly evidence: unknown;
  readonly durationS: number;
  readonly untilServiceS: number;
};

export type PlotChange = {
  readonly owner: OwnerId;
  readonly plot: PlotId;
  readonly moment: Moment;
};

/** What witnesses have gathered for one request, by ground. */
export type Gathered = Readonly<Partial<Record<GroundKind, unknown>>>;

/** All books of grounds as one: what the ledger calls at each turn of a plot's life. */
export type GroundBooks = {
  readonly of: (kind: GroundKind) => GroundBook | undefined;
  readonly evidence: (question: Omit<GroundQuestion, 'gathered'>, gathered: Gathered) => Evidence;
  /** Everything that was decided and did not win. */
  readonly passed: (
    question: Omit<GroundQuestion, 'gathered'>,
    gathered: Gathered,
    winner: GroundKind | undefined,
  ) => void;
  readonly outstandingBytes: () => bigint;
};

export function groundBooks(books: readonly GroundBook[]): GroundBooks {
  const byKind = new Map(books.map((book) => [book.kind, book]));
  const issuers = books.flatMap(({ outstandingBytes }) => outstandingBytes ?? []);
  return {
    of: (kind) => byKind.get(kind),
    evidence: (question, gathered) => {
      const evidence: Record<string, unknown> = {};
      for (const book of books)
        evidence[book.kind] = book.evidence({ ...question, gathered: gathered[book.kind] });
      return evidence;
    },
    passed: (question, gathered, winner) => {
      for (const book of books)
        if (book.kind !== winner) book.passed?.({ ...question, gathered: gathered[book.kind] });
    },
    outstandingBytes: () => issuers.reduce((sum, outstanding) => sum + outstanding(), 0n),
  };
}
