import { type DenialCode, denials } from '../denial.ts';
import type { DenialReason, ShareState, Step } from '../model/allocate.ts';
import { BORROWED_LEASE_S, GUARANTEED_LEASE_S } from '../model/plot.ts';
import type { GroundKind, Policy } from '../model/policy.ts';
import type { Decision } from './decision.ts';
import type { Ask, Facts } from './facts.ts';
import { ruleFor } from './grounds.ts';
import { type GuardRuling, judgeGuards } from './guards.ts';

/**
 * The heart: should it say yes? Pure, synchronous and total (design §3.2). All guards are asked
 * and every one must let the request pass; then the grounds in the owner's order, of which the
 * first that allows the whole wins, or else the one that allows most; then limits intersect.
 */
export function decide(ask: Ask, policy: Policy, facts: Facts): Decision {
  const rulings = judgeGuards(ask, policy.guards, facts);
  const candidates = judgeGrounds(ask, policy, facts);
  const steps = [...rulings.map((ruling) => guardStep(ruling, ask)), ...candidates.steps];
  const share = shareState(ask, policy, facts);

  const refusals = rulings.filter((ruling) => !admits(ruling, ask));
  const chosen = candidates.chosen;
  if (refusals.length > 0 || chosen === undefined) {
    const reasons = [
      ...refusals.map(guardReason),
      ...(chosen === undefined ? candidates.reasons : []),
    ];
    return {
      type: 'denial',
      reasons: nearestFirst(reasons),
      final: isFinal(reasons),
      share,
      steps,
    };
  }

  const sizeBytes = least([
    ask.sizeBytes,
    chosen.maxBytes,
    ...rulings.map((ruling) => ruling.maxBytes),
  ]);
  const durationS = Math.min(ask.wantS, chosen.maxS, ...rulings.map((ruling) => ruling.maxS));
  const terms = { sizeBytes, durationS, class: 'guaranteed', share, steps } as const;
  if (sizeBytes === ask.sizeBytes && durationS === ask.wantS) {
    return { type: 'grant', ground: chosen.ground, ...terms };
  }
  const narrowed = rulings.filter(
    (ruling) => ruling.maxBytes < ask.sizeBytes || ruling.maxS < ask.wantS,
  );
  const reasons = narrowed.map(guardReason);
  if (chosen.short !== undefined) reasons.push(chosen.short);
  return { type: 'counter', ...terms, reasons };
}

/**
 * A renewal at the same size passes only the guards `blocked` and `stop-renewing`: neither a pause
 * nor a smaller offer may ever cost anybody data (design §3.2). Its time is limited, never refused;
 * where the friendship ends at a date, nothing is promised beyond it.
 */
export function decideRenewal(
  ask: { readonly wantS: number; readonly class: 'guaranteed' | 'borrowed' },
  policy: Policy,
  facts: Pick<Facts, 'blocked'> & {
    /** The friendship ends in so many seconds, and every lease with it; absent: it goes on. */
    readonly leavesInS?: number | undefined;
  },
): {
  readonly code: DenialCode | undefined;
  readonly durationS: number;
  readonly steps: readonly Step[];
} {
  const leaseS = ask.class === 'guaranteed' ? GUARANTEED_LEASE_S : BORROWED_LEASE_S;
  const maxS = policy.guards.maxDurationS ?? leaseS;
  const code = facts.blocked
    ? 'blocked'
    : policy.guards.stopRenewing === true
      ? 'stop-renewing'
      : undefined;
  const steps: Step[] = [
    facts.blocked
      ? { by: 'known', verdict: 'deny', code: 'blocked' }
      : { by: 'known', verdict: 'pass' },
    policy.guards.stopRenewing === true
      ? { by: 'stop-renewing', verdict: 'deny', code: 'stop-renewing' }
      : { by: 'stop-renewing', verdict: 'pass' },
  ];
  const leftS = Math.max(0, facts.leavesInS ?? Number.POSITIVE_INFINITY);
  return { code, durationS: Math.min(ask.wantS, maxS, leftS), steps };
}

/** What the friend is told of his own standing, and nothing about anybody else. */
export function shareState(ask: Pick<Ask, 'grows'>, policy: Policy, facts: Facts): ShareState {
  const probe: Ask = { ...ask, ...PROBE };
  const guardLimits = judgeGuards(probe, policy.guards, facts).map((ruling) => ruling.maxBytes);
  let mayAskBytes = 0n;
  let entitlement: bigint | undefined;
  for (const ground of policy.grounds) {
    const rule = ruleFor(ground.kind);
    entitlement ??= rule.entitlementBytes({ ground, facts });
    const ruling = rule.judge({ ground, ask: probe, facts });
    if (ruling.verdict === 'allow' && ruling.maxBytes > mayAskBytes) mayAskBytes = ruling.maxBytes;
  }
  const share = { useBytes: facts.useBytes, mayAskBytes: least([mayAskBytes, ...guardLimits]) };
  return entitlement === undefined ? share : { ...share, shareBytes: entitlement };
}

