import { describe, expect, test } from 'vitest';
import {
  ANYTHING,
  type Filters,
  filtersAtFirst,
  isAnything,
  passes,
  queryOf,
  WHAT,
} from '../../../renderer/activity/filters.ts';
import { contract } from '../../../shared/contract/contract.ts';
import { DECISION_KINDS, DECISION_OUTCOMES } from '../../../shared/model/decision-kinds.ts';
import { DAY_MS, decision, friend, HOUR_MS, MINUTE_MS, NOW_MS } from '../worlds/world-parts.ts';
import { fc } from '../../fakes/properties.ts';

const ana = friend('Ana');
const ben = friend('Ben');
const whats = ['any', ...(Object.keys(WHAT) as (keyof typeof WHAT)[])] as const;
const anyFilters = fc.record<Filters>({
  friend: fc.constantFrom('any', ana.owner),
  what: fc.constantFrom(...whats),
  outcome: fc.constantFrom('any', ...DECISION_OUTCOMES),
  time: fc.constantFrom('any', 'today', 'week', 'month', 'year'),
});
const anyRow = fc
  .record({
    of: fc.constantFrom(ana, ben),
    kind: fc.constantFrom(...DECISION_KINDS),
    outcome: fc.constantFrom(...DECISION_OUTCOMES),
    atMs: fc.integer({ min: NOW_MS - 400 * DAY_MS, max: NOW_MS }),
  })
  .map(({ of, ...rest }) => decision(1, of, rest));

describe('the filters of the log', () => {
  test('name every kind exactly once', () => {
    expect(Object.values(WHAT).flat().sort()).toEqual([...DECISION_KINDS].sort());
  });

  test('make a question that the core understands', () => {
    fc.assert(
      fc.property(anyFilters, (filters) => {
        const { args } = contract['decisions.list'];
        expect(args.safeParse(queryOf(filters, NOW_MS)).success).toBe(true);
      }),
    );
  });

  test('let everything through that nothing was said against', () => {
    expect(queryOf(ANYTHING, NOW_MS)).toEqual({});
    fc.assert(fc.property(anyRow, (row) => passes({}, row)));
  });

  test('narrow: a further filter never lets more through', () => {
    fc.assert(
      fc.property(anyFilters, anyRow, (filters, row) => {
        if (!passes(queryOf(filters, NOW_MS), row)) return;
        for (const part of ['friend', 'what', 'outcome', 'time'] as const)
          expect(passes(queryOf({ ...filters, [part]: 'any' }, NOW_MS), row)).toBe(true);
      }),
    );
  });

  test('today begins at midnight by this computer’s clock', () => {
    const midnightMs = new Date(NOW_MS).setHours(0, 0, 0, 0);
    const query = queryOf({ ...ANYTHING, time: 'today' }, NOW_MS);
    expect(passes(query, decision(1, ana, { atMs: midnightMs }))).toBe(true);
    expect(passes(query, decision(1, ana, { atMs: midnightMs - 1 }))).toBe(false);
  });

  test.each([
    ['week', 7],
    ['month', 30],
    ['year', 365],
  ] as const)('a %s reaches back %i days', (time, days) => {
    const query = queryOf({ ...ANYTHING, time }, NOW_MS);
    const edgeMs = NOW_MS - days * DAY_MS;
    expect(passes(query, decision(1, ana, { atMs: edgeMs + MINUTE_MS }))).toBe(true);
    expect(passes(query, decision(1, ana, { atMs: edgeMs - HOUR_MS }))).toBe(false);
  });
});

describe('the filters at first', () => {
  const kept: Filters = { ...ANYTHING, outcome: 'denied' };

  test('are what was chosen last', () => {
    expect(filtersAtFirst(undefined, [ana], kept)).toEqual(kept);
  });

  test('are the friend that the address names, and nothing else', () => {
    expect(filtersAtFirst(ana.owner, [ana, ben], kept)).toEqual({ ...ANYTHING, friend: ana.owner });
  });

  test('are none if the address names nobody', () => {
    expect(isAnything(filtersAtFirst(ben.owner, [ana], kept))).toBe(true);
  });
});
