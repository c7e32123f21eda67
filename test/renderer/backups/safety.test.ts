import { describe, expect, test } from 'vitest';
import { safetyWords, worstFirst } from '../../../renderer/backups/safety.ts';
import { PLAN_AT_FIRST } from '../../../shared/model/plan-at-first.ts';
import { UNTIL_TOLD_MS } from '../../../shared/model/until-told.ts';
import windowEn from '../../../shared/i18n/messages/en/window.json' with { type: 'json' };
import { SET_SAFETIES } from '../../../shared/contract/backup-views.ts';
import { copy, DAY_MS, friend, NOW_MS, set } from '../worlds/world-parts.ts';

const [ana, ben] = [friend('Ana'), friend('Ben')];
const plan = { ...PLAN_AT_FIRST, copies: 2 };

describe('how safe a set is, in words', () => {
  test('what is not safe comes first, and equals stay in their order', () => {
    const sets = SET_SAFETIES.map((safety) => set(safety, { safety }));
    const twice = [...sets, set('second at risk', { safety: 'at-risk' })];
    expect(worstFirst(twice).map(({ name }) => name)).toEqual([
      'at-risk',
      'second at risk',
      'stale',
      'never',
      'catching-up',
      'safe',
    ]);
  });

  test('a safe one says how many copies there are and when one looked into them', () => {
    const { what, next } = safetyWords(
      set('Photos', { copies: [copy(ana), copy(ben)], verifiedMs: NOW_MS }),
    );
    expect(what).toEqual({ key: 'safety.safe', params: { count: '2', verifiedMs: `${NOW_MS}` } });
    expect(next).toBeUndefined();
  });

  test('one that catches up says how many are whole, or that nobody looked into them', () => {
    const half = set('Photos', {
      plan,
      safety: 'catching-up',
      copies: [copy(ana), copy(ben, { state: 'behind' })],
    });
    expect(safetyWords(half).what).toEqual({
      key: 'safety.catching-up',
      params: { count: '1', words: '2' },
    });
    const whole = { ...half, copies: [copy(ana), copy(ben)] };
    expect(safetyWords(whole).what.key).toBe('safety.unverified');
    expect(safetyWords({ ...half, to: ['Ana'] }).next?.key).toBe('safety.next-friend');
  });

  test('one that came from another computer is kept, and says what is to be done before it goes on', () => {
    const taken = set('Photos', {
      safety: 'never',
      pausedUntilMs: UNTIL_TOLD_MS,
      copies: [copy(ana, { state: 'empty', completeMs: null })],
    });
    expect(safetyWords(taken).what.key).toBe('safety.other');
    expect(safetyWords(taken).next?.key).toBe('safety.next-told');
  });

  test('one that is late says since when, and what went wrong says itself what to do', () => {
    const late = set('Photos', {
      safety: 'stale',
      copies: [copy(ana, { completeMs: NOW_MS - 4 * DAY_MS })],
    });
    const { what, next } = safetyWords(late);
    expect(what).toEqual({
      key: 'safety.stale',
      params: { completeMs: `${NOW_MS - 4 * DAY_MS}` },
    });
    expect(next?.key).toBe('safety.next-run');
    const lastFault = { key: 'fault.plot-full', params: { friend: 'Ana' } };
    expect(safetyWords({ ...late, lastFault }).next).toBeUndefined();
  });

  test('one at risk says whether it is nobody, damage, nothing or age', () => {
    const risk = set('Photos', { safety: 'at-risk', copies: [] });
    const key = (over: Partial<typeof risk>) => safetyWords({ ...risk, ...over }).what.key;
    const gone = copy(ana, { state: 'gone' });
    expect(key({ to: [] })).toBe('safety.at-risk-nobody');
    expect(key({})).toBe('safety.at-risk-none');
    expect(key({ copies: [gone, copy(ben, { state: 'damaged' })] })).toBe('safety.at-risk-damaged');
    expect(key({ copies: [copy(ana)] })).toBe('safety.at-risk');
    expect(safetyWords({ ...risk, copies: [gone] }).next?.key).toBe('safety.next-friend');
  });

  test('whatever can be said has its sentence', () => {
    const words = windowEn.safety as Readonly<Record<string, string>>;
    const states = ['complete', 'behind', 'empty', 'unknown', 'damaged', 'gone'] as const;
    for (const safety of SET_SAFETIES)
      for (const state of states)
        for (const verifiedMs of [null, NOW_MS])
          for (const to of [[], ['Ana']]) {
            const one = set('x', { safety, to, verifiedMs, copies: [copy(ana, { state })] });
            const { what, next } = safetyWords(one);
            for (const { key } of next === undefined ? [what] : [what, next]) {
              const name = key.replace('safety.', '');
              expect(words[name] ?? words[`${name}_other`], key).toBeTypeOf('string');
            }
          }
  });
});
