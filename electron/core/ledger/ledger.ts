import type { DenialCode } from '../../../shared/denial.ts';
import type { OwnerId, PlotId, TicketId } from '../../../shared/ids.ts';
import type {
  AllocateRequest,
  Answer,
  PlotClass,
  RenewRequest,
  ResizeRequest,
  ShareState,
  Step,
} from '../../../shared/model/allocate.ts';
import type { DecisionKind, DecisionOutcome } from '../../../shared/model/decision-kinds.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import type { ObjectType, PlotState } from '../../../shared/model/plot.ts';
import type { GroundKind, Policy } from '../../../shared/model/policy.ts';
import type { Result } from '../../../shared/result.ts';
import type {
  Delegated,
  Errand,
  KeepOnlyRequest,
  KeptOnly,
  RenewedMany,
  RenewManyRequest,
} from '../../../shared/wire/upkeep.ts';
import type { DamageBook, PaperBook, TrashBook } from './beside-objects.ts';
import type { Gathered } from './ground-book.ts';
import type { UseBook } from './use-book.ts';

/**
 * The ledger: who has been promised what, what of it is written, and every decision that led there.
 * Its methods are synchronous and run one after the other in a worker thread; the rest of the core
 * holds an `Async<Ledger>`, whose every answer has been committed to the disk before it arrives.
 *
 * Life of an upload (two-phase, design §4):
 *
 *     reserve ──file is durable under its name──▶ post
 *        └────refused, broken off, beyond its length──▶ void      (after a crash: recover)
 *
 * Life of a removal:  remove ──file is off the disk──▶ removed    (after a crash: recover)
 */
export type Ledger = DecisionBook &
  UploadBook &
  TrashBook &
  DamageBook &
  PaperBook &
  PlotBook &
  PolicyBook &
  PreviewBook &
  UpkeepBook &
  UseBook;

/** What one asks about the disk before deciding. */
export type DiskFacts = {
  /** False while the volume's marker file is missing. */
  readonly volumePresent: boolean;
  /** Free bytes on the offer's volume; 0n while it is missing. */
  readonly freeBytes: bigint;
};

/** An answer with the HTTP status that carries it. */
export type Reply = { readonly status: number; readonly answer: Answer };

/** A mutating call of a friend: the hash of the raw body tells a repetition from a reuse of its id. */
type Call<R> = {
  readonly owner: OwnerId;
  readonly request: R;
  /** SHA-256 of the raw body. */
  readonly bodyHash: Uint8Array;
  readonly moment: Moment;
  /** What witnesses have gathered for it (`witnesses.ts`). */
  readonly gathered?: Gathered | undefined;
};

