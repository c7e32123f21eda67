import { describe, expect, it } from 'vitest';
import { isVerifyLate, type SafetyFacts, safetyOf } from '../../../shared/backup/safety.ts';
import { SET_SAFETIES } from '../../../shared/contract/backup-views.ts';
import { fc } from '../../fakes/properties.ts';

const NOW = Date.UTC(2026, 10, 25);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

type SomeCopy = SafetyFacts['copies'][number];
const copy = (more: Partial<SomeCopy> = {}): SomeCopy => ({
  state: 'complete',
  completeMs: NOW - HOUR_MS,
  verifiedMs: NOW - HOUR_MS,
  ...more,
});
const safety = (copies: readonly SomeCopy[], more: Partial<SafetyFacts> = {}) =>
  safetyOf(
    {
      copies,
      hosts: 2,
      wanted: 1,
      verifyDays: 30,
      createdMs: NOW - 100 * DAY_MS,
      lastRunMs: NOW - HOUR_MS,
      ...more,
    },
    NOW,
  );
const old = (days: number) => ({ completeMs: NOW - days * DAY_MS });

describe('a set is', () => {
  it('safe with as many fresh, complete, verified copies as wanted, and catching up with fewer', () => {
    expect(safety([copy()])).toBe('safe');
    expect(safety([copy()], { wanted: 2 })).toBe('catching-up');
    expect(safety([copy(), copy({ state: 'behind' })], { wanted: 2 })).toBe('catching-up');
    expect(safety([copy(), copy({ state: 'damaged' })], { wanted: 2 })).toBe('catching-up');
    expect(safety([copy(), copy({ state: 'gone' })], { wanted: 2 })).toBe('catching-up');
    expect(safety([copy(), copy({ state: 'empty', completeMs: null })], { wanted: 2 })).toBe(
      'catching-up',
    );
    expect(safety([copy(), copy()], { wanted: 2 })).toBe('safe');
    expect(safety([copy(), copy({ state: 'behind' })], { wanted: 1 })).toBe('safe');
  });

  it('stale from three days on and at risk from five, by its newest copy', () => {
    const age = (days: number) => safety([copy(old(days)), copy({ state: 'behind', ...old(9) })]);
    expect(age(2.99)).toBe('safe');
    expect(age(3)).toBe('stale');
    expect(age(4.99)).toBe('stale');
    expect(age(5)).toBe('at-risk');
    expect(safety([copy({ state: 'behind', ...old(1) })])).toBe('catching-up');
  });

  it('late only after it was due, where that is once a week', () => {
    const age = (days: number) => safety([copy(old(days))], { every: 'week' });
    expect(age(8.9)).toBe('safe');
    expect(age(9)).toBe('stale');
    expect(age(11)).toBe('at-risk');
  });

  it('at risk when no copy is known to be whole, or nobody keeps it', () => {
    expect(safety([])).toBe('at-risk');
    expect(safety([copy({ state: 'damaged' })])).toBe('at-risk');
    expect(safety([copy({ state: 'gone' })])).toBe('at-risk');
    expect(safety([copy()], { hosts: 0 })).toBe('at-risk');
    expect(safety([], { hosts: 0, lastRunMs: null })).toBe('at-risk');
  });

  it('not run yet, as long as nothing was ever complete', () => {
    const empty = copy({ state: 'empty', completeMs: null, verifiedMs: null });
    expect(safety([], { lastRunMs: null })).toBe('never');
    expect(safety([empty], { lastRunMs: null })).toBe('never');
    // A run that ended and left nothing whole is another matter.
    expect(safety([empty])).toBe('at-risk');
  });

  it('not safe when a copy was not verified for as long as a pass should take, and a week', () => {
    const verified = (days: number | null, verifyDays: number) =>
      safety([copy({ verifiedMs: days === null ? null : NOW - days * DAY_MS })], { verifyDays });
    expect(verified(30, 30)).toBe('safe');
    expect(verified(31, 30)).toBe('catching-up');
    expect(verified(6, 1)).toBe('safe');
    expect(verified(8, 1)).toBe('catching-up');
    expect(verified(null, 30)).toBe('catching-up');
    const young = { createdMs: NOW - 6 * DAY_MS };
    expect(safety([copy({ verifiedMs: null })], young)).toBe('safe');
  });

  it('no worse for a clock that was set back', () => {
    expect(safety([copy({ completeMs: NOW + 400 * DAY_MS, verifiedMs: NOW + DAY_MS })])).toBe(
      'safe',
    );
  });
});

it('a copy that nothing was ever complete in has not been verified late', () => {
  const facts = { verifyDays: 1, createdMs: 0 };
  expect(isVerifyLate({ completeMs: null, verifiedMs: null }, facts, NOW)).toBe(false);
});

it('never gets better by waiting', () => {
  const order = ['safe', 'catching-up', 'stale', 'at-risk'];
  const some = fc.record({
    state: fc.constantFrom<SomeCopy['state']>(
      'complete',
      'behind',
      'empty',
      'unknown',
      'damaged',
      'gone',
    ),
    completeMs: fc.option(fc.integer({ min: NOW - 9 * DAY_MS, max: NOW + DAY_MS })),
    verifiedMs: fc.option(fc.integer({ min: NOW - 9 * DAY_MS, max: NOW + DAY_MS })),
  });
  fc.assert(
    fc.property(
      fc.array(some, { maxLength: 4 }),
      fc.integer({ min: 1, max: 4 }),
      fc.nat(20 * DAY_MS),
      (copies, wanted, waitMs) => {
        const facts = { copies, hosts: 1, wanted, verifyDays: 1, createdMs: NOW, lastRunMs: NOW };
        const [before, after] = [safetyOf(facts, NOW), safetyOf(facts, NOW + waitMs)];
        expect(order.indexOf(after)).toBeGreaterThanOrEqual(order.indexOf(before));
        expect(SET_SAFETIES).toContain(after);
      },
    ),
  );
});
