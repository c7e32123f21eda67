import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createReaders } from '../../../electron/core/plots/readers.ts';
import type { OwnerId } from '../../../shared/ids.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const [anna, ben] = ['anna', 'ben'] as unknown as [OwnerId, OwnerId];

function watched() {
  const seen = { changes: 0 };
  const readers = createReaders(() => {
    seen.changes += 1;
  });
  return { readers, seen };
}

describe('who reads', () => {
  it('is told when it begins and when it has been quiet for some seconds, not between', () => {
    const { readers, seen } = watched();
    for (let i = 0; i < 100; i += 1) {
      const end = readers.begin(anna);
      vi.advanceTimersByTime(50);
      end();
      vi.advanceTimersByTime(1000);
      expect(readers.reads(anna)).toBe(true);
    }
    expect(seen.changes).toBe(1);
    vi.advanceTimersByTime(3000);
    expect(readers.reads(anna)).toBe(false);
    expect(seen.changes).toBe(2);
  });

  it('is whoever has one of several reads still open', () => {
    const { readers } = watched();
    const [first, second] = [readers.begin(anna), readers.begin(anna)];
    first();
    first();
    vi.advanceTimersByTime(60_000);
    expect(readers.reads(anna)).toBe(true);
    expect(readers.reads(ben)).toBe(false);
    second();
    vi.advanceTimersByTime(3000);
    expect(readers.reads(anna)).toBe(false);
  });

  it('leaves no timer when it is closed, whatever ends afterwards', () => {
    const { readers, seen } = watched();
    const [first, second] = [readers.begin(anna), readers.begin(ben)];
    first();
    readers.close();
    second();
    expect(vi.getTimerCount()).toBe(0);
    expect(seen.changes).toBe(2);
  });
});
