import { z } from 'zod';
import type { DenialCode } from '../../denial.ts';
import type { DeviceId, OwnerId } from '../../ids.ts';
import { ownerId } from '../../model/ids.ts';
import { addedPromise } from '../../model/plot.ts';
import { DAY_S, least } from '../../units.ts';
import { defineWitnessedGround } from '../ground.ts';
import { askableBytes, positive } from '../guards.ts';

/** More households than this at once is nobody's home. */
export const KEEPERS_MAX = 16;
/** Service time for which plots go on after the keeper last said that the account covers them (design §3.5). */
export const ACCOUNT_GRACE_S = 14 * DAY_S;
/** Hosts compare once a day; a word that is older than two is none any more on which a whole lease is given. */
const ACCOUNT_FRESH_S = 2 * DAY_S;

/** Where an account is kept, as this host's own books know it, never as a request says. */
export type AccountPlace = {
  readonly keeper: OwnerId;
  readonly device: DeviceId;
  readonly account: string;
};

/** What the keeper has said about a request, or what this host remembers of a plot. */
export type AccountEvidence =
  /** So much of the plan is set aside for this request. */
  | (AccountPlace & {
      readonly type: 'reserved' | 'ticket';
      readonly promise: string;
      readonly bytes: bigint;
      /** The longest lease that it covers. */
      readonly maxS: number;
      /** What else was set aside while one was looked for, and goes back. */
      readonly others: readonly string[];
    })
  /** Nothing is: only the room was asked about, or there is not enough of it. */
  | {
      readonly type: 'room';
      readonly planBytes: bigint;
      readonly chargedBytes: bigint;
      readonly isQuote: boolean;
    }
  | { readonly type: 'refused'; readonly code: DenialCode }
  /** A plot that is renewed. */
  | {
      readonly type: 'held';
      readonly keeper: OwnerId;
      readonly covered: boolean;
      readonly sinceGoodS: number;
    };

const schema = z.strictObject({
  kind: z.literal('account'),
  /** Owners whose word about their members counts here. */
  keepers: z
    .array(ownerId)
    .min(1)
    .max(KEEPERS_MAX)
    .refine((keepers) => new Set(keepers).size === keepers.length, 'each keeper once'),
});

/**
 * Case 1 of the seed: the server says yes if an account server says that the customer's contract covers it. In a home
 * it is the household's plan; who keeps it is a friend whom the owner has named, never whom a request names.
 */
export const account = defineWitnessedGround<AccountEvidence>()({
  kind: 'account',
  schema,
  judge: ({ ask, evidence }) => {
    if (!ask.why.some(({ kind }) => kind === 'account')) return { verdict: 'abstain' };
    if (evidence === undefined || evidence.type === 'held')
      return deny('account-server-unreachable');
    if (evidence.type === 'refused') return deny(evidence.code);
    if (evidence.type === 'room') {
      const { planBytes, chargedBytes, isQuote } = evidence;
      const roomBytes = askableBytes(ask, positive(planBytes - chargedBytes));
      // Without a reservation there is never a grant, whatever the numbers say.
      const maxBytes = isQuote ? roomBytes : least(roomBytes, ask.sizeBytes - 1n);
      const params = {
        planBytes: `${planBytes}`,
        useBytes: `${chargedBytes}`,
        requestedBytes: `${ask.sizeBytes}`,
        mayAskBytes: `${maxBytes}`,
      };
      const short = () => ({ code: 'account-over-plan' as const, params });
      return maxBytes > 0n && maxBytes >= ask.minSizeBytes
        ? { verdict: 'allow', maxBytes, maxS: Number.MAX_SAFE_INTEGER, short }
        : { verdict: 'deny', ...short() };
    }
    // The plot may have changed since it was asked about; a ticket may be for less.
    if (evidence.bytes < addedPromise(ask.sizeBytes, ask.grows?.sizeBytes))
      return deny(evidence.type === 'ticket' ? 'ticket-bad' : 'account-server-unreachable');
    if (evidence.maxS < ask.minS) return deny('ticket-bad');
    const short = () => ({ code: 'ticket-bad' as const, params: {} });
    return { verdict: 'allow', maxBytes: ask.sizeBytes, maxS: evidence.maxS, short };
  },
  judgeRenewal: ({ ground, evidence }) => {
    // Found on the disk after the books were lost: the keeper is asked about it with the next comparison.
    if (evidence?.type !== 'held') return { verdict: 'allow', maxS: Number.MAX_SAFE_INTEGER };
    const { keeper, covered, sinceGoodS } = evidence;
    const isHonoured = ground?.keepers.includes(keeper) === true;
    if (covered && isHonoured && sinceGoodS <= ACCOUNT_FRESH_S)
      return { verdict: 'allow', maxS: Number.MAX_SAFE_INTEGER };
    // A grace that gave out whole leases would be as long as the longest of them.
    if (sinceGoodS < ACCOUNT_GRACE_S)
      return { verdict: 'allow', maxS: ACCOUNT_GRACE_S - Math.max(0, sinceGoodS) };
    if (!isHonoured) return deny('keeper-unknown');
    return deny(covered ? 'account-server-unreachable' : 'account-closed');
  },
  entitlementBytes: () => undefined,
});

function deny(code: DenialCode) {
  return { verdict: 'deny', code, params: {} } as const;
}
