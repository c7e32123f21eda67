import { describe, expect, it } from 'vitest';
import { safetyOf } from '../../../shared/backup/safety.ts';
import { UNTIL_TOLD_MS } from '../../../shared/model/until-told.ts';
import type { NoticeFacts, SetFacts } from '../../../shared/notices/facts.ts';
import { dismissNotice, judgeNotices } from '../../../shared/notices/judge.ts';
import type { NoticeMemory } from '../../../shared/notices/memory.ts';
import {
  ANA,
  BEN,
  DAY_MS,
  NOON_MS,
  nothingTold,
  quiet,
  someCopy,
  someHost,
  somePlot,
  someSet,
} from '../../fakes/notice-facts.ts';

const HOUR_MS = 3_600_000;
const look = (sets: readonly SetFacts[], memory: NoticeMemory = nothingTold, nowMs = NOON_MS) =>
  judgeNotices(memory, quiet({ sets, hosts: [], mine: [] }), nowMs);
const kinds = ({ notices }: NoticeMemory) => notices.map(({ kind }) => kind);
const only = ({ notices }: NoticeMemory) => {
  expect(notices).toHaveLength(1);
  return notices[0];
};
const said = (code: string, params: Readonly<Record<string, string>> = { friend: 'Ben' }) => ({
  code,
  params,
});
const noRoom = said('refused', { friend: 'Ben', denial: 'over-share', wantedBytes: '1' });

describe('a backup that did not work', () => {
  it('is not told where it mends itself', () => {
    for (const code of ['unreachable', 'repository-locked', 'waits', 'cancelled'])
      expect(kinds(look([someSet({ lastFault: said(code) })]))).toEqual([]);
  });

  it('is told once, however often it fails', () => {
    const set = someSet({
      newestMs: NOON_MS + 9 * DAY_MS,
      lastFault: said('folder-missing', { folder: '/a' }),
    });
    const first = look([set]);
    expect(only(first)).toMatchObject({ kind: 'backup-failed', level: 'warning' });
    const put = dismissNotice(first, 'backup-failed:photos');
    for (let hour = 1; hour < 100; hour += 1)
      expect(only(look([set], put, NOON_MS + hour * HOUR_MS))?.dismissed).toBe(true);
  });

  it('for want of room is told as that, of each friend who had none', () => {
    const told = look([someSet({ lastFault: noRoom })]);
    expect(only(told)).toMatchObject({
      id: 'share-full:photos',
      level: 'warning',
      path: 'backups',
      params: { set: 'photos', friend: 'Ben', fault: 'refused', denial: 'over-share' },
    });
    const copies = [
      someCopy(),
      someCopy({ owner: ANA, friend: 'Ana', state: 'behind', fault: said('plot-full') }),
    ];
    expect(only(look([someSet({ copies })]))).toMatchObject({
      id: `share-full:photos ${ANA}`,
      params: { friend: 'Ana', fault: 'plot-full' },
    });
  });

  it('is not brought up while the set is paused', () => {
    const pausedUntilMs = NOON_MS + HOUR_MS;
    const bad = {
      lastFault: said('folder-missing'),
      newestMs: NOON_MS - 4 * DAY_MS,
      safety: 'stale' as const,
    };
    expect(kinds(look([someSet({ ...bad, pausedUntilMs })]))).toEqual([]);
    const told = look([someSet(bad)]);
    expect(kinds(told)).toHaveLength(2);
    // What he had heard of by then stays.
    expect(look([someSet({ ...bad, pausedUntilMs })], told, NOON_MS + 1)).toEqual(told);
    expect(
      kinds(look([someSet({ ...bad, pausedUntilMs })], nothingTold, pausedUntilMs)),
    ).toHaveLength(2);
  });
});

describe('a set that came from another computer and waits until it is told to run', () => {
  it('is not paused by anybody, and says that there is no fresh backup', () => {
    const set = someSet({
      newestMs: NOON_MS - 4 * DAY_MS,
      safety: 'stale',
      pausedUntilMs: UNTIL_TOLD_MS,
    });
    expect(only(look([set]))).toMatchObject({ kind: 'backup-stale', params: { context: 'waits' } });
  });
});

describe('a backup that grows old', () => {
  it('is told of when it is late, which a weekly one is not after five days', () => {
    const set = someSet({ newestMs: NOON_MS - 8 * DAY_MS, every: 'week' });
    expect(kinds(look([set]))).toEqual([]);
    const late = someSet({ newestMs: NOON_MS - 9 * DAY_MS, every: 'week', safety: 'stale' });
    expect(only(look([late]))).toMatchObject({ kind: 'backup-stale', level: 'warning' });
  });

  it('names the friend who can’t be reached, whose silence is then not told by itself', () => {
    const set = someSet({
      newestMs: NOON_MS - 6 * DAY_MS,
      safety: 'at-risk',
      lastFault: said('unreachable', { friend: 'Ben', detail: 'off' }),
    });
    const away = someHost({ lastContactMs: NOON_MS - 6 * DAY_MS });
    const facts: NoticeFacts = quiet({ sets: [set], hosts: [away] });
    expect(only(judgeNotices(nothingTold, facts, NOON_MS))).toMatchObject({
      kind: 'backup-stale',
      level: 'alarm',
      params: { friend: 'Ben', context: 'away' },
    });
    // As long as another copy is fresh, he is simply away.
    const fresh = quiet({ sets: [someSet()], hosts: [away] });
    expect(only(judgeNotices(nothingTold, fresh, NOON_MS))?.kind).toBe('friend-away');
  });

  it('because all of it is damaged is told as damage', () => {
    const set = someSet({
      newestMs: undefined,
      safety: 'at-risk',
      copies: [someCopy({ state: 'damaged' })],
    });
    expect(only(look([set]))).toMatchObject({ kind: 'copy-damaged', level: 'alarm' });
  });
});

