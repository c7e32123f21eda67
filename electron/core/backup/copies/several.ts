import { failed, ok } from '../../../../shared/result.ts';
import { unionOf } from './union.ts';
import type {
  ByteRange,
  RepositoryStore,
  StoreFault,
  StoreObject,
  StoreResult,
} from '../repository/repository-store.ts';

/**
 * Copies of one repository, read as one: each request goes to whoever will have answered it first, by what he is busy with
 * and how quick he was. Who does not answer in time is asked no longer alone; who fails or has it wrong makes way for
 * another. What one of them lacks, the others have: lists are everybody's together.
 */
export type SeveralOptions = {
  /** These bytes of a friend's were not what their name says, or are missing there, while another has them. */
  readonly onWrong?:
    | ((copy: string, object: StoreObject, how: 'wrong' | 'missing') => void)
    | undefined;
  readonly monotonicMs?: (() => number) | undefined;
  /** Nobody is given less time than this before another one is asked too. */
  readonly patienceMs?: number | undefined;
};

const PATIENCE_MS = 1500;
/** So many times the time that it should take. */
const PATIENCE_FACTOR = 4;
const PATIENCE_MS_MAX = 60_000;
/** Whoever could not be reached is tried again when others can't help, or after this. */
const DOWN_MS = 20_000;
/** How quick somebody was so long ago says nothing. */
const OLD_MS = 60_000;
/** Of whom nothing is known yet: 20 MB a second. */
const MS_PER_BYTE_AT_FIRST = 1 / 20_000;
const WHOLE_PACK_BYTES = 16 * 1024 * 1024;
const SMALL_BYTES = 64 * 1024;
const LIST_PATIENCE_MS = 1500;

/** One of the stores that hold a copy of the same repository. */
export type NamedCopy = { readonly name: string; readonly store: RepositoryStore };

type Keeper = NamedCopy & {
  busyBytes: number;
  msPerByte: number | undefined;
  measuredMs: number;
  downUntilMs: number;
};
type Served = ByteRange & { readonly keeper: Keeper };
type Ended = { readonly keeper: Keeper; readonly result: StoreResult<Uint8Array> };

