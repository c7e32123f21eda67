import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Followed } from '../../shared/contract/follow.ts';
import type { AppEvent } from '../../shared/contract/views.ts';
import { fault } from '../../shared/fault.ts';
import { failed, ok } from '../../shared/result.ts';
import { followCore } from '../../electron/main/follower.ts';
import { snapshot } from './snapshots.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A core whose answers the test gives when it likes. */
function fakeCore() {
  const asked: ((answer: Followed | undefined) => void)[] = [];
  let tell: (event: AppEvent) => void = () => undefined;
  let lose: () => void = () => undefined;
  let isHeard = true;
  const core = {
    api: {
      'state.snapshot': () =>
        new Promise<never>((resolve) =>
          asked.push((answer) =>
            resolve((answer === undefined ? failed(fault('not-running')) : ok(answer)) as never),
          ),
        ),
    },
    events: {
      subscribe: (listener: (event: AppEvent) => void, onLost: () => void) => {
        tell = listener;
        lose = onLost;
        return () => {
          isHeard = false;
        };
      },
    },
  };
  return {
    core,
    asked,
    tell: (event: AppEvent) => tell(event),
    lose: () => lose(),
    isHeard: () => isHeard,
    answer: async (value: Followed | undefined) => {
      asked.shift()?.(value);
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}
const state = (epoch: string, revision: number): Followed => ({
  ...snapshot(),
  epoch,
  revision,
  asOfMs: 0,
});
const event = (epoch: string, revision: number): AppEvent => ({
  epoch,
  revision,
  asOfMs: 1,
  changed: {},
});

describe('the shell follows the core', () => {
  it('by one snapshot and the events after it', async () => {
    const fake = fakeCore();
    let changes = 0;
    const follower = followCore(fake.core, () => {
      changes += 1;
    });
    await fake.answer(state('a', 3));
    fake.tell(event('a', 4));
    expect(follower.state()).toMatchObject({ isReading: false, snapshot: { revision: 4 } });
    expect(changes).toBe(2);
    expect(fake.asked).toHaveLength(0);
  });

  it('and asks again after a gap', async () => {
    const fake = fakeCore();
    const follower = followCore(fake.core, () => undefined);
    await fake.answer(state('a', 3));
    fake.tell(event('a', 9));
    await fake.answer(state('a', 9));
    expect(follower.state()).toMatchObject({ isReading: false, snapshot: { revision: 9 } });
  });

  it('keeps what it knew while the core is gone, and asks until it is back', async () => {
    const fake = fakeCore();
    const follower = followCore(fake.core, () => undefined);
    await fake.answer(state('a', 3));
    fake.lose();
    expect(follower.state()).toMatchObject({ isReading: true, snapshot: { revision: 3 } });
    await fake.answer(undefined);
    await vi.advanceTimersByTimeAsync(1000);
    await fake.answer(state('b', 0));
    expect(follower.state()).toMatchObject({ isReading: false, snapshot: { epoch: 'b' } });
  });

  it('does not take the last answer of a dead core for the present state', async () => {
    const fake = fakeCore();
    const follower = followCore(fake.core, () => undefined);
    fake.lose();
    await fake.answer(state('a', 3));
    expect(follower.state().snapshot).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1000);
    await fake.answer(state('b', 0));
    expect(follower.state()).toMatchObject({ isReading: false, snapshot: { epoch: 'b' } });
  });

  it('stops when it is told to', async () => {
    const fake = fakeCore();
    let changes = 0;
    const follower = followCore(fake.core, () => {
      changes += 1;
    });
    follower.close();
    await fake.answer(undefined);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(fake.asked).toHaveLength(0);
    expect(fake.isHeard()).toBe(false);
    expect(changes).toBe(0);
  });
});