describe('a damaged copy', () => {
  const whole = someCopy({ owner: ANA, friend: 'Ana' });

  it('names friend and drive, and is an alarm where no other is whole', () => {
    const copy = someCopy({ state: 'damaged', drive: 'Red disk' });
    expect(only(look([someSet({ copies: [copy, whole] })]))).toMatchObject({
      id: `copy-damaged:photos ${BEN}`,
      level: 'warning',
      params: { set: 'photos', friend: 'Ben', drive: 'Red disk', context: 'drive' },
    });
    expect(only(look([someSet({ copies: [copy] })]))).toMatchObject({
      level: 'alarm',
      params: { context: 'only' },
    });
  });

  it('that was repaired is told once, and goes after a week', () => {
    const copy = someCopy({ repairedMs: NOON_MS });
    const set = someSet({ copies: [copy, whole], newestMs: NOON_MS + 20 * DAY_MS });
    const damaged = look([someSet({ copies: [someCopy({ state: 'damaged' }), whole] })]);
    const repaired = look([set], damaged, NOON_MS + HOUR_MS);
    expect(only(repaired)).toMatchObject({
      level: 'info',
      atMs: NOON_MS + HOUR_MS,
      params: { context: 'repaired' },
    });
    expect(only(look([set], repaired, NOON_MS + DAY_MS))?.atMs).toBe(NOON_MS + HOUR_MS);
    expect(kinds(look([set], repaired, NOON_MS + 8 * DAY_MS))).toEqual([]);
    // It happened so fast that the damage itself was never told.
    expect(only(look([set]))?.params).toMatchObject({ context: 'repaired' });
  });
});

describe('a copy that is gone', () => {
  it('is told until somebody else is chosen', () => {
    const set = someSet({ copies: [someCopy({ state: 'gone' })] });
    expect(only(look([set]))).toMatchObject({
      id: `copy-gone:photos ${BEN}`,
      level: 'warning',
      path: 'backups',
    });
    expect(kinds(look([someSet()], look([set])))).toEqual([]);
  });

  it('with its friend leaves fewer than wanted', () => {
    expect(only(look([someSet({ wanted: 2 })]))).toMatchObject({
      id: 'copy-gone:photos',
      params: { context: 'fewer' },
    });
  });
});

describe('a look into copies', () => {
  it('that is overdue is told while the friend is there, once for each set', () => {
    const late = someCopy({ isVerifyLate: true });
    const other = someCopy({ owner: ANA, friend: 'Ana', isVerifyLate: true });
    expect(only(look([someSet({ copies: [late, other] })]))).toMatchObject({
      id: 'verify-late:photos',
      params: { friend: 'Ben', sinceMs: `${NOON_MS - DAY_MS}` },
    });
    const away = someCopy({ isVerifyLate: true, seenMs: NOON_MS - 6 * DAY_MS });
    expect(kinds(look([someSet({ copies: [away] })]))).toEqual([]);
  });
});

describe('parts that no copy has any more', () => {
  it('are told for a week, and anew when more are lost', () => {
    const at = (daysAgo: number) =>
      look([someSet({ lost: { objects: 2, atMs: NOON_MS - daysAgo * DAY_MS } })]);
    expect(only(at(1))).toMatchObject({
      id: 'parts-lost:photos',
      level: 'warning',
      params: { set: 'photos' },
    });
    expect(kinds(at(8))).toEqual([]);
    // A clock that was put back makes nothing happen in the future.
    expect(kinds(at(-1))).toEqual([]);
  });
});

describe('old backups that can’t be removed', () => {
  const stuck = (code: string, days: number) =>
    look([someSet({ stuck: { fault: { code, params: {} }, sinceMs: NOON_MS - days * DAY_MS } })]);

  it('are told after some days of trying, and with them what to do', () => {
    expect(kinds(stuck('unreachable', 2))).toEqual([]);
    expect(only(stuck('unreachable', 4))).toMatchObject({
      id: 'prune-stuck:photos',
      level: 'warning',
      params: { sinceMs: `${NOON_MS - 4 * DAY_MS}` },
    });
    expect(only(stuck('repository-damaged', 4))).toMatchObject({ params: { context: 'damaged' } });
  });

  it('are told no longer once they are gone', () => {
    const before = stuck('unreachable', 4);
    expect(kinds(look([someSet()], before))).toEqual([]);
  });
});

