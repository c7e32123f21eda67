import { expect, test } from 'vitest';
import { DAY_S } from '../../../shared/units.ts';
import { trashPage } from '../../../shared/wire/protection.ts';

test('a friend names no moment for what lies in the trash that the window could not write down', () => {
  const page = (firstGoesInS: number) => ({
    objects: [],
    total: { objects: 1, bytes: '6', firstGoesInS, lastGoesInS: firstGoesInS },
  });
  for (const inS of [365 * DAY_S, 0, -5]) {
    const read = trashPage.safeParse(page(inS));
    expect(read.success).toBe(true);
    const atMs = 1_790_000_000_000 + (read.data?.total.firstGoesInS ?? 0) * 1000;
    expect(() => new Intl.DateTimeFormat('en').format(atMs)).not.toThrow();
  }
  for (const inS of [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 8.64e12])
    expect(trashPage.safeParse(page(inS)).success).toBe(false);
});
