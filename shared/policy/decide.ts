import { type DenialCode, denials } from '../denial.ts';
import type { DenialReason, PlotClass, ShareState, Step } from '../model/allocate.ts';
import { REASONS_TOLD_MAX } from '../model/bounds.ts';
import { addedPromise, termsOf } from '../model/plot.ts';
import { assert } from '../assert.ts';
import { least } from '../units.ts';
import type { Ground, GroundKind, Policy } from '../model/policy.ts';
import type { Decision, Params, Ruling, Words } from './decision.ts';
import type { Ask, Facts } from './facts.ts';
import type { GroundModule, RenewalAsk } from './ground.ts';
import { GROUND_RULES, type GroundRules } from './grounds.ts';
import { type GuardRuling, isWellFormed, judgeGuards, positive } from './guards.ts';

/**
 * The heart: should it say yes? Pure, synchronous and total (design §3.2). All guards are asked
 * and every one must let the request pass; then the grounds in the owner's order, of which the
 * first that allows the whole wins, or else the one that allows most; then limits intersect.
 */
export function decide(
  ask: Ask,
  policy: Policy,
  facts: Facts,
  /** Every ground there is, unless a test brings one of its own. */
  rules: GroundRules = GROUND_RULES,
): Decision {
  const seats = seatsOf(policy, facts, rules);
  const decision = decideOn(ask, policy, facts, seats);
  if (decision.type === 'grant' || decision.type === 'pending') return decision;
  const paid = decidePaid(ask, policy, facts, seats);
  // What notes pay for is never offered instead of more.
  const isLess =
    paid?.type === 'counter' && decision.type === 'counter' && paid.sizeBytes <= decision.sizeBytes;
  return paid === undefined || isLess ? decision : paid;
}

/** An offer that is not found by then would be next to nothing. */
const OFFER_TRIES = 8;

/**
 * The room that outstanding notes keep free is free for whoever brings them, and for nobody else: only what is granted
 * for them, and ends them, may use it.
 */
function decidePaid(
  ask: Ask,
  policy: Policy,
  facts: Facts,
  seats: readonly Seat[],
): Decision | undefined {
  for (const seat of seats) {
    let wish = ask;
    let offer: Decision | undefined;
    for (let tries = 0; tries < OFFER_TRIES; tries += 1) {
      const ruling = judge(seat, wish, facts);
      if (ruling.verdict !== 'allow' || (ruling.freesBytes ?? 0n) === 0n) break;
      const outstandingBytes = positive(facts.outstandingBytes - (ruling.freesBytes ?? 0n));
      const decision = decideOn(wish, policy, { ...facts, outstandingBytes }, [seat]);
      if (decision.type === 'denial') break;
      if (decision.type !== 'counter') return offer ?? decision;
      // Less costs less, so it ends fewer notes and makes less room: what is offered has to fit by itself.
      offer = decision;
      wish = { ...wish, sizeBytes: decision.sizeBytes, wantS: decision.durationS };
    }
  }
  return undefined;
}

