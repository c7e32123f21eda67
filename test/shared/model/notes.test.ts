import { describe, expect, test } from 'vitest';
import { bytesFor, UNIT_BYTES, UNIT_S, unitsFor } from '../../../shared/model/notes.ts';
import { formatPetAmount, petAmount } from '../../../shared/model/pet-currency.ts';
import { BYTES_MAX, DAY_S, GB } from '../../../shared/units.ts';
import { fc } from '../../fakes/properties.ts';

const sizes = fc.bigInt(1n, BYTES_MAX);
const times = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const units = fc.bigInt(1n, 2n ** 40n);

describe('units of notes', () => {
  test('one is 64 MiB for 30 days, and a part of one is a whole one', () => {
    expect(unitsFor(UNIT_BYTES, UNIT_S)).toBe(1n);
    expect(unitsFor(UNIT_BYTES + 1n, UNIT_S)).toBe(2n);
    expect(unitsFor(1n, 1)).toBe(1n);
    expect(unitsFor(10n * GB, 30 * DAY_S)).toBe(150n);
    expect(unitsFor(0n, UNIT_S)).toBe(0n);
  });

  test('what is paid for is never less than what was wanted, and no whole unit too much', () => {
    fc.assert(
      fc.property(sizes, times, (bytes, durationS) => {
        const price = unitsFor(bytes, durationS);
        const whole = UNIT_BYTES * BigInt(UNIT_S);
        expect(price * whole).toBeGreaterThanOrEqual(bytes * BigInt(durationS));
        expect((price - 1n) * whole).toBeLessThan(bytes * BigInt(durationS));
      }),
    );
  });

  test('shown as bytes and typed again they stay the same', () => {
    fc.assert(
      fc.property(units, times, (count, durationS) => {
        expect(unitsFor(bytesFor(count, durationS), durationS)).toBe(count);
      }),
    );
  });

  test('twice the size or twice the time costs no more than twice', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, BYTES_MAX / 2n), fc.integer({ min: 1, max: 2 ** 30 }), (b, s) => {
        const price = unitsFor(b, s);
        expect(unitsFor(2n * b, s)).toBeLessThanOrEqual(2n * price);
        expect(unitsFor(b, 2 * s)).toBeLessThanOrEqual(2n * price);
      }),
    );
  });
});

describe('the pet currency', () => {
  const months = { name: null, perGbMonth: 1 };
  test('is GB-months unless the owner has one of his own, and knows what an issuer is worth', () => {
    expect(petAmount(149n, months)).toBeCloseTo(9.999, 2);
    expect(petAmount(149n, { name: 'Taler', perGbMonth: 12 }, 0.5)).toBeCloseTo(60, 0);
    expect(petAmount(0n, months)).toBe(0);
  });

  test('is written with as many figures as say something, in the words’ own way', () => {
    expect(formatPetAmount(1234.5, 'en')).toBe('1,234');
    expect(formatPetAmount(petAmount(unitsFor(10n * GB, UNIT_S), months), 'en')).toBe('10');
    expect(formatPetAmount(9.87, 'de')).toBe('9,8');
    expect(formatPetAmount(0.1 + 0.2, 'en')).toBe('0.3');
    expect(formatPetAmount(0.0671, 'de')).toBe('0,06');
    expect(formatPetAmount(0.001, 'en')).toBe('< 0.01');
    expect(formatPetAmount(0, 'en')).toBe('0');
  });
});
