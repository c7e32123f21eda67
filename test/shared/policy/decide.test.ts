import { describe, expect, it } from 'vitest';
import { GUARANTEED_LEASE_S, largestSizeBytes, promisedBytes } from '../../../shared/model/plot.ts';
import {
  type Ground,
  type Guards,
  type Policy,
  policy as policySchema,
} from '../../../shared/model/policy.ts';
import { decide, decideRenewal } from '../../../shared/policy/decide.ts';
import type { Decision } from '../../../shared/policy/decision.ts';
import type { Ask, Facts } from '../../../shared/policy/facts.ts';
import { fairShareBytes } from '../../../shared/policy/grounds/fair-share.ts';
import { GB, MIB } from '../../../shared/units.ts';
import { ask, codes, facts, fair } from './asks.ts';
import { fc } from '../../fakes/properties.ts';

describe('decide()', () => {
  const cases: readonly [
    string,
    { ask?: Ask; policy?: Policy; facts?: Partial<Facts> },
    Decision['type'],
    readonly string[],
  ][] = [
    ['grants a friend what fits into his share', {}, 'grant', []],
    ['refuses beyond the share', { ask: ask(51n * GB) }, 'denial', ['over-share']],
    [
      'counts what is used already',
      { facts: { useByGround: { 'fair-share': 45n * GB } }, ask: ask(6n * GB) },
      'denial',
      ['over-share'],
    ],
    [
      'refuses a friend nobody has decided about yet',
      { policy: { guards: {}, grounds: [{ kind: 'fair-share', weight: 0 }] } },
      'denial',
      ['not-yet-shared'],
    ],
    [
      'refuses without any ground',
      { policy: { guards: {}, grounds: [] } },
      'denial',
      ['no-ground'],
    ],
    [
      'always grants a friend while there is room',
      { policy: { guards: {}, grounds: [{ kind: 'always' }] }, ask: ask(90n * GB) },
      'grant',
      [],
    ],
    [
      'refuses even `always` without room',
      { policy: { guards: {}, grounds: [{ kind: 'always' }] }, ask: ask(101n * GB) },
      'denial',
      ['no-space'],
    ],
    [
      'holds a quota',
      { policy: { guards: {}, grounds: [{ kind: 'quota', bytes: 10n * GB }] }, ask: ask(10n * GB) },
      'denial',
      ['quota'],
    ],
    [
      'takes the second ground if the first says no',
      {
        policy: { guards: {}, grounds: [{ kind: 'quota', bytes: GB }, { kind: 'always' }] },
        ask: ask(5n * GB),
      },
      'grant',
      [],
    ],
    ['refuses a blocked friend', { facts: { blocked: true } }, 'denial', ['blocked']],
    [
      'refuses what is new while the friendship ends',
      { facts: { leaving: true } },
      'denial',
      ['leaving'],
    ],
    [
      'refuses growth while the friendship ends',
      {
        facts: { leaving: true, useByGround: { 'fair-share': 2n * GB }, promisedBytes: 2n * GB },
        ask: ask(GB, { grows: { sizeBytes: GB, ground: 'fair-share', class: 'guaranteed' } }),
      },
      'denial',
      ['leaving'],
    ],
    [
      'refuses while paused',
      { policy: { ...fair, guards: { paused: true } } },
      'denial',
      ['paused'],
    ],
    ['refuses everybody while the owner pauses', { facts: { paused: true } }, 'denial', ['paused']],
    ['refuses without an offer', { facts: { offerBytes: undefined } }, 'denial', ['no-offer']],
    [
      'refuses while the drive is away',
      { facts: { volumePresent: false } },
      'denial',
      ['volume-missing'],
    ],
    [
      'refuses more plots than allowed',
      { policy: { ...fair, guards: { maxPlots: 3 } }, facts: { plots: 3 } },
      'denial',
      ['too-many-plots'],
    ],
    [
      'refuses a request larger than allowed',
      { policy: { ...fair, guards: { maxSize: GB } }, ask: ask(2n * GB) },
      'denial',
      ['size-too-big'],
    ],
    [
      'refuses a lease longer than 31 days',
      { ask: ask(GB, { wantS: GUARANTEED_LEASE_S + 1, minS: GUARANTEED_LEASE_S + 1 }) },
      'denial',
      ['duration-too-long'],
    ],
    [
      'offers a shorter lease if that is acceptable',
      { ask: ask(GB, { wantS: GUARANTEED_LEASE_S + 1, minS: 1 }) },
      'counter',
      ['duration-too-long'],
    ],
    [
      'offers less if that is acceptable',
      { ask: ask(60n * GB, { minSizeBytes: GB }) },
      'counter',
      ['over-share'],
    ],
    ['refuses nothing at all', { ask: ask(0n) }, 'denial', ['bad-size']],
    [
      'refuses a least size above the size',
      { ask: ask(GB, { minSizeBytes: 2n * GB }) },
      'denial',
      ['bad-size'],
    ],
  ];
  it.each(cases)('%s', (_name, given, type, expected) => {
    const decision = decide(given.ask ?? ask(GB), given.policy ?? fair, {
      ...facts,
      ...given.facts,
    });
    expect(decision.type).toBe(type);
    for (const code of expected) expect(codes(decision)).toContain(code);
  });

  it('says how much would have been granted, and grants exactly that', () => {
    const refused = decide(ask(60n * GB), fair, facts);
    expect(refused.type).toBe('denial');
    const { mayAskBytes } = refused.share;
    expect(decide(ask(mayAskBytes), fair, facts).type).toBe('grant');
    expect(decide(ask(mayAskBytes + 1n), fair, facts).type).toBe('denial');
  });

  it('explains a grant step by step', () => {
    const decision = decide(ask(GB), fair, facts);
    expect(decision.steps.map((step) => step.by)).toEqual([
      'known',
      'leaving',
      'well-formed',
      'pause',
      'quiet-hours',
      'offer',
      'volume',
      'count',
      'largest-request',
      'longest-lease',
      'room',
      'fair-share',
    ]);
  });

  it('charges growth only with the difference it makes', () => {
    const held = promisedBytes(40n * GB);
    const grown = {
      ...facts,
      useByGround: { 'fair-share': held },
      useBytes: held,
      promisedBytes: held,
    };
    const grows = { sizeBytes: 40n * GB, ground: 'fair-share', class: 'guaranteed' } as const;
    const most = largestSizeBytes(50n * GB) - 40n * GB;
    expect(decide(ask(most, { grows }), fair, grown).type).toBe('grant');
    expect(decide(ask(most + 1n, { grows }), fair, grown).type).toBe('denial');
  });
});

