import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { setState as judge } from '../../../shared/words/set-state.ts';

const NOW = Date.UTC(2026, 10, 25);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ran = (agoMs: number) => ({ name: 'photos', lastRunMs: NOW - agoMs, lastFault: null });
/** One copy lies somewhere, unless it is said otherwise. */
const setState = (
  set: Omit<Parameters<typeof judge>[0], 'to'> & { readonly to?: readonly string[] },
  jobs: Parameters<typeof judge>[1]['jobs'],
  nowMs: number,
  mine: Parameters<typeof judge>[1]['mine'] = [{ set: 'photos' }],
) => judge({ to: ['Ben'], ...set }, { jobs, mine }, nowMs);
const job = (over: object = {}) => ({
  kind: 'backup' as const,
  set: 'photos',
  state: 'running' as const,
  ...over,
});

describe('how a set is doing', () => {
  test('it is safe until three days after its last run, then late, after five at risk', () => {
    expect(setState(ran(HOUR), [], NOW)).toEqual({ state: 'safe', tone: 'good' });
    expect(setState(ran(3 * DAY - 1), [], NOW).state).toBe('safe');
    expect(setState(ran(3 * DAY), [], NOW)).toEqual({ state: 'late', tone: 'warn' });
    expect(setState(ran(5 * DAY - 1), [], NOW).state).toBe('late');
    expect(setState(ran(5 * DAY), [], NOW)).toEqual({ state: 'at-risk', tone: 'bad' });
  });

  test('one that never ran is new, and at risk once a run has failed', () => {
    const never = { name: 'photos', lastRunMs: null, lastFault: null };
    expect(setState(never, [], NOW)).toEqual({ state: 'new', tone: 'warn' });
    const lastFault = { key: 'fault.unreachable', params: {} };
    expect(setState({ ...never, lastFault }, [], NOW).state).toBe('at-risk');
  });

  test('a copy at a friend’s who has ended it is none', () => {
    const mine = [{ set: 'photos', state: 'gone' as const }];
    expect(setState(ran(HOUR), [], NOW, mine).state).toBe('at-risk');
    expect(setState(ran(HOUR), [], NOW, [...mine, { set: 'photos' }]).state).toBe('safe');
  });

  test('one that goes to nobody any more is at risk, whether it ever ran or not', () => {
    const never = { name: 'photos', lastRunMs: null, lastFault: null, to: [] };
    expect(setState(never, [], NOW)).toEqual({ state: 'at-risk', tone: 'bad' });
    expect(setState({ ...ran(HOUR), to: [] }, [], NOW).state).toBe('at-risk');
  });

  test('a failed run puts it at risk however fresh the one before is', () => {
    const lastFault = { key: 'fault.plot-full', params: { friend: 'Ben' } };
    expect(setState({ ...ran(HOUR), lastFault }, [], NOW).state).toBe('at-risk');
  });

  test('one that waits for a friend’s answer says so, until it grows old', () => {
    const lastFault = { key: 'fault.waits', params: { friend: 'Ben', why: 'queue' } };
    const never = { name: 'photos', lastRunMs: null, lastFault };
    expect(setState(never, [], NOW)).toEqual({ state: 'waits', tone: 'warn' });
    expect(setState({ ...ran(HOUR), lastFault }, [], NOW).state).toBe('waits');
    expect(setState({ ...ran(3 * DAY), lastFault }, [], NOW).state).toBe('late');
    expect(setState({ ...ran(5 * DAY), lastFault }, [], NOW).state).toBe('at-risk');
  });

  test('a run that was stopped by hand is no failure', () => {
    const lastFault = { key: 'fault.cancelled', params: {} };
    expect(setState({ ...ran(HOUR), lastFault }, [], NOW).state).toBe('safe');
  });

  test('a set that nobody keeps any more is at risk, however fresh its last run is', () => {
    expect(setState(ran(HOUR), [], NOW, []).state).toBe('at-risk');
    expect(setState(ran(HOUR), [], NOW, [{ set: 'films' }, { set: null }]).state).toBe('at-risk');
    const never = { name: 'photos', lastRunMs: null, lastFault: null };
    expect(setState(never, [], NOW, []).state).toBe('new');
  });

  test('while it runs it says so; a restore, a check and other sets don’t count', () => {
    expect(setState(ran(9 * DAY), [job()], NOW)).toEqual({ state: 'running', tone: 'plain' });
    for (const other of [
      { kind: 'restore' },
      { kind: 'check' },
      { set: 'films' },
      { state: 'done' },
    ])
      expect(setState(ran(HOUR), [job(other)], NOW).state).toBe('safe');
  });

  test('it never gets better by waiting', () => {
    const order = ['safe', 'late', 'at-risk'];
    fc.assert(
      fc.property(fc.integer({ min: -DAY, max: 9 * DAY }), fc.nat(9 * DAY), (agoMs, waitMs) => {
        const before = order.indexOf(setState(ran(agoMs), [], NOW).state);
        expect(order.indexOf(setState(ran(agoMs), [], NOW + waitMs).state)).toBeGreaterThanOrEqual(
          before,
        );
      }),
    );
  });
});