export type DecisionBook = {
  /** Decides and, if the answer is yes, promises; both in one transaction. */
  readonly allocate: (call: Call<AllocateRequest> & { readonly disk: DiskFacts }) => Reply;
  /** What `allocate` would answer now, and by which steps. Changes nothing. */
  readonly quote: (
    call: Omit<Call<AllocateRequest>, 'bodyHash'> & { readonly disk: DiskFacts },
  ) => Reply & { readonly steps: readonly Step[] };
  /**
   * Asks again about a request that pends: it is decided anew, and what comes out is answered as if it had
   * been asked just now.
   */
  readonly poll: (call: {
    readonly owner: OwnerId;
    readonly ticket: TicketId;
    readonly moment: Moment;
    readonly disk: DiskFacts;
    readonly gathered?: Gathered | undefined;
  }) => Reply;
  /** What this friend has asked under that ticket, so that witnesses can be asked about it. */
  readonly asked: (call: {
    readonly owner: OwnerId;
    readonly ticket: TicketId;
  }) => AllocateRequest | undefined;
  /** The friend wants it no longer; a no of the owner's that he has not heard yet holds all the same. Repeating it is harmless. */
  readonly withdraw: (call: {
    readonly owner: OwnerId;
    readonly ticket: TicketId;
    readonly moment: Moment;
  }) => void;
  /** Requests that wait for room or for the owner's word, oldest first. */
  readonly waiting: () => readonly WaitingRow[];
  /** What the owner says to one that waits for his word; the friend hears it when he asks. */
  readonly answerWaiting: (call: {
    readonly ticket: TicketId;
    readonly approved: boolean;
  }) => Result<undefined, 'ticket-unknown'>;
  readonly renew: (
    call: Call<RenewRequest> & { readonly plot: PlotId; readonly disk: DiskFacts },
  ) => Reply;
  /** Down to what is written; growth is a new `allocate`. */
  readonly resize: (
    call: Call<ResizeRequest> & { readonly plot: PlotId; readonly disk: DiskFacts },
  ) => Reply;
  /**
   * Lets go of a plot. Repeating it is harmless. Its bytes are charged until they are off the disk. One that is protected
   * goes only after as many days, and can be kept after all until then.
   */
  readonly release: (call: {
    readonly owner: OwnerId;
    readonly plot: PlotId;
    readonly moment: Moment;
  }) => Result<
    { readonly state: PlotState; readonly leavesInS: number | undefined },
    'plot-unknown'
  >;
  readonly share: (call: {
    readonly owner: OwnerId;
    readonly disk: DiskFacts;
    /** With it the answer says when what is over the share ends, if it does. */
    readonly moment?: Moment | undefined;
  }) => ShareState;
  /** The log of decisions, newest first. */
  readonly decisions: (query: DecisionQuery) => readonly DecisionRow[];
};

export type WaitingRow = {
  readonly ticket: TicketId;
  readonly owner: OwnerId;
  readonly why: 'queue' | 'owner-approval';
  readonly sinceMs: number;
  readonly requestedBytes: bigint;
  readonly requestedS: number;
  /** `borrowed`: a loan will do. */
  readonly accept: PlotClass;
  readonly purpose: string | undefined;
  /** What the owner said already; the friend has not asked since. */
  readonly approved: boolean | undefined;
};

/** What is not named is not asked for. */
export type DecisionQuery = {
  readonly owner?: OwnerId | undefined;
  readonly kinds?: readonly DecisionKind[] | undefined;
  readonly outcomes?: readonly DecisionOutcome[] | undefined;
  /** Both inclusive. */
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  /** The last number of the page before this one; absent: from the newest. */
  readonly before?: number | undefined;
  /** 1 … 200. */
  readonly limit: number;
};

export type DecisionRow = {
  readonly number: number;
  readonly atMs: number;
  readonly owner: OwnerId;
  readonly kind: DecisionKind;
  readonly outcome: DecisionOutcome;
  readonly code: DenialCode | undefined;
  readonly plot: PlotId | undefined;
  readonly ground: GroundKind | undefined;
  readonly requestedBytes: bigint | undefined;
  readonly requestedS: number | undefined;
  /** The request's untrusted words. */
  readonly purpose: string | undefined;
  /** By how much the total of promises changed. Adding these up gives the total. */
  readonly promisedDeltaBytes: bigint;
  readonly params: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
};

export type ObjectKey = { readonly plot: PlotId; readonly type: ObjectType; readonly name: string };

export type ReserveFault =
  | { readonly code: 'plot-unknown' | 'plot-ended' | 'in-grace' | 'paused' }
  /** The object is there already; an identical upload has nothing to do. */
  | { readonly code: 'exists'; readonly sizeBytes: bigint }
  /** With what of it lies in the trash: that comes free by itself. */
  | {
      readonly code: 'plot-full';
      readonly freeBytes: bigint;
      readonly trashBytes: bigint;
    };

export type PendingUpload = ObjectKey & {
  readonly reservation: number;
  readonly sizeBytes: bigint;
};
export type PendingRemoval = ObjectKey & { readonly sizeBytes: bigint };