describe('decideRenewal()', () => {
  it('passes a pause, so that a pause never costs anybody data', () => {
    const renewal = decideRenewal(
      { wantS: 60, class: 'guaranteed', sizeBytes: 1n, ground: 'fair-share' },
      { guards: { paused: true }, grounds: [] },
      { blocked: false },
    );
    expect(renewal.code).toBeUndefined();
    expect(renewal.durationS).toBe(60);
  });

  it('goes on while the friendship ends, and promises nothing beyond that', () => {
    const want = {
      wantS: 60 * 86_400,
      class: 'guaranteed',
      sizeBytes: 1n,
      ground: 'fair-share',
    } as const;
    const soon = decideRenewal(want, fair, { blocked: false, leavesInS: 86_400 });
    expect(soon).toMatchObject({ code: undefined, durationS: 86_400 });
    const late = decideRenewal(want, fair, { blocked: false, leavesInS: 90 * 86_400 });
    expect(late.durationS).toBe(GUARANTEED_LEASE_S);
    // Nobody looked at the moment itself: that is no reason to take anything away before it is done.
    const over = decideRenewal(want, fair, { blocked: false, leavesInS: -5 });
    expect(over).toMatchObject({ code: undefined, durationS: 0 });
  });

  it('refuses a blocked friend and one whose plots are no longer renewed', () => {
    expect(
      decideRenewal({ wantS: 60, class: 'guaranteed', sizeBytes: 1n, ground: 'fair-share' }, fair, {
        blocked: true,
      }).code,
    ).toBe('blocked');
    const stopped = { guards: { stopRenewing: true }, grounds: [] };
    expect(
      decideRenewal(
        { wantS: 60, class: 'guaranteed', sizeBytes: 1n, ground: 'fair-share' },
        stopped,
        { blocked: false },
      ).code,
    ).toBe('stop-renewing');
  });
});

