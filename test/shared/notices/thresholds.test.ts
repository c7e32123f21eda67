import { describe, expect, it } from 'vitest';
import {
  crossedAtFirst,
  crossThresholds,
  isStillAt,
  type Level,
  NOTHING_CROSSED,
  percentOf,
  THRESHOLDS,
  type ThresholdMemory,
} from '../../../shared/notices/thresholds.ts';
import { fc } from '../../fakes/properties.ts';

const DAY_MS = 86_400_000;

/** Goes through levels one after the other, a minute apart, and says what was told at each. */
function walk(levels: readonly (number | Level)[], stepMs = 60_000, memory = NOTHING_CROSSED) {
  let kept: ThresholdMemory = memory;
  return levels.map((each, at) => {
    const level = typeof each === 'number' ? { percent: each, isRefusing: false } : each;
    const step = crossThresholds(kept, level, at * stepMs);
    kept = step.memory;
    return step.tell;
  });
}
const full = (percent: number): Level => ({ percent, isRefusing: true });

describe('a threshold', () => {
  it('is told on the way up, once each', () => {
    expect(walk([10, 79, 80, 81, 89, 90, 99])).toEqual([
      undefined,
      undefined,
      80,
      undefined,
      undefined,
      90,
      undefined,
    ]);
  });

  it('is told only at its highest when several are crossed at once', () => {
    expect(walk([10, 95, 70, 80])).toEqual([undefined, 90, undefined, undefined]);
  });

  it('counts again after a month, and only from five points below', () => {
    expect(walk([80, 76, 80], 31 * DAY_MS)).toEqual([80, undefined, undefined]);
    expect(walk([80, 74, 80], 31 * DAY_MS)).toEqual([80, undefined, 80]);
    expect(walk([80, 74, 80], DAY_MS)).toEqual([80, undefined, undefined]);
  });

  it('at 100 is told only when somebody was refused, and then from 95 on', () => {
    expect(walk([100, 130])).toEqual([90, undefined]);
    expect(walk([50, full(94), full(95), full(100), 100, 96, full(99)])).toEqual([
      undefined,
      90,
      100,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('stays as it is while nothing can be said', () => {
    const unknown: Level = { percent: undefined, isRefusing: false };
    expect(walk([85, unknown, unknown, 85])).toEqual([80, undefined, undefined, undefined]);
    expect(isStillAt(80, unknown)).toBe(true);
  });

  it('that was crossed before anybody looked is no news, and counts when it is crossed again', () => {
    const first = crossedAtFirst({ percent: 93, isRefusing: false });
    expect(walk([93, 91, 84, 90], DAY_MS, first)).toEqual([undefined, undefined, undefined, 90]);
  });

  it('is not kept quiet for years by a clock that ran ahead', () => {
    const ahead: ThresholdMemory = { crossed: [], toldMs: { 80: 900 * DAY_MS } };
    expect(walk([10, 80, 10, 80], 31 * DAY_MS, ahead)).toEqual([undefined, 80, undefined, 80]);
  });
});

const anyLevel: fc.Arbitrary<Level> = fc.record({
  percent: fc.option(fc.integer({ min: 0, max: 130 }), { nil: undefined }),
  isRefusing: fc.boolean(),
});

describe('the laws of thresholds', () => {
  it('no flapping around one tells it twice within a month', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyLevel, fc.integer({ min: 0, max: 2 * DAY_MS })), { maxLength: 60 }),
        (steps) => {
          let memory = NOTHING_CROSSED;
          let nowMs = 0;
          const told = new Map<number, number>();
          for (const [level, passMs] of steps) {
            nowMs += passMs;
            const step = crossThresholds(memory, level, nowMs);
            ({ memory } = step);
            if (step.tell === undefined) continue;
            const before = told.get(step.tell) ?? -Infinity;
            expect(nowMs - before).toBeGreaterThanOrEqual(30 * DAY_MS);
            told.set(step.tell, nowMs);
          }
        },
      ),
    );
  });

  it('the same level again tells nothing and changes nothing', () => {
    fc.assert(
      fc.property(fc.array(anyLevel, { minLength: 1, maxLength: 20 }), (levels) => {
        let memory = NOTHING_CROSSED;
        for (const [at, level] of levels.entries())
          ({ memory } = crossThresholds(memory, level, at * DAY_MS));
        const last = levels.at(-1) ?? { percent: 0, isRefusing: false };
        const again = crossThresholds(memory, last, levels.length * 40 * DAY_MS);
        expect(again.tell).toBeUndefined();
        expect(again.memory).toEqual(memory);
      }),
    );
  });

  it('nothing is told without being there', () => {
    fc.assert(
      fc.property(fc.array(anyLevel, { maxLength: 30 }), (levels) => {
        const told = walk(levels, 40 * DAY_MS);
        for (const [at, threshold] of told.entries()) {
          if (threshold === undefined) continue;
          expect(levels[at]?.percent).toBeGreaterThanOrEqual(threshold === 100 ? 95 : threshold);
          if (threshold === 100) expect(levels[at]?.isRefusing).toBe(true);
        }
      }),
    );
  });
});

describe('percentOf()', () => {
  it('rounds down, and knows no limit from one of nothing', () => {
    expect(percentOf(899n, 1000n)).toBe(89);
    expect(percentOf(5n, undefined)).toBe(0);
    expect(percentOf(5n, 0n)).toBeUndefined();
    expect(percentOf(2n ** 62n, 1n)).toBe(1000);
    expect(THRESHOLDS).toEqual([80, 90, 100]);
  });
});
