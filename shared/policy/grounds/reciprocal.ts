import { z } from 'zod';
import { defineWitnessedGround } from '../ground.ts';
import { askableBytes, positive } from '../guards.ts';

/** What of mine this friend keeps, as far as it was verified. */
export type ReciprocalEvidence = { readonly heldBytes: bigint };

/** Ratios go in tenths, so that they divide exactly. */
const RATIO_STEP = 0.1;
const TENTHS = 10n;

const schema = z.strictObject({
  kind: z.literal('reciprocal'),
  ratio: z.number().min(RATIO_STEP).max(10).multipleOf(RATIO_STEP),
});

/**
 * Case 5 of the seed: you keep as much for me as I keep for you. Only bytes count that this device could fetch
 * and check (design §3.7), so whoever claims more, or what lies elsewhere, has nothing of it.
 */
export const reciprocal = defineWitnessedGround<ReciprocalEvidence>()({
  kind: 'reciprocal',
  schema,
  judge: ({ ground, ask, facts, evidence }) => {
    const heldBytes = evidence?.heldBytes ?? 0n;
    const useBytes = facts.useByGround['reciprocal'] ?? 0n;
    const maxBytes = askableBytes(ask, positive(allowedBytes(heldBytes, ground.ratio) - useBytes));
    const short = () => ({
      code: 'not-reciprocal' as const,
      params: {
        heldBytes: `${heldBytes}`,
        useBytes: `${useBytes}`,
        requestedBytes: `${ask.sizeBytes}`,
        mayAskBytes: `${maxBytes}`,
      },
    });
    return maxBytes >= ask.minSizeBytes && maxBytes > 0n
      ? { verdict: 'allow', maxBytes, maxS: Number.MAX_SAFE_INTEGER, short, mostBytes: maxBytes }
      : { verdict: 'deny', short, mostBytes: maxBytes };
  },
  entitlementBytes: () => undefined,
});

function allowedBytes(heldBytes: bigint, ratio: number): bigint {
  return (heldBytes * BigInt(Math.round(ratio / RATIO_STEP))) / TENTHS;
}
