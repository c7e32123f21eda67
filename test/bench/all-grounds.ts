import type { OwnerId } from '../../shared/ids.ts';
import type { Policy } from '../../shared/model/policy.ts';
import { decide } from '../../shared/policy/decide.ts';
import type { Ask, Facts } from '../../shared/policy/facts.ts';
import { GB } from '../../shared/units.ts';

/** Who keeps an account for the bench: nobody, whose word nobody waits for. */
const KEEPER = `${'f'.repeat(41)}aaaaaaaaaja` as OwnerId;

/** Every ground there is; the one that says yes is the last. */
export const POLICY_OF_ALL: Policy = {
  guards: { maxPlots: 100_000, maxSize: 1000n * GB, quietHours: { fromMin: 10, untilMin: 11 } },
  grounds: [
    { kind: 'account', keepers: [KEEPER] },
    { kind: 'notes' },
    { kind: 'voucher' },
    { kind: 'reciprocal', ratio: 1 },
    { kind: 'quota', bytes: 1n },
    { kind: 'fair-share', weight: 1 },
    { kind: 'always' },
  ],
};

const FAIR: Policy = { guards: {}, grounds: [{ kind: 'fair-share', weight: 1 }] };

/** Decisions per second for somebody with so many friends: on a fair share alone, and with all grounds in the way. */
export function decideRate(friends: number, what: 'fair share' | 'all grounds'): number {
  const facts: Facts = {
    blocked: false,
    leaving: false,
    paused: false,
    offerBytes: 1000n * GB,
    volumePresent: true,
    capacityBytes: 1000n * GB,
    promisedBytes: 100n * GB,
    useBytes: GB,
    lentBytes: 0n,
    lendableBytes: 0n,
    othersLentBytes: 0n,
    lineBytes: 0n,
    standsInLine: false,
    minuteOfDay: 720,
    approved: false,
    useByGround: { 'fair-share': GB },
    // Whoever decides on a fair share has one; with all grounds it is as good as used up.
    fairBytes: what === 'fair share' ? 1000n * GB * BigInt(friends) : 0n,
    weightSum: friends,
    plots: 3,
    outstandingBytes: GB,
    evidence: { notes: { units: 0n }, reciprocal: { heldBytes: 0n } },
  };
  const ask: Ask = {
    sizeBytes: 1_000_000n,
    minSizeBytes: 1_000_000n,
    wantS: 86_400,
    minS: 86_400,
    accept: 'guaranteed',
    why: [],
  };
  const policy = what === 'fair share' ? FAIR : POLICY_OF_ALL;
  if (decide(ask, policy, facts).type !== 'grant') throw new Error('the bench is refused');
  const count = 100_000;
  const startedMs = performance.now();
  for (let each = 0; each < count; each += 1)
    // Copied, so that nothing can be remembered of the policy.
    decide(ask, { ...policy, grounds: [...policy.grounds] }, facts);
  return count / ((performance.now() - startedMs) / 1000);
}
