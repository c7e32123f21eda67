import { expect, test } from 'vitest';
import { keyTail, withoutGaps } from '../../../shared/words/key-text.ts';

test('a key is known by its end, and read however it was typed off the paper', () => {
  expect(keyTail('abcdefghijkl')).toBe('ghijkl');
  expect(withoutGaps(' ABCD 2345-efgh\n')).toBe('abcd2345efgh');
});