// --- The laws of design §3.2, each as a property. ---

// Drawn so that yes and no are both frequent.
const bytes = fc.bigInt({ min: 0n, max: 200n * GB });
const smallBytes = fc.bigInt({ min: 1n, max: 20n * GB });
const seldom = fc.integer({ min: 0, max: 19 }).map((draw) => draw === 0);
const anyGround: fc.Arbitrary<Ground> = fc.oneof(
  fc.constant<Ground>({ kind: 'always' }),
  bytes.map((quota): Ground => ({ kind: 'quota', bytes: quota })),
  fc
    .record({ half: fc.nat(8), strict: fc.boolean() })
    .map(({ half, strict }): Ground => ({ kind: 'fair-share', weight: half / 2, strict })),
);
const anyGuards: fc.Arbitrary<Guards> = fc.record(
  {
    maxSize: bytes,
    maxDurationS: fc.integer({ min: 1, max: 10_000_000 }),
    maxPlots: fc.integer({ min: 0, max: 9 }),
    paused: seldom,
    askAboveBytes: bytes,
    quietHours: fc.record({ fromMin: fc.nat(1439), untilMin: fc.nat(1439) }),
  },
  { requiredKeys: [] },
);
const anyPolicy = fc.record({ guards: anyGuards, grounds: fc.array(anyGround, { maxLength: 4 }) });
const anyFacts: fc.Arbitrary<Facts> = fc
  .record({
    blocked: seldom,
    leaving: seldom,
    paused: seldom,
    volumePresent: seldom.map((away) => !away),
    capacityBytes: bytes,
    promisedBytes: fc.bigInt({ min: 0n, max: 60n * GB }),
    quotaUse: smallBytes,
    fairUse: smallBytes,
    fairBytes: bytes,
    weightSum: fc.integer({ min: 1, max: 24 }).map((half) => half / 2),
    plots: fc.integer({ min: 0, max: 9 }),
    outstandingBytes: fc.oneof(fc.constant(0n), smallBytes),
    evidence: fc.constant({}),
    lendableBytes: bytes,
    othersLentBytes: smallBytes,
    lineBytes: fc.oneof(fc.constant(0n), smallBytes),
    standsInLine: fc.boolean(),
    minuteOfDay: fc.nat(1439),
    approved: fc.boolean(),
  })
  .map(({ quotaUse, fairUse, ...rest }) => ({
    ...rest,
    lentBytes: fairUse / 2n,
    offerBytes: 200n * GB,
    useBytes: quotaUse + fairUse,
    useByGround: { quota: quotaUse, 'fair-share': fairUse },
  }));
const anyAsk: fc.Arbitrary<Ask> = fc
  .record({
    size: smallBytes,
    min: smallBytes,
    wantS: fc.integer({ min: 1, max: 3_000_000 }),
    minS: fc.integer({ min: 1, max: 3_000_000 }),
  })
  .map(({ size, min, wantS, minS }) =>
    ask(size, { minSizeBytes: min < size ? min : size, wantS, minS: Math.min(wantS, minS) }),
  );
const grants = (decision: Decision) => decision.type === 'grant';
const denies = (decision: Decision) => decision.type === 'denial';

