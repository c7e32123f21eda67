import { describe, expect, test } from 'vitest';
import { SET_SAFETIES } from '../../../shared/contract/backup-views.ts';
import { setState as judge } from '../../../shared/words/set-state.ts';

const setState = (
  set: Partial<Parameters<typeof judge>[0]>,
  jobs: Parameters<typeof judge>[1]['jobs'] = [],
) => judge({ name: 'photos', safety: 'safe', lastFault: null, ...set }, { jobs });
const faultOf = (code: string) => ({ key: `fault.${code}`, params: {} });
const job = (over: object = {}) => ({
  kind: 'backup' as const,
  set: 'photos',
  state: 'running' as const,
  ...over,
});

describe('how a set is doing, in one word', () => {
  test('is its safety', () => {
    expect(SET_SAFETIES.map((safety) => setState({ safety }))).toEqual([
      { state: 'safe', tone: 'good' },
      { state: 'catching-up', tone: 'plain' },
      { state: 'late', tone: 'warn' },
      { state: 'at-risk', tone: 'bad' },
      { state: 'new', tone: 'warn' },
    ]);
  });

  test('is that it is at risk, where somebody has to do something', () => {
    for (const code of ['plot-full', 'folder-missing', 'refused', 'wrong-password'])
      for (const safety of SET_SAFETIES)
        expect(setState({ safety, lastFault: faultOf(code) }).state).toBe('at-risk');
  });

  test('stays its safety where a fault mends itself', () => {
    for (const code of ['unreachable', 'cancelled', 'repository-locked'])
      for (const safety of SET_SAFETIES)
        expect(setState({ safety, lastFault: faultOf(code) })).toEqual(setState({ safety }));
  });

  test('is that it waits for a friend’s answer, until it grows old', () => {
    const lastFault = faultOf('waits');
    expect(setState({ safety: 'never', lastFault })).toEqual({ state: 'waits', tone: 'warn' });
    expect(setState({ safety: 'safe', lastFault }).state).toBe('waits');
    expect(setState({ safety: 'stale', lastFault }).state).toBe('late');
    expect(setState({ safety: 'at-risk', lastFault }).state).toBe('at-risk');
  });

  test('is that it runs, while it does; a restore, a check and other sets don’t count', () => {
    expect(setState({ safety: 'at-risk' }, [job()])).toEqual({ state: 'running', tone: 'plain' });
    for (const other of [
      { kind: 'restore' },
      { kind: 'check' },
      { set: 'films' },
      { state: 'done' },
    ])
      expect(setState({}, [job(other)]).state).toBe('safe');
  });
});
