import type {
  RepositoryStore,
  StoreFault,
  StoreObject,
  StoreResult,
} from '../../electron/core/backup/repository/repository-store.ts';
import { failed, ok } from '../../shared/result.ts';

/**
 * A store on which everything goes wrong that can: calls fail by chance, objects rot, the line is cut, the machine dies.
 * What happens depends on the calls and the seed alone.
 */
export type FaultyStore = RepositoryStore & {
  /** From now on; absent chances are 0. */
  readonly expect: (chances: FaultChances) => void;
  /** Nothing fails any more; what rotted stays rotten, what is cut stays cut. */
  readonly calm: () => void;
  /** The line is cut: every call is `unreachable` until it is mended. */
  readonly cut: () => void;
  readonly mend: () => void;
  readonly isCut: () => boolean;
  /** What is there of an object is no longer what was saved. */
  readonly rot: (object: StoreObject, how: Rot) => void;
  /** The disk gives it again. */
  readonly heal: (object: StoreObject) => void;
  readonly rotten: () => readonly (StoreObject & { readonly how: Rot })[];
  /** As an honest host does it: what is rotten is dropped. Answers whether it was. */
  readonly dropRotten: (object: StoreObject) => Promise<boolean>;
  /** After so many calls more nothing answers any more, as if this process had been killed; `undefined`: never. */
  readonly dieAfter: (calls: number | undefined) => void;
  readonly calls: () => number;
};

/**
 * - `flipped`: one bit is another.
 * - `short`: the end is missing, also in lists.
 * - `swapped`: it is some other bytes of the same length.
 * - `denied`: lists say that it is there, and it can't be loaded.
 * - `lost`: it is not there, and nobody says so.
 */
export type Rot = 'flipped' | 'short' | 'swapped' | 'denied' | 'lost';
export const ROTS: readonly Rot[] = ['flipped', 'short', 'swapped', 'denied', 'lost'];

/** Each from 0 to 1, for a call. */
export type FaultChances = {
  /** Of a save: there is no room (`plot-full`). */
  readonly full?: number;
  /** The disk or the line fails (`unreachable`); of a save, it may have happened nevertheless. */
  readonly broken?: number;
  /** The line is cut in the middle, and stays so. */
  readonly cut?: number;
  /** Of a load: fewer bytes than there are come (`damaged`). */
  readonly short?: number;
  /** Of a load: wrong bytes come, this time. */
  readonly wrong?: number;
  /** Of a save: it is acknowledged, and not kept. */
  readonly lie?: number;
  /** It takes some turns of the event loop. */
  readonly delay?: number;
};

