import { setTimeout as sleep } from 'node:timers/promises';
import type { RepositoryStore, StoreOptions, StoreResult } from './repository/repository-store.ts';

/** A home's line drops out for seconds; a backup need not end for that. Other faults are final. */
const DELAYS_MS = [500, 2000, 8000] as const;

/** What is known of the way to a store. Away: it did not answer however often it was asked; then once is enough, until it does. */
export type Line = { isAway: boolean };

export function withRetries(
  store: RepositoryStore,
  line: Line = { isAway: false },
  delaysMs: readonly number[] = DELAYS_MS,
): RepositoryStore {
  async function attempt<T>(
    options: StoreOptions | undefined,
    act: () => Promise<StoreResult<T>>,
  ): Promise<StoreResult<T>> {
    const result = await tryOn(options, act);
    line.isAway = !result.ok && result.fault.code === 'unreachable';
    return result;
  }

  async function tryOn<T>(
    options: StoreOptions | undefined,
    act: () => Promise<StoreResult<T>>,
  ): Promise<StoreResult<T>> {
    for (const delayMs of line.isAway ? [] : delaysMs) {
      const result = await act();
      if (result.ok || result.fault.code !== 'unreachable') return result;
      try {
        await sleep(delayMs, undefined, { signal: options?.signal });
      } catch {
        return { ok: false, fault: { code: 'cancelled' } };
      }
    }
    return act();
  }
  return {
    save: (object, chunks, options) => attempt(options, () => store.save(object, chunks, options)),
    load: (object, options) => attempt(options, () => store.load(object, options)),
    stat: (object, options) => attempt(options, () => store.stat(object, options)),
    list: (type, options) => attempt(options, () => store.list(type, options)),
    remove: (object, options) => attempt(options, () => store.remove(object, options)),
  };
}