describe('the laws of the decision', () => {
  it('more capacity never turns a grant into a denial', () => {
    fc.assert(
      fc.property(anyAsk, anyPolicy, anyFacts, bytes, (request, policy, at, more) => {
        fc.pre(grants(decide(request, policy, at)));
        const roomier = {
          ...at,
          capacityBytes: at.capacityBytes + more,
          fairBytes: at.fairBytes + more,
        };
        expect(decide(request, policy, roomier).type).toBe('grant');
      }),
    );
  });

  it('a smaller request is never refused where a larger is granted', () => {
    fc.assert(
      fc.property(anyAsk, anyPolicy, anyFacts, smallBytes, (request, policy, at, draw) => {
        fc.pre(grants(decide(request, policy, at)));
        const size = 1n + (draw % request.sizeBytes);
        const smaller = { ...request, sizeBytes: size, minSizeBytes: size };
        expect(decide(smaller, policy, at).type).toBe('grant');
      }),
    );
  });

  it('adding a ground never causes a denial', () => {
    fc.assert(
      fc.property(
        anyAsk,
        anyPolicy,
        anyFacts,
        anyGround,
        fc.nat(4),
        (request, policy, at, ground, place) => {
          fc.pre(!denies(decide(request, policy, at)));
          const grounds = policy.grounds.toSpliced(place, 0, ground);
          const after = decide(request, { ...policy, grounds }, at);
          expect(after.type).not.toBe('denial');
          if (grants(decide(request, policy, at))) expect(after.type).toBe('grant');
        },
      ),
    );
  });

  it('adding a ground never makes a denial final', () => {
    fc.assert(
      fc.property(
        anyAsk,
        anyPolicy,
        anyFacts,
        anyGround,
        fc.constantFrom(undefined, 'voucher-invalid', 'voucher-expired'),
        (request, policy, at, ground, fault) => {
          const before = decide(request, policy, at);
          fc.pre(before.type === 'denial' && !before.final);
          const facts = fault === undefined ? at : { ...at, evidence: { voucher: { fault } } };
          const grounds = [...policy.grounds, ground, { kind: 'voucher' as const }];
          const after = decide(request, { ...policy, grounds }, facts);
          if (after.type === 'denial') expect(after.final).toBe(false);
        },
      ),
    );
  });

  it('adding a guard never causes a grant', () => {
    fc.assert(
      fc.property(anyAsk, anyPolicy, anyFacts, anyGuards, (request, policy, at, added) => {
        // Only guards that were not set before are added: changing a value is something else.
        const guards = { ...added, ...policy.guards };
        fc.pre(!grants(decide(request, policy, at)));
        // The longest lease has a default, which a guard of its own may widen.
        fc.pre(added.maxDurationS === undefined || added.maxDurationS <= GUARANTEED_LEASE_S);
        expect(decide(request, { ...policy, guards }, at).type).not.toBe('grant');
      }),
    );
  });

  it('an end that was set never causes a grant, and what may be asked for is nothing', () => {
    fc.assert(
      fc.property(anyAsk, anyPolicy, anyFacts, (request, policy, at) => {
        const decision = decide(request, policy, { ...at, leaving: true });
        expect(decision.type).toBe('denial');
        expect(codes(decision)).toContain('leaving');
        expect(decision.share.mayAskBytes).toBe(0n);
      }),
    );
  });

  it('a pause refuses everything new, whatever else would have been answered', () => {
    fc.assert(
      fc.property(anyAsk, anyPolicy, anyFacts, (request, policy, at) => {
        const decision = decide(request, policy, { ...at, paused: true });
        expect(decision.type).toBe('denial');
        expect(codes(decision)).toContain('paused');
        expect(decision.share.mayAskBytes).toBe(0n);
      }),
    );
  });

  it('never grants beyond the room (I1) nor beyond the share', () => {
    fc.assert(
      fc.property(anyAsk, anyPolicy, anyFacts, (request, policy, at) => {
        const decision = decide(request, policy, at);
        if (decision.type === 'denial' || decision.type === 'pending') return;
        expect(at.promisedBytes + promisedBytes(decision.sizeBytes)).toBeLessThanOrEqual(
          at.capacityBytes,
        );
        expect(decision.sizeBytes).toBeLessThanOrEqual(request.sizeBytes);
        expect(decision.sizeBytes).toBeGreaterThanOrEqual(request.minSizeBytes);
      }),
    );
  });

  it('every denial gives a reason, and a counter-offer can be accepted', () => {
    fc.assert(
      fc.property(anyAsk, anyPolicy, anyFacts, (request, policy, at) => {
        const decision = decide(request, policy, at);
        if (decision.type === 'denial') expect(decision.reasons.length).toBeGreaterThan(0);
        if (decision.type !== 'counter') return;
        expect(decision.reasons.length).toBeGreaterThan(0);
        const accepted = ask(decision.sizeBytes, {
          wantS: decision.durationS,
          minS: decision.durationS,
          accept: decision.class,
        });
        // The owner may still be asked about what is left of it.
        expect(decide(accepted, policy, { ...at, approved: true }).type).toBe('grant');
      }),
    );
  });
});

