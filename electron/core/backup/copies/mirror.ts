import { failed, ok } from '../../../../shared/result.ts';
import { DAY_MS } from '../../../../shared/units.ts';
import type { Copy } from './copy.ts';
import { unionOf } from './union.ts';
import type {
  ListedObject,
  RepositoryStore,
  StoreFault,
  StoreObject,
  StoreOptions,
  StoreResult,
} from '../repository/repository-store.ts';

/** Several copies as one store, and which of them everything has reached so far. */
export type Mirror<C extends Copy> = {
  readonly store: RepositoryStore;
  readonly alive: () => readonly C[];
};

export type MirrorOptions<C extends Copy> = {
  readonly onLost: (copy: C, fault: StoreFault) => void;
  /** The bytes of an object were wrong or missing there. */
  readonly onWrong?: (copy: C, object: StoreObject) => void;
  /** When a copy is too slow for the others; tests hand in a time of their own. */
  readonly patience?: Patience;
};

/** How long the fastest copy waits for the others, added up over a run. */
export type Patience = {
  readonly nowMs: () => number;
  /** Calls back after so long, unless what it answers is called before. */
  readonly after: (ms: number, act: () => void) => () => void;
};

/** So much is a bad moment of any line. */
const LAG_MS = 60_000;
/** Beyond it a copy may take twice as long as the fastest one. */
const LAG_SHARE = 1;

export const REAL_PATIENCE: Patience = {
  nowMs: () => performance.now(),
  after: (ms, act) => {
    // Nobody is waited for longer.
    const timer = setTimeout(act, Math.min(ms, DAY_MS));
    return () => clearTimeout(timer);
  },
};

/**
 * Everything is saved to all copies. One that fails, or that is much slower than the others, is left behind for this run
 * and catches up afterwards; the run fails when none is left.
 */
export function mirror<C extends Copy>(
  copies: readonly C[],
  { onLost, onWrong, patience = REAL_PATIENCE }: MirrorOptions<C>,
): Mirror<C> {
  let alive = copies;
  let fastMs = 0;
  const lagMs = new Map<C, number>();

  function lose(copy: C, fault: StoreFault): void {
    if (!alive.includes(copy) || alive.length === 1) return;
    alive = alive.filter((each) => each !== copy);
    onLost(copy, fault);
  }

  async function save(
    object: StoreObject,
    chunks: readonly Uint8Array[],
    options: StoreOptions | undefined,
  ): Promise<StoreResult<void>> {
    const beganMs = patience.nowMs();
    const tooSlow = new Set<C>();
    let firstMs: number | undefined;
    const waits: (() => void)[] = [];
    const all = alive.map((copy) => {
      const slow = new AbortController();
      const signal = anyOf(options?.signal, slow.signal);
      return { copy, slow, saving: copy.store.save(object, chunks, { ...options, signal }) };
    });

    /** The first one is through: the others get what patience is left. */
    function watch(winner: C): void {
      firstMs = patience.nowMs() - beganMs;
      fastMs += firstMs;
      for (const { copy, slow } of all) {
        if (copy === winner || all.length === 1) continue;
        const left = LAG_MS + LAG_SHARE * fastMs - (lagMs.get(copy) ?? 0);
        const stop = patience.after(Math.max(0, left), () => {
          tooSlow.add(copy);
          slow.abort();
        });
        waits.push(stop);
      }
    }

    const results = await Promise.all(
      all.map(async ({ copy, saving }) => {
        const result = await saving;
        if (result.ok && firstMs === undefined) watch(copy);
        else if (firstMs !== undefined) {
          const behind = patience.nowMs() - beganMs - firstMs;
          lagMs.set(copy, (lagMs.get(copy) ?? 0) + behind);
        }
        return { copy, result };
      }),
    );
    for (const stop of waits) stop();
    return settle(
      results.map(({ copy, result }) =>
        tooSlow.has(copy) && !result.ok ? { copy, result: failed(TOO_SLOW) } : { copy, result },
      ),
    );
  }

  function settle(
    results: readonly { readonly copy: C; readonly result: StoreResult<void> }[],
  ): StoreResult<void> {
    // What only a copy has that was left behind meanwhile, those that go on don't have.
    const remaining = results.filter(({ copy }) => alive.includes(copy));
    if (remaining.some(({ result }) => result.ok)) {
      for (const { copy, result } of remaining) if (!result.ok) lose(copy, result.fault);
      return ok(undefined);
    }
    // A full plot can be said of all; what else is wrong with one of them is no reason to give up the others.
    const [first] = remaining;
    return first?.result ?? NO_COPY;
  }

  async function remove(
    object: StoreObject,
    options: StoreOptions | undefined,
  ): Promise<StoreResult<void>> {
    const results = await Promise.all(
      alive.map(async (copy) => {
        const result = await copy.store.remove(object, options);
        // Gone is gone; only where nobody had it, there was nothing to remove.
        const isGone = !result.ok && result.fault.code === 'not-found';
        return { copy, isGone, result: isGone ? ok(undefined) : result };
      }),
    );
    if (results.length > 0 && results.every(({ isGone }) => isGone))
      return failed({ code: 'not-found' });
    return settle(results);
  }

  /** From the first that can; what one answers wrongly another may have right. */
  async function fromOne<T>(
    object: StoreObject,
    act: (store: RepositoryStore) => Promise<StoreResult<T>>,
    attempt = 0,
  ): Promise<StoreResult<T>> {
    const order = alive;
    for (const copy of order.slice(0, attempt)) onWrong?.(copy, object);
    let answer: StoreResult<T> = failed({ code: 'damaged', detail: 'no copy has it right' });
    for (const copy of order.slice(attempt)) {
      answer = await act(copy.store);
      if (answer.ok) return answer;
      const { code } = answer.fault;
      if (code === 'damaged') onWrong?.(copy, object);
      else if (code === 'unreachable') lose(copy, answer.fault);
      else if (code !== 'not-found') return answer;
    }
    return answer;
  }

  /**
   * A lock in any copy counts. So does a snapshot and an index: what one copy conceals, or has just got from another device,
   * must not be taken for something that nobody needs; and a key, for one copy may list any number that open nothing. Of the rest all
   * have the same.
   */
  async function list(
    type: StoreObject['type'],
    options: StoreOptions | undefined,
  ): Promise<StoreResult<readonly ListedObject[]>> {
    if (!UNITED.has(type)) return fromOne({ type, name: '' }, (store) => store.list(type, options));
    const lists: (readonly ListedObject[])[] = [];
    for (const copy of alive) {
      const listed = await copy.store.list(type, options);
      if (listed.ok) lists.push(listed.value);
      else if (alive.length === 1 || listed.fault.code === 'cancelled') return listed;
      else lose(copy, listed.fault);
    }
    return ok(unionOf(lists));
  }

  return {
    alive: () => alive,
    store: {
      save,
      remove,
      list,
      load: (object, options) =>
        fromOne(object, (store) => store.load(object, options), options?.attempt),
      stat: (object, options) => fromOne(object, (store) => store.stat(object, options)),
    },
  };
}

const UNITED: ReadonlySet<StoreObject['type']> = new Set(['locks', 'snapshots', 'index', 'keys']);

const TOO_SLOW: StoreFault = { code: 'unreachable', detail: 'much slower than the others' };
const NO_COPY: StoreResult<never> = failed({ code: 'unreachable', detail: 'no copy is left' });

function anyOf(one: AbortSignal | undefined, other: AbortSignal): AbortSignal {
  return one === undefined ? other : AbortSignal.any([one, other]);
}
