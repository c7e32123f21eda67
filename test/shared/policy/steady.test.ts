import { describe, expect, it } from 'vitest';
import { steadyCapacity } from '../../../shared/policy/steady.ts';
import { BYTES_MAX } from '../../../shared/units.ts';
import { fc } from '../../fakes/properties.ts';

const bytes = fc.bigInt({ min: 0n, max: BYTES_MAX });

describe('steadyCapacity()', () => {
  it('is never more than a hundredth away from what is there', () => {
    fc.assert(
      fc.property(bytes, bytes, (before, present) => {
        const steady = steadyCapacity(before, present);
        const away = steady > present ? steady - present : present - steady;
        expect(away * 100n <= steady).toBe(true);
      }),
    );
  });

  it('stands still as long as it moves by no more than a hundredth', () => {
    fc.assert(
      fc.property(bytes, fc.bigInt({ min: -100n, max: 100n }), (before, share) => {
        const present = before + (before * share) / 10_000n;
        expect(steadyCapacity(before, present)).toBe(before);
      }),
    );
  });

  it('gives nobody less for more room', () => {
    fc.assert(
      fc.property(bytes, bytes, bytes, (before, one, other) => {
        const [less, more] = one < other ? [one, other] : [other, one];
        expect(steadyCapacity(before, less) <= steadyCapacity(before, more)).toBe(true);
      }),
    );
  });

  it('is what is there while nothing is remembered, and settles at once', () => {
    fc.assert(
      fc.property(fc.option(bytes, { nil: undefined }), bytes, (before, present) => {
        const steady = steadyCapacity(before, present);
        expect(steadyCapacity(undefined, present)).toBe(present);
        expect(steadyCapacity(steady, present)).toBe(steady);
      }),
    );
  });
});
