import { describe, expect, it } from 'vitest';
import { spread, thinned } from '../../../electron/core/usage/thin.ts';
import { fc, runs } from '../../fakes/properties.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2027, 4, 11, 17, 23);

/** As they are taken: ten minutes apart or more, over up to half a year, in rising order. */
const anyTimes = fc
  .array(fc.oneof(fc.integer({ min: 10, max: 70 }), fc.integer({ min: 10, max: 5000 })), {
    maxLength: 400,
  })
  .map((gaps) => {
    let atMs = NOW;
    return gaps.map((minutes) => (atMs -= minutes * MINUTE)).reverse();
  });
/** Minutes that pass before samples are thinned again. */
const anyLater = fc.integer({ min: 0, max: 200 * 24 * 60 });

describe('thinned()', () => {
  it('keeps the order, adds nothing, keeps the newest and all of the last two days', () => {
    fc.assert(
      fc.property(anyTimes, anyLater, (times, later) => {
        const nowMs = NOW + later * MINUTE;
        const kept = thinned(times, nowMs);
        const left = new Set(kept);
        expect(kept).toEqual(times.filter((atMs) => left.has(atMs)));
        expect(kept.at(-1)).toBe(times.at(-1));
        for (const atMs of times) if (atMs > nowMs - 2 * DAY) expect(left.has(atMs)).toBe(true);
      }),
    );
  });

  it('leaves one of each hour for sixty days and one of each day after that, none without', () => {
    fc.assert(
      fc.property(anyTimes, anyLater, (times, later) => {
        const nowMs = NOW + later * MINUTE;
        const kept = new Set(thinned(times, nowMs));
        const endOf = (atMs: number, span: number) => (Math.floor(atMs / span) + 1) * span;
        const byDay = (atMs: number) => endOf(atMs, DAY) <= nowMs - 60 * DAY;
        const byHour = (atMs: number) => !byDay(atMs) && endOf(atMs, HOUR) <= nowMs - 2 * DAY;
        for (const [isOfAge, span] of [
          [byDay, DAY],
          [byHour, HOUR],
        ] as const)
          for (const all of Map.groupBy(times.filter(isOfAge), (atMs) =>
            endOf(atMs, span),
          ).values())
            expect(all.filter((atMs) => kept.has(atMs))).toEqual([all.at(-1)]);
      }),
    );
  });

  it('comes to the same whether it was done on the way or not', () => {
    fc.assert(
      fc.property(anyTimes, anyLater, anyLater, (times, soon, later) => {
        const once = NOW + soon * MINUTE;
        const again = once + later * MINUTE;
        expect(thinned(thinned(times, once), again)).toEqual(thinned(times, again));
      }),
    );
  });

  it('never keeps more than a bound that grows by one a day', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), (days) => {
        const first = NOW - days * DAY;
        const times = Array.from({ length: days * 144 }, (_, index) => first + index * 10 * MINUTE);
        expect(thinned(times, NOW).length).toBeLessThanOrEqual(3 * 144 + 60 * 24 + days);
      }),
      { numRuns: runs(20) },
    );
  });

  it('leaves alone what a clock that was ahead has dated', () => {
    const ahead = [NOW - 3 * DAY, NOW + DAY, NOW + DAY + MINUTE];
    expect(thinned(ahead, NOW)).toEqual(ahead);
  });
});

describe('spread()', () => {
  it('gives at most so many, in order, the oldest and the newest among them', () => {
    fc.assert(
      fc.property(anyTimes, fc.integer({ min: 3, max: 60 }), (times, most) => {
        const samples = times.map((atMs) => ({ atMs }));
        const shown = spread(samples, most);
        expect(shown.length).toBeLessThanOrEqual(most);
        expect(shown[0]).toBe(samples[0]);
        expect(shown.at(-1)).toBe(samples.at(-1));
        expect(samples.filter((sample) => shown.includes(sample))).toEqual(shown);
        if (times.length <= most) expect(shown).toEqual(samples);
      }),
    );
  });

  it('leaves no hole where there were samples', () => {
    const samples = Array.from({ length: 5000 }, (_, index) => ({ atMs: index * MINUTE }));
    const shown = spread(samples, 500);
    const gaps = shown.slice(1).map(({ atMs }, index) => atMs - (shown[index]?.atMs ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2 * Math.ceil(5000 / 499) * MINUTE);
  });
});