export type UploadBook = {
  /** Sets bytes aside for one object before its first byte is read: never is more written or set aside than was promised. `config` has the name ''. */
  readonly reserve: (
    call: ObjectKey & {
      readonly owner: OwnerId;
      readonly sizeBytes: bigint;
      readonly moment: Moment;
    },
  ) => Result<{ readonly reservation: number }, ReserveFault>;
  /** The file is durable under its name. `false`: somebody else's upload of the same object came first. */
  readonly post: (call: { readonly reservation: number; readonly moment: Moment }) => boolean;
  readonly void: (call: { readonly reservation: number; readonly moment: Moment }) => void;
  /**
   * First half of a removal: from here on the object is not there for anybody. `isKept`: it lies in the trash of a protected
   * plot, and its file stays; there is no second half until its time is over.
   */
  readonly remove: (
    call: ObjectKey & { readonly owner: OwnerId; readonly moment: Moment },
  ) => Result<
    { readonly sizeBytes: bigint; readonly isKept: boolean },
    { readonly code: 'plot-unknown' | 'object-unknown' | 'plot-ended' }
  >;
  /** Second half: the file is off the disk, its bytes are free. */
  readonly removed: (call: ObjectKey & { readonly moment: Moment }) => void;
  readonly object: (key: ObjectKey) => { readonly sizeBytes: bigint } | undefined;
  /** Objects of one type in order of their names, `after` exclusive; at most `limit` (≤ 10,000). */
  readonly objects: (query: {
    readonly plot: PlotId;
    readonly type: ObjectType;
    readonly after?: string | undefined;
    readonly limit: number;
  }) => readonly { readonly name: string; readonly sizeBytes: bigint }[];
  /** What a crash left half done; settled by looking at the disk, then `post`/`void`/`removed`. */
  readonly unsettled: () => {
    readonly uploads: readonly PendingUpload[];
    readonly removals: readonly PendingRemoval[];
  };
  /** Puts the ledger right where the disk says otherwise; `undefined`: the file is missing. */
  readonly correct: (
    call: ObjectKey & { readonly sizeBytes: bigint | undefined; readonly moment: Moment },
  ) => void;
};

export type PlotRow = {
  readonly plot: PlotId;
  readonly owner: OwnerId;
  readonly ground: GroundKind;
  readonly class: PlotClass;
  readonly state: PlotState;
  readonly sizeBytes: bigint;
  /** Size and working room: what is charged. */
  readonly promisedBytes: bigint;
  readonly writtenBytes: bigint;
  readonly reservedBytes: bigint;
  readonly fromMs: number;
  /** Seconds of service time left until the lease ends; negative afterwards. */
  readonly leftS: number;
  readonly graceS: number;
  readonly renewals: number;
  readonly purpose: string | undefined;
  /** Objects that the disk lost and that their guest has neither sent again nor given up. */
  readonly missingObjects: number;
  /** It goes in so many seconds of service time: its guest's list does not name it, or he let go of it while it was protected. */
  readonly leavesInS: number | undefined;
  /** So many days of service time stays what its guest deletes; 0: not protected. */
  readonly protectDays: number;
  /** A lower protection that was asked for. */
  readonly falls: { readonly toDays: number; readonly inS: number } | undefined;
  /** A smaller size that was asked for while it was protected. */
  readonly shrinks: { readonly toBytes: bigint; readonly inS: number } | undefined;
  /** Deleted and kept; part of what is written. */
  readonly trashBytes: bigint;
  /** What papers were before they were replaced, and is kept; part of what is written too. */
  readonly keptPaperBytes: bigint;
};

