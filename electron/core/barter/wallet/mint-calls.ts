import type { OwnerId } from '../../../../shared/ids.ts';
import type { Result } from '../../../../shared/result.ts';
import type {
  Change,
  Evaluations,
  MintInfo,
  NoteGift,
  Swap,
  Withdrawal,
} from '../../../../shared/wire/mint.ts';
import type { Refused } from '../call-faults.ts';
import type { Issuer } from '../notes.ts';

/** How a call about notes can end badly. `unknown`: no answer came, and the other side may have done it. */
export type MintFault = Refused | { readonly code: 'unknown' };

/** What is asked of other devices; the composition hands it in, because calling them comes later in the order. */
export type MintCalls = {
  readonly info: (issuer: Issuer) => Promise<Result<MintInfo, MintFault>>;
  readonly withdraw: (
    issuer: Issuer,
    message: Withdrawal,
  ) => Promise<Result<Evaluations, MintFault>>;
  readonly swap: (issuer: Issuer, message: Swap) => Promise<Result<Evaluations, MintFault>>;
  readonly change: (issuer: Issuer, message: Change) => Promise<Result<Evaluations, MintFault>>;
  /** To whichever device of a friend answers; it must not go to a second one after that. */
  readonly gift: (
    friend: Issuer,
    message: NoteGift,
  ) => Promise<Result<{ readonly settled: true }, MintFault>>;
  /** There is something to fetch here for this friend. */
  readonly call: (friend: OwnerId) => Promise<void>;
  /** Devices of a friend, the likeliest to answer first. */
  readonly devices: (friend: OwnerId) => readonly Issuer[];
};