function decideOn(
  ask: Ask,
  { guards }: Pick<Policy, 'guards'>,
  facts: Facts,
  seats: readonly Seat[],
): Decision {
  const rulings = judgeGuards(ask, guards, facts);
  const steps: Step[] = [];
  const limits: GuardRuling[] = [];
  const refusals: GuardRuling[] = [];
  // One pass and no copies: this runs for every request of everybody.
  for (const ruling of rulings) {
    steps.push(guardStep(ruling, ask));
    if (ruling.open !== undefined) continue;
    limits.push(ruling);
    if (!admits(ruling, ask)) refusals.push(ruling);
  }
  const { chosen, reasons: misses, most } = judgeGrounds(ask, seats, { facts, steps });
  // What guards let pass does not depend on the size that was asked for, unless that is none.
  const passing = isWellFormed(ask) ? rulings : judgeGuards(probeOf(ask), guards, facts);
  const share = shareWithin(passing, ask, { facts, seats, most });

  if (isQueued(ask, { seats, refusals, facts }))
    return { type: 'pending', why: 'queue', share, steps };
  if (refusals.length > 0 || chosen === undefined) {
    const reasons = [
      ...refusals.map(guardReason),
      ...(chosen === undefined ? misses.map((each) => underNo(limits, each)) : []),
    ];
    return {
      type: 'denial',
      // More than these nobody can read, and no answer may hold.
      reasons: nearestFirst(reasons, within(refusals, NO_END_BYTES)).slice(0, REASONS_TOLD_MAX),
      final: isFinal(refusals, chosen === undefined ? misses : []),
      share,
      steps,
    };
  }

  let sizeBytes = least(ask.sizeBytes, chosen.maxBytes);
  let durationS = Math.min(ask.wantS, chosen.maxS);
  for (const { maxBytes, maxS } of limits) {
    sizeBytes = least(sizeBytes, maxBytes);
    durationS = Math.min(durationS, maxS);
  }
  const { ground, class: plotClass } = chosen;
  if (sizeBytes === ask.sizeBytes && durationS === ask.wantS) {
    if (asksOwner(ask, guards, facts)) {
      steps.push({ by: 'ask-me', verdict: 'pend' });
      return { type: 'pending', why: 'owner-approval', share, steps };
    }
    return { type: 'grant', ground, sizeBytes, durationS, class: plotClass, share, steps };
  }
  const narrowed = limits.filter(
    (ruling) => ruling.maxBytes < ask.sizeBytes || ruling.maxS < ask.wantS,
  );
  const reasons = narrowed.map(guardReason);
  if (chosen.short !== undefined)
    reasons.push(underNo(limits, { code: chosen.short.code, ground, params: chosen.short.params }));
  return { type: 'counter', sizeBytes, durationS, class: plotClass, share, steps, reasons };
}

/**
 * Only the room is missing, it is within the friend's own share, and enough of it is lent to others: it
 * comes back within a lease and its grace, so the friend waits in line (design §3.3).
 */
function isQueued(
  ask: Ask,
  {
    seats,
    refusals,
    facts,
  }: {
    readonly seats: readonly Seat[];
    readonly refusals: readonly GuardRuling[];
    readonly facts: Facts;
  },
): boolean {
  if (refusals.length !== 1 || refusals[0]?.by !== 'room') return false;
  const mayWait = seats.some((seat) => {
    const ruling = judge(seat, ask, facts);
    return (
      ruling.verdict === 'allow' && ruling.mayWait === true && ruling.maxBytes >= ask.sizeBytes
    );
  });
  if (!mayWait) return false;
  const freeBytes =
    facts.capacityBytes - facts.promisedBytes - facts.outstandingBytes - facts.lineBytes;
  const addedBytes = addedPromise(ask.sizeBytes, ask.grows?.sizeBytes);
  return freeBytes + facts.othersLentBytes >= addedBytes;
}

function asksOwner(ask: Ask, guards: Policy['guards'], facts: Facts): boolean {
  return (
    guards.askAboveBytes !== undefined && !facts.approved && ask.sizeBytes > guards.askAboveBytes
  );
}

/**
 * A renewal at the same size passes only the guards `blocked` and `stop-renewing`: neither a pause
 * nor a smaller offer may ever cost anybody data (design §3.2). Its time is limited, never refused;
 * where the friendship ends at a date, nothing is promised beyond it. What is lent is renewed only as long
 * as nobody waits for it, and a ground that costs something (an account, notes) has its word too.
 */
