import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBreakDown } from '../../electron/main/break-down.ts';
import { quietLogger } from './quiet-logger.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function broken(
  core: { readonly close?: () => Promise<void>; readonly say?: () => Promise<void> } = {},
) {
  const seen: string[] = [];
  const breakDown = createBreakDown({
    log: quietLogger,
    close: () => {
      seen.push('closed');
      return core.close?.() ?? Promise.resolve();
    },
    say: () => {
      seen.push('said');
      return core.say?.() ?? Promise.resolve();
    },
    exit: () => void seen.push('ended'),
  });
  return { breakDown, seen };
}
const never = () => new Promise<void>(() => undefined);

describe('a bug', () => {
  it('closes the core before anybody is told, and ends the program after that', async () => {
    let close: () => void = () => undefined;
    const { breakDown, seen } = broken({
      close: () =>
        new Promise<void>((resolve) => {
          close = resolve;
        }),
    });
    breakDown(new Error('bug'));
    await vi.advanceTimersByTimeAsync(1000);
    expect(seen).toEqual(['closed']);
    close();
    await vi.advanceTimersByTimeAsync(0);
    expect(seen).toEqual(['closed', 'said', 'ended']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends the program also where nobody answers, be it the core or a person', async () => {
    const { breakDown, seen } = broken({ close: never, say: never });
    breakDown(new Error('bug'));
    await vi.advanceTimersByTimeAsync(70_000);
    expect(seen).toEqual(['closed', 'said', 'ended']);
  });

  it('ends it also where neither can be done', async () => {
    const fails = () => Promise.reject(new Error('no display'));
    const { breakDown, seen } = broken({ close: fails, say: fails });
    breakDown(new Error('bug'));
    await vi.advanceTimersByTimeAsync(0);
    expect(seen).toEqual(['closed', 'said', 'ended']);
  });

  it('that follows from it changes nothing', async () => {
    const { breakDown, seen } = broken();
    breakDown(new Error('bug'));
    breakDown(new Error('and another'));
    await vi.advanceTimersByTimeAsync(70_000);
    expect(seen).toEqual(['closed', 'said', 'ended']);
  });
});
