import { describe, expect, it } from 'vitest';
import { type Demand, waterFill } from '../../../shared/policy/water-filling.ts';
import { fc } from '../../fakes/properties.ts';

const anyDemands: fc.Arbitrary<readonly Demand[]> = fc.array(
  fc.record({
    bytes: fc.oneof(fc.bigInt(0n, 50n), fc.bigInt(0n, 2n ** 63n)),
    weight: fc.bigInt(0n, 8n),
  }),
  { maxLength: 12 },
);
const anyCapacity = fc.oneof(fc.bigInt(0n, 200n), fc.bigInt(0n, 2n ** 63n));
const sum = (values: readonly bigint[]) => values.reduce((total, each) => total + each, 0n);
const least = (one: bigint, other: bigint) => (one < other ? one : other);

describe('water-filling', () => {
  it('gives everybody what he uses where there is enough', () => {
    const demands = [10n, 20n, 30n].map((bytes) => ({ bytes, weight: 1n }));
    expect(waterFill(60n, demands)).toEqual([10n, 20n, 30n]);
  });

  it('levels those who want most, by weight, and leaves the modest alone', () => {
    const demands = [
      { bytes: 10n, weight: 1n },
      { bytes: 90n, weight: 1n },
      { bytes: 90n, weight: 2n },
    ];
    expect(waterFill(70n, demands)).toEqual([10n, 20n, 40n]);
  });

  it('gives nothing to whoever weighs nothing', () => {
    expect(waterFill(9n, [{ bytes: 5n, weight: 0n }])).toEqual([0n]);
  });

  it('hands out all there is that somebody wants, never more, and to nobody more than he wants', () => {
    fc.assert(
      fc.property(anyCapacity, anyDemands, (capacity, demands) => {
        const filled = waterFill(capacity, demands);
        const wanted = sum(demands.map(({ bytes, weight }) => (weight > 0n ? bytes : 0n)));
        expect(sum(filled)).toBe(least(capacity, wanted));
        filled.forEach((bytes, index) => {
          expect(bytes).toBeGreaterThanOrEqual(0n);
          expect(bytes).toBeLessThanOrEqual(demands[index]?.bytes ?? 0n);
        });
      }),
    );
  });

  it('is max-min fair: whoever has less than he wants has no less by weight than anybody, but for a byte', () => {
    fc.assert(
      fc.property(anyCapacity, anyDemands, (capacity, demands) => {
        const filled = waterFill(capacity, demands);
        demands.forEach((mine, i) => {
          if (mine.weight === 0n || (filled[i] ?? 0n) === mine.bytes) return;
          demands.forEach((other, j) => {
            if (other.weight === 0n || i === j) return;
            expect((filled[j] ?? 0n) * mine.weight).toBeLessThanOrEqual(
              ((filled[i] ?? 0n) + 1n) * other.weight + mine.weight,
            );
          });
        });
      }),
    );
  });

  it('takes from nobody when there is more to fill, but for a byte', () => {
    fc.assert(
      fc.property(anyCapacity, fc.bigInt(0n, 1000n), anyDemands, (capacity, more, demands) => {
        const before = waterFill(capacity, demands);
        const after = waterFill(capacity + more, demands);
        after.forEach((bytes, index) =>
          expect(bytes + 1n).toBeGreaterThanOrEqual(before[index] ?? 0n),
        );
      }),
    );
  });
});