export type PlotBook = {
  readonly plot: (call: { readonly plot: PlotId; readonly moment: Moment }) => PlotRow | undefined;
  /** The plot that comes after another in the order of their grants; the first one after the last, or after none. */
  readonly nextPlot: (call: {
    readonly after: PlotId | undefined;
    readonly moment: Moment;
  }) => PlotRow | undefined;
  /** Every plot that is not gone; of one friend or of all. */
  readonly plots: (call: {
    readonly owner?: OwnerId | undefined;
    readonly moment: Moment;
  }) => readonly PlotRow[];
  /**
   * Once a minute: active → grace → reclaimable by service time, old answers dropped, and the service
   * clock written down. Returns released plots whose bytes are to be taken off the disk.
   */
  readonly sweep: (call: {
    readonly moment: Moment;
    /**
     * Lent plots whose time is over may go if somebody wants the room, which depends on the disk; absent:
     * none may, as in the first hour after a start.
     */
    readonly mayEndOn?: DiskFacts | undefined;
    /** What the disk bears: shares follow it in steps. Absent: they stay. */
    readonly disk?: DiskFacts | undefined;
  }) => { readonly toErase: readonly PlotId[] };
  /** Forgets a part of what lay in a released plot; false: what is left `erased` forgets. */
  readonly forgetSome: (call: { readonly plot: PlotId }) => boolean;
  /** Its bytes are off the disk: released → gone. */
  readonly erased: (call: { readonly plot: PlotId; readonly moment: Moment }) => void;
  /**
   * The owner confirms by name that a friend's long expired plot may go (design §3.4): only when
   * reclaimable, after 180 days without contact, and when its room was wanted.
   */
  readonly reclaim: (call: {
    readonly plot: PlotId;
    readonly name: string;
    readonly moment: Moment;
  }) => Result<
    undefined,
    'plot-unknown' | 'not-reclaimable' | 'seen-lately' | 'room-not-wanted' | 'wrong-name'
  >;
  /**
   * A friendship ends: every plot of this friend is let go, and what was set for him is forgotten, so
   * that he would begin anew. Repeating it is harmless.
   */
  readonly endAll: (call: { readonly owner: OwnerId; readonly moment: Moment }) => void;
  /** A plot found on the disk that the ledger does not know gets a starter lease (design §3.4). */
  readonly adopt: (call: {
    readonly plot: PlotId;
    readonly owner: OwnerId;
    readonly ground: GroundKind;
    readonly class: PlotClass;
    readonly sizeBytes: bigint;
    readonly protectDays?: number | undefined;
    readonly moment: Moment;
  }) => void;
  /**
   * Every plot that lives has at least a starter lease from now on, whatever these books say of the one it had; and no
   * notice counts that a friend was given.
   */
  readonly leaseAnew: (call: { readonly moment: Moment }) => void;
  /** The service time written down last, in seconds. */
  readonly serviceS: () => number;
};

export type Offer = {
  readonly folder: string;
  readonly offerBytes: bigint;
  readonly keepFreeBytes: bigint;
  /** Random id in the volume's marker file: a missing marker means an unplugged volume. */
  readonly volume: string;
};

/** Nothing new for anybody until then; whoever set it lifts it (`core/pause.ts`). By the wall clock. */
export type Pause = { readonly sinceMs: number; readonly untilMs: number };

export type Totals = {
  readonly capacityBytes: bigint;
  readonly promisedBytes: bigint;
  readonly writtenBytes: bigint;
  readonly weightSum: number;
  /** F: what fair sharing divides. It follows the disk in steps of a hundredth (`shared/policy/steady.ts`). */
  readonly fairBytes: bigint;
  /** The same by what the disk bears at this very moment. */
  readonly presentFairBytes: bigint;
  /** Of what is promised, what fair sharing has promised to those who share. */
  readonly fairPromisedBytes: bigint;
  /** What is lent, to whomever. */
  readonly lentBytes: bigint;
  /** Promised beside all plots, to whoever comes with a note. */
  readonly outstandingBytes: bigint;
  /** What friends stand in line for: room that is free, or comes back, is theirs first. */
  readonly lineBytes: bigint;
};

/** Whose policy: one friend's; the default one, which friends without their own have; or that of all who are no friends. */
export type PolicyOf = OwnerId | 'guests' | undefined;

