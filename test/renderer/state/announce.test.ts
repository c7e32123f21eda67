import { describe, expect, test } from 'vitest';
import { createAnnouncer } from '../../../renderer/state/announce.ts';
import { fc } from '../../fakes/properties.ts';

/** Time that only moves when it is told to. */
function handTime() {
  let nowMs = 0;
  const planned: { readonly atMs: number; readonly run: () => void }[] = [];
  return {
    nowMs: () => nowMs,
    later: (run: () => void, afterMs: number) => void planned.push({ atMs: nowMs + afterMs, run }),
    pass: (ms: number) => {
      const endMs = nowMs + ms;
      for (;;) {
        planned.sort((one, other) => one.atMs - other.atMs);
        const [next] = planned;
        if (next === undefined || next.atMs > endMs) break;
        planned.shift();
        nowMs = Math.max(nowMs, next.atMs);
        next.run();
      }
      nowMs = endMs;
    },
  };
}

describe('announcements', () => {
  test('come at once after a silence, then at most every ten seconds, the newest only', () => {
    const time = handTime();
    const heard: string[] = [];
    const announcer = createAnnouncer(time.nowMs, time.later);
    announcer.subscribe((sentence) => heard.push(sentence));
    announcer.announce('1 GB');
    time.pass(0);
    for (let gb = 2; gb < 30; gb += 1) {
      announcer.announce(`${gb} GB`);
      time.pass(250);
    }
    expect(heard).toEqual(['1 GB']);
    time.pass(10_000);
    expect(heard).toEqual(['1 GB', '29 GB']);
  });

  test('are never closer than ten seconds, and the last word is always said', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4000 }), { minLength: 1, maxLength: 80 }),
        (gaps) => {
          const time = handTime();
          const heard: { readonly atMs: number; readonly sentence: string }[] = [];
          const announcer = createAnnouncer(time.nowMs, time.later);
          announcer.subscribe((sentence) => heard.push({ atMs: time.nowMs(), sentence }));
          gaps.forEach((gapMs, index) => {
            announcer.announce(`${index}`);
            time.pass(gapMs);
          });
          time.pass(20_000);
          for (const [index, { atMs }] of heard.entries())
            if (index > 0)
              expect(atMs - (heard[index - 1]?.atMs ?? 0)).toBeGreaterThanOrEqual(10_000);
          expect(heard.at(-1)?.sentence).toBe(`${gaps.length - 1}`);
        },
      ),
    );
  });
});
