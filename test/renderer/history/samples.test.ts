import { describe, expect, test } from 'vitest';
import {
  axisSteps,
  changeIn,
  columnsOf,
  rangeStartMs,
  risingIn,
  thinned,
} from '../../../renderer/history/samples.ts';
import { fc } from '../../fakes/properties.ts';

const NOW = Date.UTC(2026, 10, 25);
const sample = (atMs: number, written: bigint, limitBytes: string | null = '100') => ({
  atMs,
  writtenBytes: `${written}`,
  promisedBytes: `${written + 10n}`,
  limitBytes,
});

describe('samples of use', () => {
  test('a range begins so many days ago, everything at the beginning of time', () => {
    expect(rangeStartMs('week', NOW)).toBe(Date.UTC(2026, 10, 18));
    expect(rangeStartMs('month', NOW)).toBe(Date.UTC(2026, 9, 26));
    expect(rangeStartMs('all', NOW)).toBe(0);
    expect(rangeStartMs('year', 5)).toBe(0);
  });

  test('the first is compared with the last', () => {
    expect(changeIn([sample(1, 40n), sample(2, 90n), sample(3, 52n)])).toEqual({
      kind: 'more',
      changeBytes: 12n,
      fromBytes: 40n,
      toBytes: 52n,
      limitBytes: 100n,
    });
    expect(changeIn([sample(1, 40n), sample(2, 30n, null)])).toMatchObject({
      kind: 'less',
      changeBytes: 10n,
      limitBytes: null,
    });
    expect(changeIn([sample(1, 40n), sample(2, 40n)])?.kind).toBe('same');
    expect(changeIn([sample(1, 40n)])).toBeUndefined();
    expect(changeIn([])).toBeUndefined();
  });

  test('a difference of huge counts loses no byte', () => {
    const most = 2n ** 63n - 1n;
    expect(changeIn([sample(1, most - 1n), sample(2, most)])?.changeBytes).toBe(1n);
  });

  test('the chart gets rising times whatever the clock did, and always the last sample', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { minLength: 1 }), (times) => {
        const columns = columnsOf(risingIn(times.map((at) => sample(at * 1000, BigInt(at)))));
        expect(columns.times.every((at, i) => i === 0 || at > (columns.times[i - 1] ?? at))).toBe(
          true,
        );
        expect(columns.times.at(-1)).toBe(times.at(-1));
        expect(columns.written).toHaveLength(columns.times.length);
      }),
    );
  });

  test('where there was no limit the line has a gap', () => {
    expect(columnsOf([sample(1000, 1n, null), sample(2000, 1n)]).limit).toEqual([null, 100]);
  });

  test('a thinned list keeps its ends, its order and its bound', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.integer({ min: 2, max: 60 }), (count, max) => {
        const all = Array.from({ length: count }, (_, index) => index);
        const few = thinned(all, max);
        expect(few.length).toBe(Math.min(count, max));
        expect(few[0]).toBe(all[0]);
        expect(few.at(-1)).toBe(all.at(-1));
        expect([...new Set(few)].sort((a, b) => a - b)).toEqual(few);
      }),
    );
  });

  test('the axis counts in the units that the owner chose', () => {
    expect(axisSteps('decimal')).toContain(50e9);
    expect(axisSteps('binary')).toContain(64 * 1024 ** 3);
  });
});