export function several(
  copies: readonly NamedCopy[],
  options: SeveralOptions = {},
): RepositoryStore {
  const { onWrong = () => undefined, monotonicMs = () => performance.now() } = options;
  const keepers: readonly Keeper[] = copies.map((copy) => ({
    ...copy,
    busyBytes: 0,
    msPerByte: undefined,
    measuredMs: 0,
    downUntilMs: 0,
  }));
  const served = new Map<string, Served[]>();
  const wrong = new Map<string, Set<Keeper>>();

  /** Whoever gave these bytes gave wrong ones. */
  function noteWrong(object: StoreObject, range: ByteRange): void {
    const key = keyOf(object);
    const liars = wrong.get(key) ?? new Set();
    wrong.set(key, liars);
    for (const each of served.get(key) ?? []) {
      if (!overlaps(each, range) || liars.has(each.keeper)) continue;
      liars.add(each.keeper);
      onWrong(each.keeper.name, object, 'wrong');
    }
  }

  function noteServed(object: StoreObject, range: ByteRange, keeper: Keeper): void {
    const key = keyOf(object);
    const before = served.get(key) ?? [];
    served.set(key, before);
    before.push({ ...range, keeper });
  }

  function expectedMs(keeper: Keeper, bytes: number, nowMs: number): number {
    const isKnown = keeper.msPerByte !== undefined && nowMs - keeper.measuredMs < OLD_MS;
    const quickest = Math.min(...keepers.map(({ msPerByte }) => msPerByte ?? Infinity));
    const unknown = Number.isFinite(quickest) ? quickest : MS_PER_BYTE_AT_FIRST;
    return (keeper.busyBytes + bytes) * (isKnown ? (keeper.msPerByte ?? unknown) : unknown);
  }

  /** Who will have answered first, of those who have not been asked yet. */
  function choose(asked: ReadonlySet<Keeper>, object: StoreObject, bytes: number) {
    const nowMs = monotonicMs();
    const liars = wrong.get(keyOf(object));
    const able = keepers.filter((each) => !asked.has(each) && liars?.has(each) !== true);
    const up = able.filter(({ downUntilMs }) => downUntilMs <= nowMs);
    const scored = (up.length > 0 ? up : able).map((keeper) => ({
      keeper,
      ms: expectedMs(keeper, bytes, nowMs),
    }));
    return scored.sort((one, other) => one.ms - other.ms)[0];
  }

  async function ask(
    keeper: Keeper,
    { object, range, signal, bytes }: Wish & { readonly signal: AbortSignal },
  ): Promise<Ended> {
    const startedMs = monotonicMs();
    const queueBytes = keeper.busyBytes + bytes;
    keeper.busyBytes += bytes;
    const result = await keeper.store.load(object, { signal, range });
    keeper.busyBytes -= bytes;
    const nowMs = monotonicMs();
    if (result.ok) {
      const perByte = (nowMs - startedMs) / queueBytes;
      keeper.msPerByte = keeper.msPerByte === undefined ? perByte : mix(keeper.msPerByte, perByte);
      keeper.measuredMs = nowMs;
      keeper.downUntilMs = 0;
    } else if (result.fault.code === 'unreachable') keeper.downUntilMs = nowMs + DOWN_MS;
    else if (result.fault.code === 'cancelled') {
      // Another one was quicker: at least so long it would have taken here.
      keeper.msPerByte = Math.max(keeper.msPerByte ?? 0, (nowMs - startedMs) / queueBytes);
      keeper.measuredMs = nowMs;
    }
    return { keeper, result };
  }

  async function load(wish: Wish & { readonly signal?: AbortSignal | undefined }) {
    const { object, bytes } = wish;
    const race = new AbortController();
    const onAbort = () => race.abort();
    wish.signal?.addEventListener('abort', onAbort, { once: true });
    if (wish.signal?.aborted === true) race.abort();
    const asked = new Set<Keeper>();
    const running = new Map<Keeper, Promise<Ended>>();
    const without: { readonly keeper: Keeper; readonly how: 'wrong' | 'missing' }[] = [];
    let last: StoreFault | undefined;
    const askNext = (): number => {
      const next = choose(asked, object, bytes);
      if (next === undefined) return PATIENCE_MS_MAX;
      asked.add(next.keeper);
      running.set(next.keeper, ask(next.keeper, { ...wish, signal: race.signal }));
      const least = options.patienceMs ?? PATIENCE_MS;
      return Math.min(PATIENCE_MS_MAX, Math.max(least, next.ms * PATIENCE_FACTOR));
    };
    try {
      let patienceMs = askNext();
      while (running.size > 0) {
        const ended = await within(Promise.race(running.values()), patienceMs);
        if (wish.signal?.aborted === true) return failed({ code: 'cancelled' } as const);
        if (ended === undefined) {
          patienceMs = askNext();
          continue;
        }
        const { keeper, result } = ended;
        running.delete(keeper);
        if (result.ok) {
          noteServed(object, wish.range ?? EVERYTHING, keeper);
          for (const { keeper: each, how } of without) onWrong(each.name, object, how);
          return result;
        }
        last = worse(last, result.fault);
        if (result.fault.code === 'damaged') without.push({ keeper, how: 'wrong' });
        if (result.fault.code === 'not-found') without.push({ keeper, how: 'missing' });
        if (running.size === 0) patienceMs = askNext();
      }
      // All who could have it have it wrong.
      return failed(last ?? { code: 'damaged' as const, detail: 'no copy has it right' });
    } finally {
      wish.signal?.removeEventListener('abort', onAbort);
      race.abort();
    }
  }

  /** Whoever answers; the others get a little longer. */
  async function fromAll<T>(
    act: (store: RepositoryStore) => Promise<StoreResult<T>>,
  ): Promise<StoreResult<readonly T[]>> {
    const nowMs = monotonicMs();
    const up = keepers.filter(({ downUntilMs }) => downUntilMs <= nowMs);
    const answers: T[] = [];
    const silent = new Set<Keeper>();
    let last: StoreFault = { code: 'unreachable', detail: 'no copy is left' };
    const all = (up.length > 0 ? up : keepers).map(async (keeper) => {
      silent.add(keeper);
      const result = await act(keeper.store);
      silent.delete(keeper);
      if (result.ok) answers.push(result.value);
      else last = result.fault;
      const isDown = !result.ok && result.fault.code === 'unreachable';
      keeper.downUntilMs = isDown ? monotonicMs() + DOWN_MS : 0;
      return result.ok;
    });
    await firstTrue(all);
    if (answers.length > 0 && silent.size > 0) {
      await within(Promise.all(all), LIST_PATIENCE_MS);
      // Nobody waits for him a second time, as long as others answer.
      for (const keeper of silent) keeper.downUntilMs = monotonicMs() + DOWN_MS;
    }
    return answers.length > 0 ? ok([...answers]) : failed(last);
  }

  return {
    load: async (object, { signal, range, attempt = 0 } = {}) => {
      if (attempt > 0) noteWrong(object, range ?? EVERYTHING);
      const usual = object.type === 'data' ? WHOLE_PACK_BYTES : SMALL_BYTES;
      return load({ object, range, signal, bytes: range?.length ?? usual });
    },
    list: async (type, listing) => {
      const lists = await fromAll((store) => store.list(type, listing));
      if (!lists.ok) return lists;
      return ok(unionOf(lists.value));
    },
    stat: async (object, listing) => {
      const found = await fromAll((store) => store.stat(object, listing));
      const [first] = found.ok ? found.value : [];
      return first === undefined
        ? failed(found.ok ? { code: 'not-found' } : found.fault)
        : ok(first);
    },
    save: async (object, chunks, saving) => {
      const saved = await fromAll((store) => store.save(object, chunks, saving));
      // Where nothing can be written, there is nobody who could remove anything either.
      const isNoMatter = !saved.ok && object.type === 'locks' && saved.fault.code !== 'cancelled';
      return saved.ok || isNoMatter ? ok(undefined) : saved;
    },
    remove: async (object, removing) => {
      const removed = await fromAll((store) => store.remove(object, removing));
      return removed.ok ? ok(undefined) : removed;
    },
  };
}

