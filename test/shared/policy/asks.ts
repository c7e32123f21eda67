import type { Policy } from '../../../shared/model/policy.ts';
import type { Decision } from '../../../shared/policy/decision.ts';
import type { Ask, Facts } from '../../../shared/policy/facts.ts';
import { GB } from '../../../shared/units.ts';

/** A friend of two, nothing used yet, and what is usually asked for: only what matters is named in a test. */
export const facts: Facts = {
  blocked: false,
  leaving: false,
  paused: false,
  offerBytes: 100n * GB,
  volumePresent: true,
  capacityBytes: 100n * GB,
  promisedBytes: 0n,
  useBytes: 0n,
  lentBytes: 0n,
  useByGround: {},
  lendableBytes: 0n,
  othersLentBytes: 0n,
  lineBytes: 0n,
  standsInLine: false,
  minuteOfDay: undefined,
  approved: false,
  fairBytes: 100n * GB,
  weightSum: 2,
  plots: 0,
  outstandingBytes: 0n,
  evidence: {},
};
export const fair: Policy = { guards: {}, grounds: [{ kind: 'fair-share', weight: 1 }] };

export function ask(sizeBytes: bigint, more: Partial<Ask> = {}): Ask {
  return {
    sizeBytes,
    minSizeBytes: sizeBytes,
    wantS: 86_400,
    minS: 86_400,
    accept: 'guaranteed',
    why: [],
    ...more,
  };
}

export function codes(decision: Decision): readonly string[] {
  return 'reasons' in decision ? decision.reasons.map((reason) => reason.code) : [];
}
