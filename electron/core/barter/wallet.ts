import type { DenialCode } from '../../../shared/denial.ts';
import type { OwnerId, PlotId, RequestId } from '../../../shared/ids.ts';
import type { Result } from '../../../shared/result.ts';
import type { NoteGift } from '../../../shared/wire/mint.ts';
import type { MintDenial } from './mint-book.ts';

/** What this device does with notes of others (design §3.6). */
export type Wallet = {
  /** Fetches everything that a friend's mints owe to this device; how many units came. */
  readonly collect: (friend: OwnerId) => Promise<Result<bigint, WalletFault>>;
  /** Notes of `issuer` to a friend; settled when he has swapped them. */
  readonly send: (call: {
    readonly friend: OwnerId;
    readonly issuer: OwnerId;
    readonly units: bigint;
  }) => Promise<Result<undefined, WalletFault>>;
  /** A friend sends notes: they are swapped at their issuer before he is answered. */
  readonly receive: (gift: {
    readonly from: OwnerId;
    readonly message: NoteGift;
    readonly bodyHash: Uint8Array;
  }) => Promise<Result<undefined, MintDenial>>;
  /** Notes of the host as a reason for a request; undefined: there are not enough. Held until `settled`. */
  readonly pay: (call: {
    readonly host: OwnerId;
    readonly requestId: RequestId;
    readonly units: bigint;
    readonly plot: PlotId | undefined;
  }) => Promise<readonly string[] | undefined>;
  readonly settled: (call: {
    readonly host: OwnerId;
    readonly notes: readonly string[];
    /** Undefined: no answer came, or the request pends with these notes. */
    readonly granted: boolean | undefined;
    readonly plot: PlotId | undefined;
    readonly denial: DenialCode | undefined;
  }) => Promise<void>;
  /** What was left open is asked again, notes that ran out are let go of. Every minute. */
  readonly tick: () => Promise<void>;
};

export type WalletFault =
  | { readonly code: 'notes-short'; readonly haveUnits: bigint }
  /** Nobody answered; what was begun is tried again by itself. */
  | { readonly code: 'unreachable' }
  | {
      readonly code: 'refused';
      readonly denial: DenialCode;
      readonly params: Readonly<Record<string, string>>;
    }
  /** The answer's proof is wrong: nothing of it is believed. */
  | { readonly code: 'protocol' };
