import { describe, expect, test } from 'vitest';
import { moodOf } from '../../../renderer/home/mood.ts';
import {
  copy,
  friend,
  job,
  mine,
  NOW_MS,
  offer,
  pairing,
  set,
  snapshot,
  status,
} from '../worlds/world-parts.ts';
import type { NoticeView } from '../../../shared/contract/views.ts';

const notice = (level: NoticeView['level'], dismissed = false): NoticeView => ({
  id: level,
  kind: level === 'alarm' ? 'data-damaged' : 'request-refused',
  level,
  atMs: NOW_MS,
  params: { friend: 'Ben' },
  path: 'home',
  dismissed,
});
const knock = pairing('Ida');
const well = {
  offer: offer(),
  friends: [friend('Ben')],
  sets: [set('Photos')],
  mine: [mine(friend('Ben')), mine(friend('Ana'))],
};
const titleOf = (over: Parameters<typeof snapshot>[0]) =>
  titleKey(moodOf(snapshot({ ...well, ...over })));
const titleKey = (mood: ReturnType<typeof moodOf>) =>
  mood.notice === undefined ? mood.title.key : mood.notice.kind;
const moreOf = (mood: ReturnType<typeof moodOf>) =>
  mood.notice === undefined ? mood.more : undefined;

describe('the sentence that Home opens with', () => {
  test('tells the worst first: alarms, who knocks, warnings, a pause', () => {
    const paused = status({ pausedUntilMs: NOW_MS + 1000 });
    const all = {
      notices: [notice('warning'), notice('alarm')],
      pairings: [knock],
      status: paused,
    };
    expect(titleOf(all)).toBe('data-damaged');
    expect(titleOf({ ...all, notices: [notice('warning')] })).toBe('home.asks-in');
    expect(titleOf({ notices: [notice('warning')], status: paused })).toBe('request-refused');
    expect(titleOf({ status: paused })).toBe('home.paused');
  });

  test('calls a friend’s further device one, and nobody a caller before there are digits', () => {
    expect(titleOf({ pairings: [pairing('Ben’s laptop', { friend: 'Ben' })] })).toBe(
      'home.asks-in-device',
    );
    expect(titleOf({ pairings: [pairing('Ida', { digits: null })] })).toBe('home.all-well');
  });

  test('says nothing of what was put away', () => {
    expect(titleOf({ notices: [notice('alarm', true)] })).toBe('home.all-well');
  });

  test('knows what is missing at the beginning', () => {
    expect(titleOf({ offer: null })).toBe('home.nothing-shared');
    expect(titleOf({ friends: [] })).toBe('home.no-friends');
  });

  test('calls all well only with words about the backups that are true', () => {
    const more = (over: Parameters<typeof snapshot>[0]) =>
      moreOf(moodOf(snapshot({ ...well, ...over })));
    const kept = {
      ...set('Photos'),
      lastRunMs: NOW_MS - 1000,
      to: ['Ben', 'Ana'],
      lastFault: null,
    };
    expect(more({ sets: [kept] })?.params['count']).toBe('2');
    expect(more({ sets: [] })?.key).toBe('home.no-sets');
    // Two sets in one other home each lie in one other home, and not in two.
    const [ben, ana] = [friend('Ben'), friend('Ana')];
    const apart = [set('Photos', { copies: [copy(ben)] }), set('Notes', { copies: [copy(ana)] })];
    expect(more({ sets: apart })?.params['count']).toBe('1');
    const behind = set('Films', { copies: [copy(ben), copy(ana, { state: 'behind' })] });
    expect(more({ sets: [behind] })?.params['count']).toBe('1');
  });

  test('is not well where a set is behind, unless it is being backed up', () => {
    const stale = set('Photos', { safety: 'stale' });
    const full = { key: 'fault.plot-full', params: { friend: 'Ben' } };
    const failed = set('Films', { lastFault: full });
    expect(moodOf(snapshot({ ...well, sets: [set('Notes'), failed, stale] }))).toEqual({
      title: { key: 'home.late', params: { set: 'Photos', count: '2' } },
      more: expect.objectContaining({ key: expect.stringMatching(/^safety\.stale/) as string }),
    });
    expect(moodOf(snapshot({ ...well, sets: [failed] }))).toEqual({
      title: { key: 'home.late', params: { set: 'Films', count: '1' } },
      more: full,
    });
    // What mends itself is only told.
    const waits = set('Music', { lastFault: { key: 'fault.waits', params: { friend: 'Dev' } } });
    expect(moodOf(snapshot({ ...well, sets: [waits] }))).toMatchObject({
      title: { key: 'home.all-well' },
      more: { key: 'fault.waits' },
    });
    const jobs = [job({ set: 'Photos' })];
    expect(titleOf({ sets: [stale], jobs })).toBe('home.all-well');
    // That one is under way mends no other.
    expect(moodOf(snapshot({ ...well, sets: [stale, failed], jobs }))).toEqual({
      title: { key: 'home.late', params: { set: 'Films', count: '1' } },
      more: full,
    });
  });

  test('is not well where a set is at risk, whether a notice has said so yet or not', () => {
    const risky = set('Photos', { safety: 'at-risk', to: [] });
    expect(moodOf(snapshot({ ...well, sets: [set('Notes'), risky] }))).toEqual({
      title: { key: 'home.at-risk', params: { set: 'Photos', count: '1' } },
      more: { key: 'safety.at-risk-nobody', params: {} },
    });
  });
});