type Wish = {
  readonly object: StoreObject;
  readonly range: ByteRange | undefined;
  readonly bytes: number;
};

const EVERYTHING: ByteRange = { offset: 0, length: Number.MAX_SAFE_INTEGER };
const MISSES: ReadonlySet<StoreFault['code']> = new Set(['not-found', 'damaged']);

function keyOf({ type, name }: StoreObject): string {
  return `${type}/${name}`;
}

function overlaps(one: ByteRange, other: ByteRange): boolean {
  return one.offset < other.offset + other.length && other.offset < one.offset + one.length;
}

function mix(before: number, now: number): number {
  return 0.7 * before + 0.3 * now;
}

/** Of several faults the one that a later try may overcome. */
function worse(before: StoreFault | undefined, now: StoreFault): StoreFault {
  const rank = (fault: StoreFault) =>
    fault.code === 'unreachable' ? 2 : MISSES.has(fault.code) ? 0 : 1;
  return before === undefined || rank(now) >= rank(before) ? now : before;
}

/** `undefined`: not in time. */
async function within<T>(promise: Promise<T>, patienceMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), patienceMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves when one of them is true, or all are through. */
function firstTrue(all: readonly Promise<boolean>[]): Promise<void> {
  return new Promise((resolve, reject) => {
    for (const each of all)
      each.then((isTrue) => {
        if (isTrue) resolve();
      }, reject);
    Promise.all(all).then(() => resolve(), reject);
  });
}
