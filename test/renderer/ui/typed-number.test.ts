import { expect, test } from 'vitest';
import { readDecimal, readWhole } from '../../../renderer/ui/typed-number.ts';

test('whole numbers are read as far as they may go', () => {
  expect(
    ['0', ' 30 ', '365', '366', '', '-1', '1.5', '1e2', '٣'].map((text) => readWhole(text, 365)),
  ).toEqual([0, 30, 365, undefined, undefined, undefined, undefined, undefined, undefined]);
});

test('what is behind the point has a length, and the point may be a comma', () => {
  const read = (text: string) => readDecimal(text, { places: 2, most: 10 });
  expect(['0', '1,25', ' 9.5', '10', '10,01'].map(read)).toEqual([0, 1.25, 9.5, 10, undefined]);
  expect(['', '.', '1.', '.5', '1.234', '1,2,3', '-1', '1e1'].map(read)).toEqual(
    Array.from({ length: 8 }, () => undefined),
  );
});
