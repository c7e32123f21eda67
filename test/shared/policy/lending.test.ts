import { describe, expect, it } from 'vitest';
import { BORROWED_LEASE_S, largestSizeBytes } from '../../../shared/model/plot.ts';
import type { Policy } from '../../../shared/model/policy.ts';
import { decide, decideRenewal } from '../../../shared/policy/decide.ts';
import type { Ask } from '../../../shared/policy/facts.ts';
import { GB } from '../../../shared/units.ts';
import { ask, codes, facts, fair } from './asks.ts';

describe('lending', () => {
  const lendable = { ...facts, lendableBytes: 40n * GB };
  const full = {
    ...lendable,
    useByGround: { 'fair-share': 50n * GB },
    useBytes: 50n * GB,
    promisedBytes: 50n * GB,
  };
  const loan = (more: Partial<Ask> = {}) => ask(10n * GB, { accept: 'borrowed', ...more });

  it('lends what others leave idle, for a short lease, to whoever takes a loan', () => {
    expect(decide(loan(), fair, full)).toMatchObject({ type: 'grant', class: 'borrowed' });
    expect(decide(ask(10n * GB), fair, full).type).toBe('denial');
    const long = loan({ wantS: 30 * 86_400, minS: 1 });
    expect(decide(long, fair, full)).toMatchObject({
      type: 'counter',
      durationS: BORROWED_LEASE_S,
    });
  });

  it('does not stand in the way of a ground that gives the whole for longer', () => {
    const month = loan({ wantS: 30 * 86_400, minS: 86_400 });
    expect(decide(month, fair, full)).toMatchObject({ type: 'counter', class: 'borrowed' });
    const also = { ...fair, grounds: [...fair.grounds, { kind: 'always' as const }] };
    expect(decide(month, also, full)).toMatchObject({ type: 'grant', ground: 'always' });
  });

  it('gives of a share what is left of it before it lends anything', () => {
    const some = { ...lendable, useByGround: { 'fair-share': 10n * GB } };
    expect(decide(loan(), fair, some)).toMatchObject({ type: 'grant', class: 'guaranteed' });
  });

  it('lends nothing while somebody waits for his own, nor under a strict split', () => {
    expect(decide(loan(), fair, { ...full, lineBytes: GB }).type).toBe('denial');
    expect(decide(loan(), fair, { ...full, standsInLine: true }).type).toBe('denial');
    const strict: Policy = {
      guards: {},
      grounds: [{ kind: 'fair-share', weight: 1, strict: true }],
    };
    expect(decide(loan(), strict, full).type).toBe('denial');
  });

  it('says how much would be lent, and what is', () => {
    const { share } = decide(ask(10n * GB), fair, { ...full, lentBytes: 3n * GB });
    expect(share).toMatchObject({
      shareBytes: 50n * GB,
      mayAskBytes: 0n,
      lentBytes: 3n * GB,
      mayBorrowBytes: largestSizeBytes(40n * GB),
    });
  });

  it('a lent plot grows by loans and a guaranteed one never does', () => {
    const grows = { sizeBytes: 10n * GB, ground: 'fair-share' } as const;
    const lent = loan({ accept: 'guaranteed', grows: { ...grows, class: 'borrowed' } });
    expect(decide(lent, fair, full)).toMatchObject({ type: 'grant', class: 'borrowed' });
    const own = loan({ grows: { ...grows, class: 'guaranteed' } });
    expect(decide(own, fair, full).type).toBe('denial');
  });

  it('lets whoever has not had his share wait in line for what is lent to others, and nobody else', () => {
    const empty = { ...facts, promisedBytes: 98n * GB, othersLentBytes: 60n * GB };
    expect(decide(ask(20n * GB), fair, empty)).toMatchObject({ type: 'pending', why: 'queue' });
    // What is lent would not be enough; it is beyond the share; nothing is lent.
    expect(decide(ask(20n * GB), fair, { ...empty, othersLentBytes: GB }).type).toBe('denial');
    expect(decide(ask(60n * GB), fair, empty).type).toBe('denial');
    expect(decide(ask(20n * GB), fair, { ...empty, othersLentBytes: 0n }).type).toBe('denial');
  });

  it('renews a loan for a week at most, and not once somebody waits for it', () => {
    const want = {
      wantS: 30 * 86_400,
      class: 'borrowed',
      sizeBytes: 1n,
      ground: 'fair-share',
    } as const;
    expect(decideRenewal(want, fair, { blocked: false })).toMatchObject({
      code: undefined,
      durationS: BORROWED_LEASE_S,
    });
    const wanted = decideRenewal(want, fair, { blocked: false, isWanted: true });
    expect(wanted.code).toBe('lent-wanted');
    // What was given is not asked back.
    const own = { wantS: 60, class: 'guaranteed', sizeBytes: 1n, ground: 'fair-share' } as const;
    expect(decideRenewal(own, fair, { blocked: false, isWanted: true }).code).toBeUndefined();
  });
});

describe('the owner’s own word and his night', () => {
  it('asks the owner about what is larger than he said, and takes his yes for this one', () => {
    const policy: Policy = { ...fair, guards: { askAboveBytes: 5n * GB } };
    expect(decide(ask(5n * GB), policy, facts).type).toBe('grant');
    expect(decide(ask(6n * GB), policy, facts)).toMatchObject({
      type: 'pending',
      why: 'owner-approval',
    });
    expect(decide(ask(6n * GB), policy, { ...facts, approved: true }).type).toBe('grant');
    // Where the answer is no anyway, nobody is asked.
    expect(decide(ask(60n * GB), policy, facts).type).toBe('denial');
  });

  it.each([
    ['by day', 9 * 60, 17 * 60, 12 * 60, true],
    ['at its end', 9 * 60, 17 * 60, 17 * 60, false],
    ['over midnight, before it', 22 * 60, 7 * 60, 23 * 60, true],
    ['over midnight, after it', 22 * 60, 7 * 60, 6 * 60, true],
    ['over midnight, by day', 22 * 60, 7 * 60, 12 * 60, false],
    ['all day', 60, 60, 0, true],
  ])('quiet hours %s', (_when, fromMin, untilMin, minuteOfDay, isQuiet) => {
    const policy: Policy = { ...fair, guards: { quietHours: { fromMin, untilMin } } };
    const decision = decide(ask(GB), policy, { ...facts, minuteOfDay });
    expect(codes(decision)).toEqual(isQuiet ? ['quiet-hours'] : []);
  });

  it('where the hour is not known none is quiet', () => {
    const policy: Policy = { ...fair, guards: { quietHours: { fromMin: 0, untilMin: 0 } } };
    expect(decide(ask(GB), policy, facts).type).toBe('grant');
  });
});