/** The smallest request there is; what is allowed beyond it shows in the limits. */
const PROBE = {
  sizeBytes: 1n,
  minSizeBytes: 1n,
  wantS: 1,
  minS: 1,
  accept: 'guaranteed',
  why: [],
} as const satisfies Omit<Ask, 'grows'>;

type Chosen = {
  readonly ground: GroundKind;
  readonly maxBytes: bigint;
  readonly maxS: number;
  /** Set if the ground allows less than was asked for. */
  readonly short?: DenialReason;
};

function judgeGrounds(
  ask: Ask,
  policy: Policy,
  facts: Facts,
): {
  readonly chosen: Chosen | undefined;
  readonly reasons: readonly DenialReason[];
  readonly steps: readonly Step[];
} {
  const steps: Step[] = [];
  const reasons: DenialReason[] = [];
  let chosen: Chosen | undefined;
  for (const ground of policy.grounds) {
    const ruling = ruleFor(ground.kind).judge({ ground, ask, facts });
    if (ruling.verdict === 'abstain') {
      steps.push({ by: ground.kind, verdict: 'abstain' });
    } else if (ruling.verdict === 'deny') {
      steps.push({
        by: ground.kind,
        verdict: 'deny',
        code: ruling.code,
        params: { ...ruling.params },
      });
      reasons.push({ code: ruling.code, ground: ground.kind, params: { ...ruling.params } });
    } else {
      const allowsAll = ruling.maxBytes >= ask.sizeBytes && ruling.maxS >= ask.wantS;
      steps.push({ by: ground.kind, verdict: allowsAll ? 'allow' : 'limit' });
      const maxBytes = least([ruling.maxBytes, ask.sizeBytes]);
      if (chosen === undefined || maxBytes > chosen.maxBytes) {
        const terms = { ground: ground.kind, maxBytes, maxS: ruling.maxS };
        chosen =
          allowsAll || ruling.short === undefined
            ? terms
            : {
                ...terms,
                short: { ...ruling.short, params: { ...ruling.short.params }, ground: ground.kind },
              };
      }
      if (allowsAll) break;
    }
  }
  if (policy.grounds.length === 0) reasons.push({ code: 'no-ground', ground: 'none', params: {} });
  return { chosen, reasons, steps };
}

function admits(ruling: GuardRuling, ask: Ask): boolean {
  return ruling.maxBytes >= ask.minSizeBytes && ruling.maxBytes > 0n && ruling.maxS >= ask.minS;
}

function guardStep(ruling: GuardRuling, ask: Ask): Step {
  if (!admits(ruling, ask)) {
    return { by: ruling.by, verdict: 'deny', code: ruling.code, params: { ...ruling.params } };
  }
  const narrows = ruling.maxBytes < ask.sizeBytes || ruling.maxS < ask.wantS;
  return { by: ruling.by, verdict: narrows ? 'limit' : 'pass' };
}

function guardReason(ruling: GuardRuling): DenialReason {
  return { code: ruling.code, ground: ruling.by, params: { ...ruling.params } };
}

/**
 * The nearest miss first: a refusal that names how much would have been granted is nearer than one
 * that names nothing, and of two such the one that would have granted more.
 */
function nearestFirst(reasons: readonly DenialReason[]): readonly DenialReason[] {
  const nearness = (reason: DenialReason): bigint => {
    const bytes =
      reason.params['mayAskBytes'] ?? reason.params['freeBytes'] ?? reason.params['maxBytes'];
    return bytes === undefined ? -1n : BigInt(bytes);
  };
  return reasons.toSorted((left, right) => {
    const difference = nearness(right) - nearness(left);
    return difference > 0n ? 1 : difference < 0n ? -1 : 0;
  });
}

/** One reason that can never pass makes the whole final, whatever the others may become. */
function isFinal(reasons: readonly DenialReason[]): boolean {
  return reasons.some((reason) => denials[reason.code].final);
}

function least(values: readonly bigint[]): bigint {
  let smallest = values[0] ?? 0n;
  for (const value of values) if (value < smallest) smallest = value;
  return smallest;
}
