import { describe, expect, it } from 'vitest';
import { systemClock } from '../../electron/core/adapters/system-clock.ts';
import type { Pause } from '../../electron/core/ledger/ledger.ts';
import { openPauseKeeper, pauseAt, pauseEnd } from '../../electron/core/pause.ts';
import { UNTIL_TOLD_MS } from '../../shared/model/until-told.ts';
import { until } from '../fakes/homes.ts';
import { silent } from '../fakes/silent-logger.ts';
import { fc } from '../fakes/properties.ts';

const HOUR_MS = 3_600_000;

describe('the end of a pause', () => {
  it('is sixty minutes away for an hour', () => {
    expect(pauseEnd('hour', 1000)).toBe(1000 + HOUR_MS);
  });

  it('is six in the morning of the next day, whatever the hour now', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(2020, 0), max: new Date(2040, 0), noInvalidDate: true }),
        (now) => {
          const end = new Date(pauseEnd('tomorrow', now.getTime()));
          expect([end.getHours(), end.getMinutes(), end.getSeconds()]).toEqual([6, 0, 0]);
          const next = new Date(now);
          next.setDate(next.getDate() + 1);
          expect(end.toDateString()).toBe(next.toDateString());
        },
      ),
    );
  });

  it('that lasts until somebody ends it stays the same when the clock is put back', () => {
    const pause: Pause = { sinceMs: 1_000_000, untilMs: UNTIL_TOLD_MS };
    expect(pauseAt(pause, 10)).toEqual(pause);
  });

  it('comes with its time, and never later than was chosen when the clock is put back', () => {
    const pause: Pause = { sinceMs: 1_000_000, untilMs: 1_000_000 + HOUR_MS };
    expect(pauseAt(pause, pause.untilMs - 1)).toBe(pause);
    expect(pauseAt(pause, pause.untilMs)).toBeUndefined();
    expect(pauseAt(pause, 10)).toEqual({ sinceMs: 10, untilMs: 10 + HOUR_MS });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 * HOUR_MS }), (nowMs) => {
        const left = pauseAt(pause, nowMs);
        if (left !== undefined) expect(left.untilMs - nowMs).toBeLessThanOrEqual(HOUR_MS);
      }),
    );
  });
});

/** A ledger that keeps nothing but the pause, and a clock that is set by hand. */
async function keeperAt(nowMs: number, kept?: Pause) {
  const state = { nowMs, pause: kept };
  const keeper = await openPauseKeeper({
    ledger: {
      pause: async () => state.pause,
      setPause: async (pause) => {
        state.pause = pause;
      },
    },
    clock: { nowMs: () => state.nowMs, monotonicMs: () => state.nowMs },
    logger: silent,
  });
  return { state, keeper };
}

describe('the keeper of the pause', () => {
  it('writes a pause down and lifts it when it is over', async () => {
    const { state, keeper } = await keeperAt(1000);
    expect(keeper.untilMs()).toBeNull();
    expect(await keeper.set('hour')).toBe(1000 + HOUR_MS);
    expect(state.pause).toEqual({ sinceMs: 1000, untilMs: 1000 + HOUR_MS });
    state.nowMs += HOUR_MS;
    await keeper.tick();
    expect(state.pause).toBeUndefined();
    expect(keeper.untilMs()).toBeNull();
    keeper.close();
  });

  it('lifts it at once when the owner says so', async () => {
    const { state, keeper } = await keeperAt(1000);
    await keeper.set('tomorrow');
    expect(await keeper.set(null)).toBeNull();
    expect(state.pause).toBeUndefined();
    keeper.close();
  });

  it('finds a pause of the run before, and one that ended while the program was off', async () => {
    const kept = { sinceMs: 1000, untilMs: 1000 + HOUR_MS };
    const during = await keeperAt(2000, kept);
    expect(during.keeper.untilMs()).toBe(kept.untilMs);
    during.keeper.close();
    const after = await keeperAt(kept.untilMs + 1, kept);
    expect(after.keeper.untilMs()).toBeNull();
    expect(after.state.pause).toBeUndefined();
    after.keeper.close();
  });

  it('lifts it by itself when nobody asks', async () => {
    const sinceMs = Date.now();
    let pause: Pause | undefined = { sinceMs, untilMs: sinceMs + 30 };
    const keeper = await openPauseKeeper({
      ledger: {
        pause: async () => pause,
        setPause: async (next) => {
          pause = next;
        },
      },
      clock: systemClock,
      logger: silent,
    });
    await until(() => (pause === undefined ? true : undefined));
    expect(keeper.untilMs()).toBeNull();
    keeper.close();
  });
});
