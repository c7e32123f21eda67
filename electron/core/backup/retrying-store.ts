import { setTimeout as sleep } from 'node:timers/promises';
import type {
  RepositoryStore,
  StoreFault,
  StoreOptions,
  StoreResult,
} from './repository/repository-store.ts';

/** A home's line drops out for seconds, and a host takes so many uploads at once; a backup need not end for that. Other faults are final. */
const DELAYS_MS = [500, 2000, 8000] as const;

/** What is known of the way to a store. Away: it did not answer however often it was asked; then once is enough, until it does. */
export type Line = { isAway: boolean };

export function withRetries(
  store: RepositoryStore,
  line: Line = { isAway: false },
  {
    delaysMs = DELAYS_MS,
    hurry,
  }: {
    readonly delaysMs?: readonly number[];
    /** The program ends: what is asked for once more, as a lock that has to go, is asked for once. */
    readonly hurry?: AbortSignal | undefined;
  } = {},
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
      if (result.ok || !isPassing(result.fault) || hurry?.aborted === true) return result;
      const signals = [options?.signal, hurry].filter((each) => each !== undefined);
      await sleep(delayMs, undefined, { signal: AbortSignal.any(signals) }).catch(() => undefined);
      if (options?.signal?.aborted === true) return { ok: false, fault: { code: 'cancelled' } };
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

function isPassing(fault: StoreFault): boolean {
  return (
    fault.code === 'unreachable' ||
    (fault.code === 'refused' && fault.reason === 'too-many-uploads')
  );
}
