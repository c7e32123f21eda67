import { describe, expect, test } from 'vitest';
import { news } from '../../../shared/wire/messages.ts';

describe('news', () => {
  const said = { v: 1, name: 'Ana', kind: 'desktop', addresses: [], plots: '' };

  test.each([
    [0, true],
    [365 * 86_400, true],
    [-1, false],
    [1.5, false],
    [1e13, false],
    [Number.MAX_SAFE_INTEGER, false],
  ])('of an end in %s seconds are taken: %s', (leavesInS, isTaken) => {
    expect(news.safeParse({ ...said, leavesInS }).success).toBe(isTaken);
  });
});
