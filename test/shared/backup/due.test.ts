import { describe, expect, it } from 'vitest';
import {
  type Due,
  type DueFacts,
  type DueNow,
  dueOf,
  spreadMs,
} from '../../../shared/backup/due.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type OffsetMinAt } from '../../../shared/backup/slots.ts';
import type { Schedule } from '../../../shared/model/backup-plan.ts';
import { EVERY, PLAN_AT_FIRST } from '../../../shared/model/plan-at-first.ts';
import { fc, runs } from '../../fakes/properties.ts';

const YEAR_MS = 365 * DAY_MS;
/** The first of January 2026 was a Thursday. */
const START_MS = Date.UTC(2026, 0, 1);
const at = (month: number, day: number, hour = 0, minute = 0) =>
  Date.UTC(2026, month - 1, day, hour, minute);

const utc: OffsetMinAt = () => 0;
/** Berlin in 2026: an hour ahead of UTC, from the 29th of March to the 25th of October two. */
const berlin: OffsetMinAt = (ms) => (ms >= at(3, 29, 1) && ms < at(10, 25, 1) ? 120 : 60);

const schedule = (more: Partial<Schedule> = {}): Schedule => ({
  ...PLAN_AT_FIRST.schedule,
  ...more,
});

const someFacts = (more: Partial<DueFacts> = {}): DueFacts => ({
  name: 'photos',
  schedule: schedule(),
  createdMs: START_MS,
  lastRunMs: undefined,
  lastTryMs: undefined,
  failures: 0,
  ended: undefined,
  isFreed: false,
  pausedUntilMs: undefined,
  ...more,
});

const someNow = (nowMs: number, more: Partial<DueNow> = {}): DueNow => ({
  nowMs,
  offsetMinAt: utc,
  awakeMs: 30 * DAY_MS,
  idleS: null,
  onBattery: null,
  metered: null,
  ...more,
});

/** A set that has run just before `at`, unless it says otherwise. */
const ranAt = (ms: number, more: Partial<DueFacts> = {}) =>
  someFacts({ lastRunMs: ms, lastTryMs: ms, ...more });

/** Lives through a time in minutes; says when something ran. `stepAt`: how the clock on the wall goes on. */
function live(
  first: DueFacts,
  {
    untilMs,
    offsetMinAt = utc,
    fromMs = START_MS,
    stepMs = MINUTE_MS,
    isOn = () => true,
    fails = () => false,
    more = () => ({}),
  }: {
    readonly untilMs: number;
    readonly offsetMinAt?: OffsetMinAt;
    readonly fromMs?: number;
    readonly stepMs?: number;
    readonly isOn?: (ms: number) => boolean;
    readonly fails?: (ms: number) => boolean;
    readonly more?: (ms: number) => Partial<DueNow>;
  },
): readonly number[] {
  let facts = first;
  const runs: number[] = [];
  let onSinceMs: number | undefined = fromMs - DAY_MS;
  for (let nowMs = fromMs; nowMs < untilMs; nowMs += stepMs) {
    if (!isOn(nowMs)) {
      onSinceMs = undefined;
      continue;
    }
    onSinceMs ??= nowMs;
    const now = someNow(nowMs, { offsetMinAt, awakeMs: nowMs - onSinceMs, ...more(nowMs) });
    if (!dueOf(facts, now).begin) continue;
    runs.push(nowMs);
    facts = fails(nowMs)
      ? { ...facts, lastTryMs: nowMs, failures: facts.failures + 1 }
      : { ...facts, lastTryMs: nowMs, lastRunMs: nowMs, failures: 0 };
  }
  return runs;
}

const gaps = (runs: readonly number[]) => runs.slice(1).map((ms, index) => ms - (runs[index] ?? 0));