export function decideRenewal(
  ask: RenewalAsk & { readonly ground: GroundKind },
  policy: Policy,
  facts: Pick<Facts, 'blocked'> & {
    /** What is known for the plot's own ground. */
    readonly evidence?: unknown;
    /** The friendship ends in so many seconds, and every lease with it; absent: it goes on. */
    readonly leavesInS?: number | undefined;
    /** This plot is lent, and its room is what somebody waits for, or is gone. */
    readonly isWanted?: boolean | undefined;
    /** It is over its friend's share, and the owner ends it in so many seconds; absent: it goes on. */
    readonly endsInS?: number | undefined;
  },
  rules: GroundRules = GROUND_RULES,
): {
  readonly code: DenialCode | undefined;
  readonly params: Params;
  readonly durationS: number;
  readonly steps: readonly Step[];
} {
  const { leaseS } = termsOf(ask.class);
  // A lent plot's lease is short whatever the owner allows for others.
  const allowedS = policy.guards.maxDurationS ?? leaseS;
  const maxS = ask.class === 'borrowed' ? Math.min(allowedS, leaseS) : allowedS;
  const gates: readonly (readonly [string, boolean, DenialCode])[] = [
    ['known', facts.blocked, 'blocked'],
    ['stop-renewing', policy.guards.stopRenewing === true, 'stop-renewing'],
    ...(ask.class === 'borrowed'
      ? ([['lent', facts.isWanted === true, 'lent-wanted']] as const)
      : []),
    ...(facts.endsInS === undefined
      ? []
      : ([['notice', facts.endsInS <= 0, 'stop-renewing']] as const)),
  ];
  const shut = gates.find(([, isShut]) => isShut)?.[2];
  const steps: Step[] = gates.map(([by, isShut, why]) =>
    isShut ? { by, verdict: 'deny', code: why } : { by, verdict: 'pass' },
  );
  const endsS = Math.min(facts.leavesInS ?? NEVER_S, facts.endsInS ?? NEVER_S);
  const leftS = Math.max(0, endsS);
  const ruling = rules.get(ask.ground)?.judgeRenewal?.({
    ground: policy.grounds.find(({ kind }) => kind === ask.ground),
    ask,
    evidence: facts.evidence,
  });
  if (ruling?.verdict === 'deny') {
    const { code, params } = ruling;
    steps.push({ by: ask.ground, verdict: 'deny', code, params: { ...params } });
    return shut === undefined
      ? { code, params, durationS: 0, steps }
      : { code: shut, params: {}, durationS: 0, steps };
  }
  const groundS = ruling?.maxS ?? Number.POSITIVE_INFINITY;
  if (ruling !== undefined)
    steps.push({ by: ask.ground, verdict: groundS < ask.wantS ? 'limit' : 'allow' });
  return {
    code: shut,
    params: {},
    durationS: Math.min(ask.wantS, maxS, leftS, groundS),
    steps,
  };
}

const NEVER_S = Number.POSITIVE_INFINITY;
const NO_END_BYTES = 2n ** 64n;

/** What the friend is told of his own standing, and nothing about anybody else. */
export function shareState(
  ask: Pick<Ask, 'grows'>,
  policy: Policy,
  facts: Facts,
  rules: GroundRules = GROUND_RULES,
): ShareState {
  const rulings = judgeGuards(probeOf(ask), policy.guards, facts);
  return shareWithin(rulings, ask, { facts, seats: seatsOf(policy, facts, rules) });
}

