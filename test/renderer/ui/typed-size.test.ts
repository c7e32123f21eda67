import { describe, expect, test } from 'vitest';
import {
  readSize,
  readSizeOrNone,
  roundDown,
  sizesToChoose,
} from '../../../renderer/ui/typed-size.ts';
import { GB, GIB } from '../../../shared/units.ts';
import { fc } from '../../fakes/properties.ts';

describe('a size as people type it', () => {
  test.each([
    ['500 GB', 500n * GB],
    ['500gb', 500n * GB],
    ['  1,5   TB ', 1500n * GB],
    ['1.5 TiB', 1536n * GIB],
    ['50', 50n * GB],
    ['2,5', 2_500_000_000n],
    ['2 MB', 2_000_000n],
    ['0,125 TB', 125n * GB],
    ['1.2345 TB', 1_234_500_000_000n],
    ['1000 GB', 1000n * GB],
  ])('"%s" is understood', (text, bytes) => {
    expect(readSize(text, 'decimal')).toBe(bytes);
  });

  test('a figure alone means gigabytes of the kind that the owner likes', () => {
    expect(readSize('50', 'binary')).toBe(50n * GIB);
  });

  test.each(['', 'lots', '-5 GB', '5 apples', '0', '1e9', '1.000.000 GB'])(
    '"%s" is no size',
    (text) => {
      expect(readSize(text, 'decimal')).toBeUndefined();
    },
  );

  // To one it is a thousand, to another it is one: an offer of a terabyte must not become one of a gigabyte.
  test.each(['1.000 GB', '1,000 GB', ' 2.500', '500.000 MB', '1.024 GiB'])(
    '"%s" may mean two sizes, and is none',
    (text) => {
      expect(readSize(text, 'decimal')).toBeUndefined();
    },
  );

  test('nothing is a size only where it may be', () => {
    for (const text of ['0', '0 GB', ' 0,0 gb ']) expect(readSizeOrNone(text, 'decimal')).toBe(0n);
    expect(readSizeOrNone('10', 'decimal')).toBe(10n * GB);
    expect(readSizeOrNone('none', 'decimal')).toBeUndefined();
  });
});

test('a round size is never more than it was made of, and more than a third of it', () => {
  fc.assert(
    fc.property(fc.bigInt(GB, 100_000n * GB), (bytes) => {
      const round = roundDown(bytes, 'decimal');
      expect(round <= bytes && round * 3n > bytes).toBe(true);
    }),
  );
  expect(roundDown(GB - 1n, 'decimal')).toBe(0n);
  expect(roundDown(1234n * GB, 'decimal')).toBe(1000n * GB);
});

test('the sizes to choose from fit on the disk', () => {
  expect(sizesToChoose(1200n * GB, 'decimal')).toEqual(
    [100n, 200n, 500n, 1000n].map((n) => n * GB),
  );
  expect(sizesToChoose(3n * GIB, 'binary')).toEqual([GIB, 2n * GIB]);
  expect(sizesToChoose(0n, 'decimal')).toEqual([]);
});
