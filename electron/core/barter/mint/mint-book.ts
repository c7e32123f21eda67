import type { DenialCode } from '../../../../shared/denial.ts';
import type { OwnerId, PlotId, RequestId } from '../../../../shared/ids.ts';
import type { Moment } from '../../../../shared/model/moment.ts';
import type { Result } from '../../../../shared/result.ts';
import type { Blank, Claim, Evaluations, Keyset } from '../../../../shared/wire/mint.ts';
import type { DiskFacts } from '../../ledger/ledger.ts';

/**
 * What this device has issued and what came back (design §3.6). Every method runs inside a transaction of the
 * books; the mathematics, which takes milliseconds a note, is done outside (`mint.ts`).
 */
export type MintBook = {
  /** What a friend is shown: the keys that notes are made with, and what he may fetch. */
  readonly shown: (call: { readonly owner: OwnerId; readonly moment: Moment }) => {
    readonly keysets: readonly Keyset[];
    readonly claims: readonly Claim[];
  };
  /** The secret halves of what still counts. */
  readonly keys: (call: { readonly moment: Moment }) => readonly MintKey[];
  /**
   * Units for a friend, for him to fetch; counted as outstanding from here on. Refused where more would be
   * promised than there is, or while the book is not trusted. The same `order` and `part` give the same claim again.
   */
  readonly give: (call: {
    readonly owner: OwnerId;
    readonly units: bigint;
    readonly why: 'present' | 'order';
    /** Of a standing order: which, and which of its instalments. */
    readonly order?: string | undefined;
    readonly part?: number | undefined;
    readonly moment: Moment;
    readonly disk: DiskFacts;
  }) => Result<
    { readonly claim: string },
    { readonly code: 'over-issue'; readonly mayIssueUnits: bigint }
  >;
  /** Takes a claim back that nobody has fetched; false: it is fetched, or unknown. */
  readonly takeBack: (call: { readonly claim: string }) => boolean;
  /** Of a standing order: how many instalments were fetched, and what waits to be. */
  readonly instalments: (call: { readonly order: string }) => {
    readonly fetched: number;
    readonly waiting: readonly { readonly claim: string; readonly part: number }[];
  };
  /** A request that was answered or begun already. */
  readonly recall: (call: MintRequest) => MintRecall | undefined;
  /** Each takes something in, once, and says what is to be made for it; `answered` completes it. */
  readonly withdraw: (
    call: MintCall & { readonly claim: string },
  ) => Result<readonly Blank[], MintDenial>;
  readonly swap: (
    call: MintCall & { readonly notes: readonly CheckedNote[] },
  ) => Result<readonly Blank[], MintDenial>;
  readonly change: (
    call: MintCall & { readonly plot: PlotId },
  ) => Result<readonly Blank[], MintDenial>;
  readonly answered: (call: MintRequest & { readonly answer: Evaluations }) => void;
  /** Notes of mine that a friend sends me: they are void from here on. Repeating it is harmless. */
  readonly comeHome: (
    call: MintRequest & { readonly notes: readonly CheckedNote[]; readonly moment: Moment },
  ) => Result<undefined, MintDenial>;
  readonly state: (call: { readonly moment: Moment; readonly disk: DiskFacts }) => MintState;
  /** Ends keysets whose time is over and forgets some of what nobody can bring any more; true: there is more of it. */
  readonly tidy: (call: { readonly moment: Moment }) => boolean;
  /** How often something was issued or taken in, and that so many are surely on the disk (`book-mark.ts`). */
  readonly count: () => number;
  readonly confirm: (call: { readonly count: number }) => void;
};

export type MintRequest = {
  readonly owner: OwnerId;
  readonly requestId: RequestId;
  /** SHA-256 of the raw body: tells a repetition from a reuse of its id. */
  readonly bodyHash: Uint8Array;
};

export type MintCall = MintRequest & {
  readonly blanks: readonly Blank[];
  readonly moment: Moment;
};

/** A note whose signature was found right. */
export type CheckedNote = {
  readonly keyset: string;
  readonly k: number;
  readonly secret: Uint8Array;
  /** Its keyset did not run when it was looked at, so nobody could; it is not taken, whatever the clock says then. */
  readonly unseen?: true;
};

export type MintRecall =
  | { readonly type: 'reused' }
  | { readonly type: 'answered'; readonly answer: Evaluations }
  /** Taken in before a crash; what was to be made for it. */
  | { readonly type: 'begun'; readonly blanks: readonly Blank[] };

export type MintDenial = {
  readonly code: DenialCode;
  readonly params?: Readonly<Record<string, string>> | undefined;
};

export type MintKey = Keyset & {
  readonly secretKey: Uint8Array;
};

export type MintState = {
  readonly issuedUnits: bigint;
  readonly redeemedUnits: bigint;
  readonly expiredUnits: bigint;
  /** Notes that are out, and units that wait to be fetched: what is kept free. */
  readonly outstandingUnits: bigint;
  readonly mayIssueUnits: bigint;
  /** When the notes that are issued now run out; undefined: none were yet. */
  readonly expiresMs: number | undefined;
  /** This book was restored from an older copy; what it had issued before is closed. Since when. */
  readonly closedMs: number | undefined;
};