function shareWithin(
  rulings: readonly GuardRuling[],
  ask: Pick<Ask, 'grows'>,
  {
    facts,
    seats,
    most = [],
  }: {
    readonly facts: Facts;
    readonly seats: readonly Seat[];
    readonly most?: readonly (bigint | undefined)[];
  },
): ShareState {
  const probe = probeOf(ask);
  const loanProbe = facts.lendableBytes > 0n ? { ...probe, ...LOAN_PROBE } : undefined;
  let mayAskBytes = 0n;
  let mayBorrowBytes = 0n;
  let entitlement: bigint | undefined;
  let place = 0;
  for (const seat of seats) {
    entitlement ??= seat.rule.entitlementBytes({ ground: seat.ground, facts });
    const mostBytes = most[place] ?? allowedBytes(judge(seat, probe, facts));
    if (mostBytes > mayAskBytes) mayAskBytes = mostBytes;
    place += 1;
    if (loanProbe === undefined) continue;
    // Probed with more than any share is, so that only what can be lent fits.
    const loan = judge(seat, loanProbe, facts);
    if (loan.verdict === 'allow' && loan.class === 'borrowed' && loan.maxBytes > mayBorrowBytes)
      mayBorrowBytes = loan.maxBytes;
  }
  const share: ShareState = {
    useBytes: facts.useBytes,
    mayAskBytes: within(rulings, mayAskBytes),
  };
  const { lentBytes, vouchedBytes = 0n } = facts;
  if (entitlement !== undefined) share.shareBytes = entitlement;
  if (lentBytes !== 0n) share.lentBytes = lentBytes;
  if (vouchedBytes !== 0n) share.vouchedBytes = vouchedBytes;
  if (mayBorrowBytes !== 0n) share.mayBorrowBytes = within(rulings, mayBorrowBytes);
  return share;
}

