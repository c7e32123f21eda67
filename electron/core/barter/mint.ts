import type { Friend } from '../friends/friend-book.ts';
import type { Result } from '../../../shared/result.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import type { Change, Evaluations, MintInfo, Swap, Withdrawal } from '../../../shared/wire/mint.ts';
import type { Witness } from '../ledger/witnesses.ts';
import type { MintDenial } from './mint-book.ts';
import type { Issuer } from './notes.ts';

/** A message with the hash of its raw body. */
export type Asked<M> = {
  readonly owner: OwnerId;
  readonly message: M;
  readonly bodyHash: Uint8Array;
};

/** This device as an issuer of notes, towards friends (design §3.6). Off: every call is refused with `barter-off`. */
export type Mint = {
  readonly issuer: Issuer;
  readonly info: (friend: Pick<Friend, 'owner'>) => Promise<Result<MintInfo, MintDenial>>;
  readonly withdraw: (asked: Asked<Withdrawal>) => Promise<Result<Evaluations, MintDenial>>;
  readonly swap: (asked: Asked<Swap>) => Promise<Result<Evaluations, MintDenial>>;
  readonly change: (asked: Asked<Change>) => Promise<Result<Evaluations, MintDenial>>;
  /** Notes of mine that a friend sends back. */
  readonly comeHome: (
    asked: Asked<{ readonly requestId: Swap['requestId']; readonly notes: readonly string[] }>,
  ) => Promise<Result<undefined, MintDenial>>;
  /** Units for a friend, who is told that there is something to fetch. */
  readonly give: (call: {
    readonly owner: OwnerId;
    readonly units: bigint;
    readonly why: 'present' | 'order';
    readonly order?: string | undefined;
    readonly part?: number | undefined;
  }) => Promise<
    Result<
      { readonly claim: string },
      | { readonly code: 'over-issue'; readonly mayIssueUnits: bigint }
      | { readonly code: 'barter-off' }
    >
  >;
  /** Says what notes a request brings, before it is decided. */
  readonly witness: Witness;
  readonly tick: () => Promise<void>;
};