describe('a year of a computer that is always on', () => {
  const stands = ranAt(START_MS - MINUTE_MS);

  it.each([
    ['hour', 365 * 24, HOUR_MS],
    ['6-hours', 365 * 4, 6 * HOUR_MS],
    ['12-hours', 365 * 2, 12 * HOUR_MS],
  ] as const)('of a set that runs every %s has %i runs', (every, count, gapMs) => {
    for (const offsetMinAt of [utc, berlin]) {
      const facts = { ...stands, schedule: schedule({ every }) };
      const runs = live(facts, { untilMs: START_MS + YEAR_MS, offsetMinAt });
      // The very first time may count as served by the run a minute before the year.
      expect(Math.abs(runs.length - count)).toBeLessThanOrEqual(1);
      expect(new Set(gaps(runs))).toEqual(new Set([gapMs]));
    }
  });

  it.each([12 * 60, 0, 23 * 60 + 59, 2 * 60 + 30, 3 * 60])(
    'of a daily set has a run a day at minute %i, also where the clock is changed',
    (atMin) => {
      const runs = live(
        { ...stands, schedule: schedule({ atMin }) },
        { untilMs: START_MS + YEAR_MS, offsetMinAt: berlin },
      );
      expect(Math.abs(runs.length - 365)).toBeLessThanOrEqual(1);
      for (const gap of gaps(runs)) {
        expect(gap).toBeGreaterThanOrEqual(23 * HOUR_MS);
        expect(gap).toBeLessThanOrEqual(25 * HOUR_MS);
      }
      const walls = runs.map((ms) => (ms / MINUTE_MS + berlin(ms)) % 1440);
      // On the one night on which half past two does not exist it is half past one or half past three.
      expect(walls.filter((wall) => wall !== atMin).length).toBeLessThanOrEqual(1);
    },
  );

  it('of a weekly set has a run on each of its days', () => {
    for (const weekday of [0, 1, 2, 3, 4, 5, 6]) {
      const runs = live(
        { ...stands, schedule: schedule({ every: 'week', weekday, atMin: 9 * 60 }) },
        { untilMs: START_MS + YEAR_MS, offsetMinAt: berlin, stepMs: 5 * MINUTE_MS },
      );
      expect([52, 53]).toContain(runs.length);
      for (const ms of runs) {
        const wall = new Date(ms + berlin(ms) * MINUTE_MS);
        expect([wall.getUTCDay(), wall.getUTCHours(), wall.getUTCMinutes()]).toEqual([
          weekday,
          9,
          0,
        ]);
      }
    }
  });

  it('of a set that is run by hand has none', () => {
    const hand = { ...stands, schedule: schedule({ every: 'hand' }) };
    expect(live(hand, { untilMs: START_MS + 30 * DAY_MS })).toEqual([]);
    expect(dueOf(hand, someNow(START_MS))).toMatchObject({ nextMs: null, waitsFor: null });
  });
});

describe('any year', () => {
  const on = fc.array(fc.tuple(fc.nat(14 * 24), fc.nat(14 * 24)), { minLength: 1, maxLength: 20 });

  it('of a computer that is on and off has one run for whatever it missed, and none too close to another', () => {
    fc.assert(
      fc.property(fc.constantFrom(...EVERY), on, fc.nat(1439), (every, hours, atMin) => {
        /** In hours: off for so long, on for so long, again and again. */
        const spans = hours.reduce<readonly { fromMs: number; untilMs: number }[]>(
          (all, [off, isOnFor]) => {
            const fromMs = (all.at(-1)?.untilMs ?? START_MS) + off * HOUR_MS;
            return [...all, { fromMs, untilMs: fromMs + isOnFor * HOUR_MS }];
          },
          [],
        );
        const isOn = (ms: number) =>
          spans.some(({ fromMs, untilMs }) => ms >= fromMs && ms < untilMs);
        const facts = ranAt(START_MS - MINUTE_MS, { schedule: schedule({ every, atMin }) });
        const runs = live(facts, {
          untilMs: START_MS + 90 * DAY_MS,
          offsetMinAt: berlin,
          stepMs: 5 * MINUTE_MS,
          isOn,
        });
        const least = { hand: 0, hour: 10, '6-hours': 60, '12-hours': 120, day: 180, week: 720 };
        for (const gap of gaps(runs)) expect(gap).toBeGreaterThan(least[every] * MINUTE_MS);
        if (every === 'hand') {
          expect(runs).toEqual([]);
          return;
        }
        // Whenever it was on for longer than what may be missed and the spread, something ran in that time.
        const period = { hour: 1, '6-hours': 6, '12-hours': 12, day: 25, week: 169 }[every];
        for (const { fromMs, untilMs } of spans) {
          const isLong = untilMs - fromMs > (period + 13) * HOUR_MS;
          const isInTime = untilMs < START_MS + 90 * DAY_MS;
          if (isLong && isInTime)
            expect(runs.some((ms) => ms >= fromMs && ms < untilMs)).toBe(true);
        }
      }),
      { numRuns: runs(40) },
    );
  });

  it('ends with what it says: nothing begins before the time it names, and then it does', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...EVERY.filter((each) => each !== 'hand')),
        fc.nat(1439),
        fc.integer({ min: 0, max: 400 * 24 * 60 }),
        fc.integer({ min: 0, max: 20 * 24 * 60 }),
        (every, atMin, minute, agoMin) => {
          const nowMs = START_MS + minute * MINUTE_MS;
          const facts = ranAt(nowMs - agoMin * MINUTE_MS, {
            createdMs: START_MS - 30 * DAY_MS,
            schedule: schedule({ every, atMin }),
          });
          const look = (ms: number) => dueOf(facts, someNow(ms, { offsetMinAt: berlin }));
          const { nextMs, begin } = look(nowMs);
          if (begin || nextMs === null) {
            expect(begin).toBe(true);
            return;
          }
          expect(look(nextMs).begin).toBe(true);
          if (nextMs - MINUTE_MS >= nowMs) expect(look(nextMs - MINUTE_MS).begin).toBe(false);
        },
      ),
    );
  });
});