function allowedBytes(ruling: Ruling): bigint {
  return ruling.verdict === 'allow' ? ruling.maxBytes : 0n;
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
function probeOf({ grows }: Pick<Ask, 'grows'>): Ask {
  return grows === undefined ? PROBE : { ...PROBE, grows };
}

const LOAN_PROBE = { sizeBytes: 2n ** 63n, accept: 'borrowed' } as const;

type Chosen = {
  readonly ground: GroundKind;
  readonly class: PlotClass;
  readonly maxBytes: bigint;
  readonly maxS: number;
  /** Set if the ground allows less than was asked for. */
  readonly short: Words | undefined;
};

/** Which ground it stands on, or why on none; what each says is added to `steps`. */
function judgeGrounds(
  ask: Ask,
  seats: readonly Seat[],
  { facts, steps }: { readonly facts: Facts; readonly steps: Step[] },
): {
  readonly chosen: Chosen | undefined;
  readonly reasons: readonly DenialReason[];
  /** What those that were asked would allow of the smallest request, as far as they said so. */
  readonly most: readonly (bigint | undefined)[];
} {
  const reasons: DenialReason[] = [];
  const most: (bigint | undefined)[] = [];
  let chosen: Chosen | undefined;
  for (const seat of seats) {
    const { kind: ground } = seat;
    const said = judge(seat, ask, facts);
    const ruling = enough(ask, said);
    most.push(said.mostBytes);
    if (ruling.verdict === 'abstain') {
      steps.push({ by: ground, verdict: 'abstain' });
    } else if (ruling.verdict === 'deny') {
      const { code, params } = ruling.short === undefined ? ruling : ruling.short();
      steps.push({ by: ground, verdict: 'deny', code, params });
      reasons.push({ code, ground, params });
    } else {
      const { maxS, class: plotClass = 'guaranteed' } = ruling;
      const allowsAll = ruling.maxBytes >= ask.sizeBytes && maxS >= ask.wantS;
      steps.push({ by: ground, verdict: allowsAll ? 'allow' : 'limit' });
      const maxBytes = least(ruling.maxBytes, ask.sizeBytes);
      // One that allows the whole wins, also over as many bytes for a shorter time.
      if (chosen === undefined || allowsAll || maxBytes > chosen.maxBytes) {
        const short = allowsAll ? undefined : ruling.short?.();
        chosen = { ground, class: plotClass, maxBytes, maxS, short };
      }
      if (allowsAll) break;
    }
  }
  if (chosen === undefined && reasons.length === 0)
    reasons.push({ code: 'no-ground', ground: 'none', params: {} });
  return { chosen, reasons, most };
}

/** A yes to less than would be of any use is a no, and says how much it would have been. */
function enough(ask: Ask, ruling: Ruling): Ruling {
  if (ruling.verdict !== 'allow') return ruling;
  const { maxBytes, maxS, short } = ruling;
  if (maxBytes > 0n && maxBytes >= ask.minSizeBytes && maxS >= ask.minS) return ruling;
  return { verdict: 'deny', ...(short?.() ?? { code: 'no-ground', params: {} }) };
}

/** A ground of the policy with its rule and what is known for it, looked up once for all that it is asked. */
type Seat = {
  readonly kind: GroundKind;
  readonly ground: Ground;
  readonly rule: GroundModule;
  readonly evidence: unknown;
};

/** A policy holds only grounds that its schema knew, so each has its rule. */
function seatsOf({ grounds }: Policy, { evidence }: Facts, rules: GroundRules): readonly Seat[] {
  return grounds.map((ground) => {
    const { kind } = ground;
    const rule = rules.get(kind);
    assert(rule !== undefined, 'a ground in a policy has its rule');
    return { kind, ground, rule, evidence: evidence[kind] };
  });
}

function judge({ ground, rule, evidence }: Seat, ask: Ask, facts: Facts): Ruling {
  return rule.judge({ ground, ask, facts, evidence });
}

function admits(ruling: GuardRuling, ask: Ask): boolean {
  return ruling.maxBytes >= ask.minSizeBytes && ruling.maxBytes > 0n && ruling.maxS >= ask.minS;
}

function guardStep(ruling: GuardRuling, ask: Ask): Step {
  if (ruling.open !== undefined) return ruling.open;
  if (!admits(ruling, ask)) {
    return { by: ruling.by, verdict: 'deny', code: ruling.code, params: ruling.params() };
  }
  const narrows = ruling.maxBytes < ask.sizeBytes || ruling.maxS < ask.wantS;
  return { by: ruling.by, verdict: narrows ? 'limit' : 'pass' };
}

/** No reason names an amount that would be answered with the owner's no. */
function underNo(limits: readonly GuardRuling[], reason: DenialReason): DenialReason {
  const saidNo = limits.find(({ code }) => code === 'owner-said-no');
  const { mayAskBytes } = reason.params;
  if (saidNo === undefined || mayAskBytes === undefined) return reason;
  if (BigInt(mayAskBytes) <= saidNo.maxBytes) return reason;
  return { ...reason, params: { ...reason.params, mayAskBytes: `${saidNo.maxBytes}` } };
}

function guardReason(ruling: GuardRuling): DenialReason {
  return { code: ruling.code, ground: ruling.by, params: ruling.params() };
}

/**
 * The nearest miss first: a refusal that names how much would have been granted is nearer than one that
 * names nothing, and of two such the one that would have granted more. Nothing at all is no amount: without
 * its drive or an offer a home has no room either, and that is not what is told first. Nor is more than the guards
 * let pass: whoever has as many plots as he may need not hear what of an introduction is left.
 */
function nearestFirst(
  reasons: readonly DenialReason[],
  mostBytes: bigint,
): readonly DenialReason[] {
  const nearness = (reason: DenialReason): bigint => {
    const bytes =
      reason.params['mayAskBytes'] ?? reason.params['freeBytes'] ?? reason.params['maxBytes'];
    return bytes === undefined ? 0n : least(BigInt(bytes), mostBytes);
  };
  return reasons.toSorted((left, right) => {
    const difference = nearness(right) - nearness(left);
    return difference > 0n ? 1 : difference < 0n ? -1 : 0;
  });
}

/**
 * Every guard must let it pass, so one whose no can never pass is enough. Of the grounds one is enough for a yes, so
 * they say no for good only where each of them does: notes of nobody say nothing about a share that comes free.
 */
function isFinal(refusals: readonly GuardRuling[], misses: readonly DenialReason[]): boolean {
  return (
    refusals.some(({ code }) => denials[code].final) ||
    (misses.length > 0 && misses.every(({ code }) => denials[code].final))
  );
}

function within(rulings: readonly GuardRuling[], bytes: bigint): bigint {
  let smallest = bytes;
  for (const { open, maxBytes } of rulings)
    if (open === undefined) smallest = least(smallest, maxBytes);
  return smallest;
}
