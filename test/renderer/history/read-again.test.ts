import { describe, expect, test } from 'vitest';
import { createReadAgain } from '../../../renderer/history/read-again.ts';

/** Time that passes when it is told to. */
function start() {
  let nowMs = 0;
  let reads = 0;
  let waiting: { atMs: number; run: () => void }[] = [];
  const again = createReadAgain({
    everyMs: 60_000,
    nowMs: () => nowMs,
    later: (run, afterMs) => {
      const entry = { atMs: nowMs + afterMs, run };
      waiting.push(entry);
      return () => {
        waiting = waiting.filter((each) => each !== entry);
      };
    },
    read: () => {
      reads += 1;
    },
  });
  const pass = (ms: number) => {
    nowMs += ms;
    const due = waiting.filter(({ atMs }) => atMs <= nowMs);
    waiting = waiting.filter(({ atMs }) => atMs > nowMs);
    for (const { run } of due) run();
  };
  return { again, pass, reads: () => reads, waiting: () => waiting.length };
}

describe('reading again', () => {
  test('a hundred changes within a minute cost one reading, when the minute is over', () => {
    const { again, pass, reads, waiting } = start();
    for (let i = 0; i < 100; i += 1) again.changed();
    expect([reads(), waiting()]).toEqual([0, 1]);
    pass(59_999);
    expect(reads()).toBe(0);
    pass(1);
    expect(reads()).toBe(1);
    pass(600_000);
    expect(reads()).toBe(1);
  });

  test('a change after a quiet minute is read at once', () => {
    const { again, pass, reads } = start();
    pass(60_000);
    again.changed();
    expect(reads()).toBe(1);
  });

  test('nothing is read while nobody can see it, and what was missed is made up for', () => {
    const { again, pass, reads } = start();
    again.seen(false);
    again.changed();
    pass(120_000);
    expect(reads()).toBe(0);
    again.seen(true);
    expect(reads()).toBe(1);
    again.seen(false);
    again.seen(true);
    expect(reads()).toBe(1);
  });

  test('after the end nothing is read any more', () => {
    const { again, pass, reads, waiting } = start();
    again.changed();
    again.stop();
    expect(waiting()).toBe(0);
    pass(120_000);
    expect(reads()).toBe(0);
  });
});