describe('what was missed', () => {
  const NOON = at(6, 10, 12);
  const missed = ranAt(NOON - DAY_MS);

  it('begins two to ten minutes after the computer has started, by the name of the set', () => {
    const wokeMs = NOON + 3 * HOUR_MS;
    const names = Array.from({ length: 50 }, (_, index) => `set ${index}`);
    for (const name of names) {
      const look = (afterMs: number) =>
        dueOf({ ...missed, name }, someNow(wokeMs + afterMs, { awakeMs: afterMs }));
      const spread = spreadMs(name);
      expect(spread).toBeGreaterThanOrEqual(2 * MINUTE_MS);
      expect(spread).toBeLessThan(10 * MINUTE_MS);
      expect(look(spread - 1)).toMatchObject({ begin: false, nextMs: wokeMs + spread });
      expect(look(spread)).toMatchObject({ begin: true, sinceMs: NOON });
    }
    expect(new Set(names.map(spreadMs)).size).toBeGreaterThan(40);
  });

  it('is one run, however many times were missed', () => {
    const runs = live(ranAt(NOON - 30 * DAY_MS, { schedule: schedule({ every: 'hour' }) }), {
      fromMs: NOON,
      untilMs: NOON + 50 * MINUTE_MS,
      isOn: (ms) => ms >= NOON + MINUTE_MS,
    });
    expect(runs.length).toBeLessThanOrEqual(2);
    expect(runs.length).toBeGreaterThanOrEqual(1);
  });

  it('of a new set is its first run, some minutes after it was made', () => {
    const made = someFacts({ createdMs: NOON });
    expect(dueOf(made, someNow(NOON))).toMatchObject({
      begin: false,
      nextMs: NOON + spreadMs('photos'),
    });
    expect(dueOf(made, someNow(NOON + spreadMs('photos'))).begin).toBe(true);
  });
});

describe('a clock that is wrong', () => {
  it.each([1, 30, 365, 3650])(
    'set back by %i days costs one run more, and then it goes on',
    (days) => {
      const nowMs = at(6, 10, 12);
      const ahead = nowMs + days * DAY_MS;
      const runs = live(ranAt(ahead, { createdMs: ahead - DAY_MS }), {
        fromMs: nowMs,
        untilMs: nowMs + 10 * DAY_MS,
      });
      expect(runs.length).toBeGreaterThanOrEqual(10);
      expect(runs.length).toBeLessThanOrEqual(11);
    },
  );

  it('put right by minutes costs nothing', () => {
    const noon = at(6, 10, 12);
    expect(dueOf(ranAt(noon + 90 * MINUTE_MS), someNow(noon)).begin).toBe(false);
  });

  it('with failures written ahead of it does not keep a set from being tried', () => {
    const nowMs = at(6, 10, 12);
    const facts = someFacts({
      createdMs: nowMs - 40 * DAY_MS,
      lastTryMs: nowMs + YEAR_MS,
      failures: 7,
    });
    const runs = live(facts, { fromMs: nowMs, untilMs: nowMs + DAY_MS, fails: () => true });
    expect(runs.length).toBeGreaterThanOrEqual(2);
    expect(runs.length).toBeLessThanOrEqual(3);
  });
});

