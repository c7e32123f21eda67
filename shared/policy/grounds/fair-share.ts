import { z } from 'zod';
import type { PlotClass } from '../../model/allocate.ts';
import { BORROWED_LEASE_S } from '../../model/plot.ts';
import type { Ruling } from '../decision.ts';
import type { Ask, Facts } from '../facts.ts';
import { halves, WEIGHT_MAX, WEIGHT_STEP } from '../../model/weight.ts';
import { defineGround } from '../ground.ts';
import { askableBytes, positive } from '../guards.ts';

const schema = z.strictObject({
  kind: z.literal('fair-share'),
  weight: z.number().min(0).max(WEIGHT_MAX).multipleOf(WEIGHT_STEP),
  /** An even split and nothing more: what others leave idle stays idle. */
  strict: z.boolean().optional(),
});
type FairShare = z.output<typeof schema>;

/**
 * Case 3 of the seed: my friend shares his space evenly among his friends, so I may use no more
 * than my share: qᵢ = ⌊F·wᵢ/Σw⌋, and a guaranteed grant needs use + promise ≤ qᵢ. Σq ≤ F, so everybody
 * can claim a whole share, as long as nobody holds more than his. Beyond it, what others leave idle is
 * lent for a short lease, while nobody waits for a share of his own (design §3.3, D3 of the reference).
 */
export const fairShare = defineGround({
  kind: 'fair-share',
  schema,
  judge: ({ ground, ask, facts }) => {
    if (ground.weight === 0) return { verdict: 'deny', code: 'not-yet-shared', params: {} };
    const shareBytes = fairShareBytes(facts.fairBytes, {
      weight: ground.weight,
      weightSum: facts.weightSum,
    });
    const useBytes = facts.useByGround['fair-share'] ?? 0n;
    const isEnding = facts.isEnding === true;
    const ownBytes = isEnding ? 0n : askableBytes(ask, positive(shareBytes - useBytes));
    const lentBytes = askableBytes(ask, positive(facts.lendableBytes));
    const short = () => ({
      code: 'over-share' as const,
      params: {
        shareBytes: `${shareBytes}`,
        useBytes: `${useBytes}`,
        requestedBytes: `${ask.sizeBytes}`,
        mayAskBytes: `${ownBytes}`,
        ...(mayLend(ground, facts) ? { mayBorrowBytes: `${lentBytes}` } : {}),
      },
    });
    // A plot keeps its class for life, so growth is judged in it.
    const isOwn = ask.grows?.class !== 'borrowed';
    const mostBytes = isOwn ? ownBytes : mayLend(ground, facts) ? lentBytes : 0n;
    const rulingOf = (plotClass: PlotClass, maxBytes: bigint, maxS: number): Ruling =>
      maxBytes >= ask.minSizeBytes && maxBytes > 0n
        ? {
            verdict: 'allow',
            class: plotClass,
            mayWait: plotClass === 'guaranteed',
            maxBytes,
            maxS,
            short,
            mostBytes,
          }
        : { verdict: 'deny', short, mostBytes };
    const guaranteed = rulingOf('guaranteed', isOwn ? ownBytes : 0n, Number.MAX_SAFE_INTEGER);
    if (isOwn && ownBytes >= ask.sizeBytes) return guaranteed;
    // A loan that is too short is of no use where something of one's own may be.
    const isLong = ask.minS > BORROWED_LEASE_S;
    if (
      !takesLoan(ask) ||
      isLong ||
      !mayLend(ground, facts) ||
      lentBytes <= (isOwn ? ownBytes : 0n)
    )
      return guaranteed;
    return rulingOf('borrowed', lentBytes, BORROWED_LEASE_S);
  },
  entitlementBytes: ({ ground, facts }) =>
    fairShareBytes(facts.fairBytes, { weight: ground.weight, weightSum: facts.weightSum }),
});

function takesLoan(ask: Ask): boolean {
  return ask.grows === undefined ? ask.accept === 'borrowed' : ask.grows.class === 'borrowed';
}

function mayLend(ground: FairShare, facts: Facts): boolean {
  const doesNobodyWait = facts.lineBytes === 0n && !facts.standsInLine;
  return (
    ground.strict !== true && facts.isEnding !== true && doesNobodyWait && facts.lendableBytes > 0n
  );
}

/** qᵢ in whole bytes; the remainder of the division stays unassigned. */
export function fairShareBytes(
  fairBytes: bigint,
  { weight, weightSum }: { readonly weight: number; readonly weightSum: number },
): bigint {
  if (weight === 0 || weightSum === 0 || fairBytes <= 0n) return 0n;
  return (fairBytes * halves(weight)) / halves(weightSum);
}
