import { describe, expect, test, vi } from 'vitest';
import {
  flushMeanwhile,
  MEANWHILE_BYTES,
} from '../../../../electron/core/backup/engine/restore-flush.ts';

describe('what is flushed while files come', () => {
  const { signal } = new AbortController();

  test('is the disk, when there is enough to flush, and never twice at once', async () => {
    const ends: ((isGood: boolean) => void)[] = [];
    const flush = () => new Promise<boolean>((resolve) => void ends.push(resolve));
    const meanwhile = flushMeanwhile(Buffer.from('/disk'), signal, flush);
    meanwhile.note(MEANWHILE_BYTES - 1);
    expect(ends).toHaveLength(0);
    meanwhile.note(1);
    expect(ends).toHaveLength(1);
    meanwhile.note(MEANWHILE_BYTES);
    expect(ends).toHaveLength(1);
    ends[0]?.(true);
    await vi.waitFor(() => {
      meanwhile.note(0);
      expect(ends).toHaveLength(2);
    });
    ends[1]?.(true);
    expect(await meanwhile.finish()).toBe(true);
  });

  test('is nothing any more once it has failed, or where nobody knows which disk it is', async () => {
    let calls = 0;
    const flush = async () => {
      calls += 1;
      return false;
    };
    const failing = flushMeanwhile(Buffer.from('/disk'), signal, flush);
    failing.note(MEANWHILE_BYTES);
    expect(await failing.finish()).toBe(false);
    failing.note(MEANWHILE_BYTES);
    expect(await failing.finish()).toBe(false);
    expect(calls).toBe(1);
    const several = flushMeanwhile(undefined, signal, flush);
    several.note(MEANWHILE_BYTES);
    expect(await several.finish()).toBe(true);
    expect(calls).toBe(1);
  });
});
