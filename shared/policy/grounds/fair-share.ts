import { halves } from '../../model/weight.ts';
import type { GroundRule } from '../grounds.ts';
import { askableBytes, positive } from '../guards.ts';

/**
 * Case 3 of the seed: my friend shares his space evenly among his friends, so I may use no more
 * than my share. Strict: qᵢ = ⌊F·wᵢ/Σw⌋, a grant needs use + promise ≤ qᵢ (design §3.3, D1 of the
 * reference on allocation). Σq ≤ F, so everybody can claim a whole share without waiting, as long as
 * nobody holds more than his.
 */
export const fairShare: GroundRule<{ kind: 'fair-share'; weight: number }> = {
  judge: ({ ground, ask, facts }) => {
    if (ground.weight === 0) return { verdict: 'deny', code: 'not-yet-shared', params: {} };
    const shareBytes = fairShareBytes(facts.fairBytes, {
      weight: ground.weight,
      weightSum: facts.weightSum,
    });
    const useBytes = facts.useByGround['fair-share'] ?? 0n;
    const maxBytes = askableBytes(ask, positive(shareBytes - useBytes));
    const short = {
      code: 'over-share',
      params: {
        shareBytes: `${shareBytes}`,
        useBytes: `${useBytes}`,
        requestedBytes: `${ask.sizeBytes}`,
        mayAskBytes: `${maxBytes}`,
      },
    } as const;
    return maxBytes >= ask.minSizeBytes && maxBytes > 0n
      ? { verdict: 'allow', maxBytes, maxS: Number.MAX_SAFE_INTEGER, short }
      : { verdict: 'deny', ...short };
  },
  entitlementBytes: ({ ground, facts }) =>
    fairShareBytes(facts.fairBytes, { weight: ground.weight, weightSum: facts.weightSum }),
};

/** qᵢ in whole bytes; the remainder of the division stays unassigned. */
export function fairShareBytes(
  fairBytes: bigint,
  { weight, weightSum }: { readonly weight: number; readonly weightSum: number },
): bigint {
  if (weight === 0 || weightSum === 0 || fairBytes <= 0n) return 0n;
  return (fairBytes * halves(weight)) / halves(weightSum);
}