export function createFaultyStore(
  store: RepositoryStore,
  { seed = 1 }: { readonly seed?: number } = {},
): FaultyStore {
  const random = randomOf(seed);
  const rot = new Map<string, StoreObject & { readonly how: Rot }>();
  let chances: FaultChances = {};
  let isCut = false;
  let callsLeft: number | undefined;
  let calls = 0;
  const happens = (chance: number | undefined) => chance !== undefined && random() < chance;
  const keyOf = ({ type, name }: StoreObject) => `${type}/${name}`;

  async function enter<T>(
    signal: AbortSignal | undefined,
    act: () => Promise<StoreResult<T>>,
  ): Promise<StoreResult<T>> {
    calls += 1;
    if (callsLeft !== undefined) {
      callsLeft -= 1;
      // Whoever was killed hears nothing more.
      if (callsLeft < 0) return new Promise(() => undefined);
    }
    await turn();
    if (happens(chances.delay)) for (let at = 0; at < 5; at += 1) await turn();
    if (signal?.aborted === true) return failed({ code: 'cancelled' });
    if (happens(chances.cut)) isCut = true;
    if (isCut) return failed(unreachable('the line is cut'));
    return act();
  }

  async function isThere(object: StoreObject): Promise<boolean> {
    return rot.get(keyOf(object))?.how !== 'lost' && (await store.stat(object)).ok;
  }

  return {
    save: (object, chunks, options) =>
      enter(options?.signal, async () => {
        if (happens(chances.full)) return failed({ code: 'plot-full' });
        if (happens(chances.broken)) {
          if (happens(0.5)) await keep(object, chunks);
          return failed(unreachable('EIO'));
        }
        if (happens(chances.lie)) {
          if (!(await isThere(object))) {
            await keep(object, chunks);
            rot.set(keyOf(object), { ...object, how: happens(0.5) ? 'lost' : 'denied' });
          }
          return ok(undefined);
        }
        return keep(object, chunks);
      }),
    load: (object, options) =>
      enter(options?.signal, async () => {
        if (happens(chances.broken)) return failed(unreachable('EIO'));
        if (happens(chances.short)) return failed({ code: 'damaged', detail: 'too short' });
        const how = rot.get(keyOf(object))?.how;
        if (how === 'lost' || how === 'denied') return failed({ code: 'not-found' });
        const loaded = await store.load(object, options);
        if (!loaded.ok) return loaded;
        if (how === 'short')
          return options?.range === undefined
            ? ok(loaded.value.slice(0, Math.floor(loaded.value.length / 2)))
            : failed({ code: 'damaged', detail: 'shorter than the range asked for' });
        if (how === 'swapped') return ok(loaded.value.map((_, at) => at % 251));
        if (how === 'flipped' || happens(chances.wrong)) return ok(flipped(loaded.value));
        return loaded;
      }),
    stat: (object, options) =>
      enter(options?.signal, async () =>
        rot.get(keyOf(object))?.how === 'lost'
          ? failed({ code: 'not-found' })
          : store.stat(object, options),
      ),
    list: (type, options) =>
      enter(options?.signal, async () => {
        if (happens(chances.broken)) return failed(unreachable('EIO'));
        const listed = await store.list(type, options);
        if (!listed.ok) return listed;
        return ok(
          listed.value.flatMap(({ name, sizeBytes }) => {
            const how = rot.get(keyOf({ type, name }))?.how;
            if (how === 'lost') return [];
            return [{ name, sizeBytes: how === 'short' ? Math.floor(sizeBytes / 2) : sizeBytes }];
          }),
        );
      }),
    remove: (object, options) =>
      enter(options?.signal, async () => {
        if (happens(chances.broken)) {
          if (happens(0.5)) await drop(object);
          return failed(unreachable('EIO'));
        }
        return drop(object);
      }),
    expect: (now) => {
      chances = now;
    },
    calm: () => {
      chances = {};
    },
    cut: () => {
      isCut = true;
    },
    mend: () => {
      isCut = false;
    },
    isCut: () => isCut,
    rot: (object, how) => void rot.set(keyOf(object), { ...object, how }),
    heal: (object) => void rot.delete(keyOf(object)),
    rotten: () => [...rot.values()],
    dropRotten: async (object) => {
      const isRotten = rot.has(keyOf(object));
      if (isRotten) await drop(object);
      return isRotten;
    },
    dieAfter: (left) => {
      callsLeft = left;
    },
    calls: () => calls,
  };

  /** What is lost can be saved anew; anything else that is there stays as it is. */
  async function keep(
    object: StoreObject,
    chunks: readonly Uint8Array[],
  ): Promise<StoreResult<void>> {
    if (rot.get(keyOf(object))?.how === 'lost') await drop(object);
    return store.save(object, chunks);
  }

  async function drop(object: StoreObject): Promise<StoreResult<void>> {
    rot.delete(keyOf(object));
    return store.remove(object);
  }
}

/** Chance that repeats with its seed (mulberry32), from 0 to below 1. */
export function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function flipped(bytes: Uint8Array): Uint8Array {
  const other = bytes.slice();
  const at = Math.floor(other.length / 2);
  if (other.length > 0) other[at] = (other[at] ?? 0) ^ 1;
  return other;
}

function unreachable(detail: string): StoreFault {
  return { code: 'unreachable', detail };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