describe('fairShareBytes()', () => {
  const anyHalves = fc.array(fc.nat(2000), { minLength: 1, maxLength: 12 });
  const sumOf = (weights: readonly number[]) => weights.reduce((sum, weight) => sum + weight, 0);

  it('divides by half weights without giving out more than there is, and leaves less than a byte each', () => {
    fc.assert(
      fc.property(anyHalves, fc.bigInt({ min: 0n, max: 2n ** 63n }), (drawn, fairBytes) => {
        const weights = drawn.map((half) => half / 2);
        const weightSum = sumOf(weights);
        const shares = weights.map((weight) => fairShareBytes(fairBytes, { weight, weightSum }));
        const given = shares.reduce((sum, share) => sum + share, 0n);
        expect(given).toBeLessThanOrEqual(fairBytes);
        if (weightSum > 0) expect(fairBytes - given).toBeLessThan(BigInt(weights.length));
      }),
    );
  });

  it('means the same when every weight is doubled', () => {
    fc.assert(
      fc.property(anyHalves, fc.bigInt({ min: 0n, max: 2n ** 63n }), (drawn, fairBytes) => {
        const [half = 0] = drawn;
        const weightSum = sumOf(drawn);
        expect(fairShareBytes(fairBytes, { weight: half / 2, weightSum: weightSum / 2 })).toBe(
          fairShareBytes(fairBytes, { weight: half, weightSum }),
        );
      }),
    );
  });
});

describe('a weight', () => {
  const parse = (weight: unknown) =>
    policySchema.safeParse({ guards: {}, grounds: [{ kind: 'fair-share', weight }] }).success;

  it.each([0, 0.5, 1, 1.5, 2, 1000])('may be %d', (weight) => {
    expect(parse(weight)).toBe(true);
  });

  it.each([-0.5, 0.25, 1.1, 1000.5, Number.NaN, Number.POSITIVE_INFINITY, '0.5', null])(
    'may not be %j',
    (weight) => {
      expect(parse(weight)).toBe(false);
    },
  );
});

describe('largestSizeBytes()', () => {
  it('is the inverse of promisedBytes()', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 62n }), (room) => {
        const size = largestSizeBytes(room);
        if (size > 0n) expect(promisedBytes(size)).toBeLessThanOrEqual(room);
        expect(promisedBytes(size + 1n)).toBeGreaterThan(room);
      }),
    );
  });

  it('leaves the least working room', () => {
    expect(largestSizeBytes(64n * MIB)).toBe(0n);
    expect(largestSizeBytes(64n * MIB + 5n)).toBe(5n);
  });
});