describe('a run that failed', () => {
  const NOON = at(6, 10, 12);

  it('is tried again after a quarter of an hour, one hour, four and from then on twelve', () => {
    const runs = live(ranAt(NOON - DAY_MS), {
      fromMs: NOON,
      untilMs: NOON + 3 * DAY_MS,
      fails: () => true,
    });
    expect(runs[0]).toBe(NOON);
    expect(gaps(runs).slice(0, 5)).toEqual([
      15 * MINUTE_MS,
      HOUR_MS,
      4 * HOUR_MS,
      12 * HOUR_MS,
      12 * HOUR_MS,
    ]);
  });

  it('is tried soon when what was in the way is gone', () => {
    const failed = ranAt(NOON - DAY_MS, { lastTryMs: NOON, failures: 4 });
    expect(dueOf(failed, someNow(NOON + HOUR_MS)).begin).toBe(false);
    const freed = { ...failed, isFreed: true };
    expect(dueOf(freed, someNow(NOON + MINUTE_MS)).begin).toBe(false);
    expect(dueOf(freed, someNow(NOON + 2 * MINUTE_MS)).begin).toBe(true);
  });

  it('for want of an answer is tried when there is one', () => {
    const waiting = ranAt(NOON - DAY_MS, { lastTryMs: NOON, ended: 'waits' });
    expect(dueOf(waiting, someNow(NOON + 11 * HOUR_MS)).begin).toBe(false);
    expect(dueOf(waiting, someNow(NOON + 12 * HOUR_MS)).begin).toBe(true);
    expect(dueOf({ ...waiting, isFreed: true }, someNow(NOON + 3 * MINUTE_MS)).begin).toBe(true);
  });

  it('because somebody stopped it is not begun again before the next time', () => {
    const stopped = ranAt(NOON - DAY_MS, { lastTryMs: NOON + MINUTE_MS, ended: 'stopped' });
    const runs = live(stopped, { fromMs: NOON + 2 * MINUTE_MS, untilMs: NOON + 2 * DAY_MS });
    expect(runs).toEqual([NOON + DAY_MS]);
  });
});

describe('what it waits for', () => {
  const NOON = at(6, 10, 12);
  const due = (more: Partial<Schedule>, now: Partial<DueNow> = {}, nowMs = NOON): Due =>
    dueOf(ranAt(NOON - DAY_MS, { schedule: schedule(more) }), someNow(nowMs, now));

  it('mains, unless it may run on the battery or nobody knows', () => {
    expect(due({}, { onBattery: true })).toMatchObject({ begin: false, waitsFor: 'mains' });
    expect(due({ onBattery: true }, { onBattery: true }).begin).toBe(true);
    expect(due({}, { onBattery: false }).begin).toBe(true);
    expect(due({}, { onBattery: null }).begin).toBe(true);
  });

  it('a line that is not paid by the byte', () => {
    expect(due({}, { metered: true })).toMatchObject({ begin: false, waitsFor: 'metered' });
  });

  it('ten minutes in which nobody touches the computer, but no longer than a day', () => {
    const idle = { whenIdle: true };
    expect(due(idle, { idleS: 599 })).toMatchObject({
      begin: false,
      waitsFor: 'idle',
      nextMs: NOON + DAY_MS,
    });
    expect(due(idle, { idleS: 600 }).begin).toBe(true);
    expect(due(idle, { idleS: null }).begin).toBe(true);
    expect(due(idle, { idleS: 0 }, NOON + DAY_MS - MINUTE_MS).begin).toBe(false);
    expect(due(idle, { idleS: 0 }, NOON + DAY_MS).begin).toBe(true);
  });

  it('the end of a day also where new times come every hour', () => {
    const runs = live(ranAt(NOON, { schedule: schedule({ every: 'hour', whenIdle: true }) }), {
      fromMs: NOON,
      untilMs: NOON + 3 * DAY_MS,
      more: () => ({ idleS: 0 }),
    });
    expect(runs).toHaveLength(2);
  });

  it('the end of the quiet hours, also over midnight and over a change of the clock', () => {
    const nights = { quietHours: { fromMin: 22 * 60, untilMin: 7 * 60 } };
    const night = dueOf(
      ranAt(at(3, 28, 12), { schedule: schedule({ every: 'hour', ...nights }) }),
      someNow(at(3, 28, 23), { offsetMinAt: berlin }),
    );
    expect(night).toMatchObject({ begin: false, waitsFor: 'quiet-hours' });
    const runs = live(ranAt(at(3, 28, 12), { schedule: schedule({ every: 'hour', ...nights }) }), {
      fromMs: at(3, 28, 13),
      untilMs: at(3, 31),
      offsetMinAt: berlin,
    });
    for (const ms of runs) {
      const wallHour = Math.floor(((ms / MINUTE_MS + berlin(ms)) % 1440) / 60);
      expect(wallHour).toBeGreaterThanOrEqual(7);
      expect(wallHour).toBeLessThan(22);
    }
    expect(runs.length).toBeGreaterThan(24);
  });

  it('the end of a pause', () => {
    const paused = ranAt(NOON - DAY_MS, { pausedUntilMs: NOON + HOUR_MS });
    expect(dueOf(paused, someNow(NOON))).toMatchObject({
      begin: false,
      waitsFor: 'pause',
      nextMs: NOON + HOUR_MS,
    });
    expect(dueOf(paused, someNow(NOON + HOUR_MS)).begin).toBe(true);
    // Nothing waits before it is time.
    expect(dueOf(paused, someNow(NOON - HOUR_MS))).toMatchObject({
      waitsFor: null,
      nextMs: NOON + HOUR_MS,
    });
  });
});