describe('the offer to try a restore', () => {
  it('comes a week after the first backup, and a month after each', () => {
    const at = (more: Partial<SetFacts>) => kinds(look([someSet(more)]));
    const young = { createdMs: NOON_MS - 6 * DAY_MS, drilledMs: undefined };
    expect(at(young)).toEqual([]);
    expect(at({ ...young, createdMs: NOON_MS - 8 * DAY_MS })).toEqual(['drill-offer']);
    expect(at({ drilledMs: NOON_MS - 29 * DAY_MS })).toEqual([]);
    expect(at({ drilledMs: NOON_MS - 31 * DAY_MS })).toEqual(['drill-offer']);
    // There is nothing to restore yet.
    expect(
      at({
        newestMs: undefined,
        safety: 'never',
        drilledMs: undefined,
        createdMs: NOON_MS - DAY_MS,
      }),
    ).toEqual([]);
  });

  it('is put away for a month', () => {
    const set = someSet({ drilledMs: NOON_MS - 31 * DAY_MS, newestMs: NOON_MS + 90 * DAY_MS });
    const put = dismissNotice(look([set]), 'drill-offer:photos');
    const after = (days: number) => only(look([set], put, NOON_MS + days * DAY_MS))?.dismissed;
    expect([after(1), after(28), after(31)]).toEqual([true, true, false]);
  });

  it('is one at a time', () => {
    const due = (name: string, days: number) =>
      someSet({ name, drilledMs: NOON_MS - days * DAY_MS });
    expect(only(look([due('a', 40), due('b', 50), due('c', 35)]))?.id).toBe('drill-offer:b');
  });
});

/** What is told in a month, looked at every hour; `silentDays`: Ben is off for so long from the fifth day on. */
function month(silentDays: number, copies: 1 | 2) {
  const startMs = NOON_MS;
  let memory = nothingTold;
  const told = new Map<string, { readonly level: string; readonly kind: string }>();
  for (let hour = 0; hour <= 30 * 24; hour += 1) {
    const nowMs = startMs + hour * HOUR_MS;
    const offFromMs = startMs + 5 * DAY_MS;
    const offUntilMs = offFromMs + silentDays * DAY_MS;
    const isOff = nowMs >= offFromMs && nowMs < offUntilMs;
    const benMs = isOff ? offFromMs : nowMs;
    const daily = (ms: number) => startMs + Math.floor((ms - startMs) / DAY_MS) * DAY_MS;
    const ben = { completeMs: daily(benMs), verifiedMs: daily(benMs) };
    const ana = { completeMs: daily(nowMs), verifiedMs: daily(nowMs) };
    const facts = {
      hosts: copies,
      wanted: copies,
      verifyDays: 30,
      createdMs: startMs - 100 * DAY_MS,
      lastRunMs: startMs,
    };
    const views = [
      { ...ben, state: isOff ? ('behind' as const) : ('complete' as const) },
      ...(copies === 2 ? [{ ...ana, state: 'complete' as const }] : []),
    ];
    const set = someSet({
      ...facts,
      safety: safetyOf({ ...facts, copies: views }, nowMs),
      newestMs: Math.max(...views.map(({ completeMs }) => completeMs)),
      drilledMs: startMs - 3 * DAY_MS,
      lastFault:
        isOff && copies === 1 ? said('unreachable', { friend: 'Ben', detail: 'off' }) : undefined,
      copies: [
        someCopy({ ...ben, state: isOff ? 'behind' : 'complete', seenMs: benMs }),
        ...(copies === 2 ? [someCopy({ ...ana, owner: ANA, friend: 'Ana', seenMs: nowMs })] : []),
      ],
    });
    const untilMs = benMs + 31 * DAY_MS;
    memory = judgeNotices(
      memory,
      quiet({
        sets: [set],
        hosts: [someHost({ lastContactMs: benMs })],
        mine: [somePlot({ untilMs, graceMs: untilMs + 14 * DAY_MS })],
      }),
      nowMs,
    );
    for (const { id, atMs, level, kind } of memory.notices)
      told.set(`${id} ${atMs}`, { level, kind });
  }
  const all = [...told.values()];
  return {
    warnings: all.filter(({ level }) => level !== 'info').map(({ kind }) => kind),
    left: memory,
  };
}

describe('in a month', () => {
  it('in which nothing happens nobody is warned of anything', () => {
    expect(month(0, 1).warnings).toEqual([]);
    expect(month(0, 2).warnings).toEqual([]);
  });

  it('in which a friend is away for ten days two things are told at most, and nothing is left of it', () => {
    const one = month(10, 1);
    expect(one.warnings).toEqual(['backup-stale', 'backup-stale']);
    const two = month(10, 2);
    expect(two.warnings).toEqual(['friend-away']);
    for (const { left } of [one, two])
      expect(left.notices.filter(({ level }) => level !== 'info')).toEqual([]);
  });
});