export type PolicyBook = {
  readonly offer: () => Offer | undefined;
  readonly setOffer: (offer: Offer) => void;
  readonly policy: (call: { readonly owner: PolicyOf }) => {
    readonly policy: Policy;
    readonly own: boolean;
  };
  readonly setPolicy: (call: {
    readonly owner: PolicyOf;
    readonly policy: Policy | undefined;
  }) => Result<undefined, 'friend-unknown'>;
  /** Whether the accounts that this owner keeps count here, by the default policy; refused, nothing has changed. */
  readonly honour: (call: {
    readonly keeper: OwnerId;
    readonly honoured: boolean;
  }) => Result<undefined, 'too-many-keepers'>;
  readonly totals: (call: { readonly disk: DiskFacts }) => Totals;
  readonly pause: () => Pause | undefined;
  readonly setPause: (pause: Pause | undefined) => void;
};

/** Looking after plots many at a time, for others, and in view of everybody's share (design §3.3, §3.4). */
export type UpkeepBook = {
  /**
   * Each as `renew` would, a few in one transaction; a repetition is about the same plots. As long as there is a
   * `next`, the same is called again from there.
   */
  readonly renewMany: (
    call: Call<RenewManyRequest> & { readonly disk: DiskFacts; readonly from?: number },
  ) => Reply | { readonly renewed: RenewedMany; readonly next: number | undefined };
  /** Everything that the newest list does not name goes after a week, unless a newer one names it. */
  readonly keepOnly: (call: Call<KeepOnlyRequest>) => Reply | { readonly kept: KeptOnly };
  /** Whom a plot's owner lets renew it besides himself; for no time at all: no longer. */
  readonly delegate: (call: {
    readonly owner: OwnerId;
    readonly plot: PlotId;
    readonly to: OwnerId;
    readonly forS: number;
    readonly moment: Moment;
  }) => Result<Delegated, 'plot-unknown' | 'plot-ended' | 'too-many'>;
  readonly delegates: (call: {
    readonly owner: OwnerId;
    readonly plot: PlotId;
    readonly moment: Moment;
  }) => Result<Delegated, 'plot-unknown'>;
  /** What this friend may renew for others. */
  readonly errands: (call: {
    readonly owner: OwnerId;
    readonly moment: Moment;
  }) => readonly Errand[];
  /** Who holds more guaranteed than his share. */
  readonly overShare: (call: {
    readonly disk: DiskFacts;
    readonly moment: Moment;
  }) => readonly OverShareRow[];
  readonly askLess: (call: { readonly owner: OwnerId; readonly moment: Moment }) => void;
  /**
   * Nothing over the share, as large as it is now, is renewed beyond so many seconds of service time; undefined: it
   * goes on.
   */
  readonly endOver: (call: {
    readonly owner: OwnerId;
    readonly inS: number | undefined;
    readonly moment: Moment;
    readonly disk: DiskFacts;
  }) => void;
};

export type OverShareRow = {
  readonly owner: OwnerId;
  /** Guaranteed, under fair sharing. */
  readonly useBytes: bigint;
  readonly shareBytes: bigint;
  readonly askedMs: number | undefined;
  readonly endsInS: number | undefined;
};

export type PreviewBook = {
  /**
   * What every present friend would have with another offer, or with another policy of one of them
   * (`undefined` owner: the default; `null`: back to the default). Changes nothing.
   */
  readonly preview: (call: {
    readonly owner: OwnerId | undefined;
    readonly policy: Policy | null | undefined;
    readonly offerBytes: bigint | undefined;
    readonly disk: DiskFacts;
  }) => readonly PreviewRow[];
};

export type PreviewRow = {
  readonly owner: OwnerId;
  readonly promisedBytes: bigint;
  readonly shareBytes: bigint | undefined;
  readonly mayAskBytes: bigint;
  readonly presentShareBytes: bigint | undefined;
  /** Of what is promised, what is lent; and what would be lent then, where anything is. */
  readonly lentBytes: bigint;
  readonly mayBorrowBytes: bigint;
};
