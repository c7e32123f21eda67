import { z } from 'zod';
import { bytes } from '../../model/ids.ts';
import { least } from '../../units.ts';
import { defineWitnessedGround } from '../ground.ts';
import { askableBytes, positive } from '../guards.ts';

/** What is known of the voucher that a request brought, or on which a plot stands. */
export type VoucherEvidence =
  | { readonly fault: 'voucher-invalid' | 'voucher-expired' }
  | {
      readonly fault?: undefined;
      /** Of the voucher and of every one that it was narrowed from, what no plot uses yet. */
      readonly leftBytes: bigint;
      /** Until the first of them ends. */
      readonly leftS: number;
      /** The largest request that the introducer would be granted himself; 0n: none. */
      readonly coveredBytes: bigint;
    };

const schema = z.strictObject({
  kind: z.literal('voucher'),
  /** The most that one newcomer may have on vouchers, working room counted. */
  maxBytes: bytes.optional(),
});

/**
 * Case 6 of the seed: a friend of mine vouches, out of his own share (design §3.7). What is granted is charged to
 * him, so that however many people he introduces, together they have no more than he could have himself.
 */
export const voucher = defineWitnessedGround<VoucherEvidence>()({
  kind: 'voucher',
  schema,
  judge: ({ ground, ask, facts, evidence }) => {
    if (evidence === undefined) return { verdict: 'abstain' };
    if (evidence.fault !== undefined) return { verdict: 'deny', code: evidence.fault, params: {} };
    const useBytes = facts.useByGround['voucher'] ?? 0n;
    const ownBytes =
      ground.maxBytes === undefined
        ? evidence.leftBytes
        : least(evidence.leftBytes, ground.maxBytes - useBytes);
    const maxBytes = least(askableBytes(ask, positive(ownBytes)), evidence.coveredBytes);
    const short = () => ({
      code: 'voucher-used-up' as const,
      params: {
        useBytes: `${useBytes}`,
        requestedBytes: `${ask.sizeBytes}`,
        mayAskBytes: `${maxBytes}`,
      },
    });
    return maxBytes >= ask.minSizeBytes && maxBytes > 0n && evidence.leftS > 0
      ? { verdict: 'allow', maxBytes, maxS: evidence.leftS, short }
      : { verdict: 'deny', ...short() };
  },
  // Also where the owner gives nothing new on vouchers any more: what he took away from is the next request.
  judgeRenewal: ({ evidence }) => {
    if (evidence === undefined) return { verdict: 'deny', code: 'voucher-invalid', params: {} };
    return evidence.fault === undefined
      ? { verdict: 'allow', maxS: evidence.leftS }
      : { verdict: 'deny', code: evidence.fault, params: {} };
  },
  entitlementBytes: () => undefined,
});
