import { createHash } from 'node:crypto';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import {
  type CopySteps,
  KEPT_TYPES,
  type KeptType,
  type Listing,
  type SizedObject,
} from './plan.ts';
import { type MasterKey, unseal } from '../repository/sealing.ts';
import type {
  RepositoryStore,
  StoreFault,
  StoreObject,
  StoreResult,
} from '../repository/repository-store.ts';

/** One of the stores that hold a copy of the same repository. */
export type Copy = { readonly name: string; readonly store: RepositoryStore };

/** Objects under way from one copy to another, each whole in memory. */
const UNDER_WAY = 2;
/** So much of what nobody has is found out at a time; the rest waits for the next. */
const NOBODYS_MAX = 200;
/** Hashed at once: less than a millisecond of the main thread. */
const SLICE_BYTES = 256 * 1024;

/** What a copy has. What refers to others is listed first: whatever is added meanwhile, all it refers to is in the list. */
export async function listCopy(
  { store }: Copy,
  signal: AbortSignal,
): Promise<StoreResult<Record<KeptType, Map<string, number>>>> {
  const listing: Partial<Record<KeptType, Map<string, number>>> = {};
  for (const type of KEPT_TYPES.toReversed()) {
    const listed = await store.list(type, { signal });
    // A folder in which nothing was begun has no config to list.
    if (!listed.ok && listed.fault.code !== 'not-found') return listed;
    const objects = listed.ok ? listed.value : [];
    listing[type] = new Map(objects.map(({ name, sizeBytes }) => [name, sizeBytes]));
  }
  return ok(listing as Record<KeptType, Map<string, number>>);
}

export function without(listing: Listing, objects: readonly StoreObject[]): Listing {
  const rest = Object.fromEntries(
    KEPT_TYPES.map((type) => [type, new Map(listing[type])]),
  ) as Record<KeptType, Map<string, number>>;
  for (const { type, name } of objects) if (type !== 'locks') rest[type].delete(name);
  return rest;
}

/** A store in which these don't show. */
export function hiding(store: RepositoryStore, names: ReadonlySet<string>): RepositoryStore {
  if (names.size === 0) return store;
  return {
    ...store,
    list: async (type, options) => {
      const listed = await store.list(type, options);
      return listed.ok ? ok(listed.value.filter(({ name }) => !names.has(name))) : listed;
    },
  };
}

/** A store that has these packs, whatever a copy says: one that conceals some would have all of them packed again. */
export function withPacks(
  store: RepositoryStore,
  packs: ReadonlyMap<string, number>,
  /** These too, where somebody lists them. */
  also: ReadonlySet<string> = new Set(),
): RepositoryStore {
  const counted = [...packs].map(([name, sizeBytes]) => ({ name, sizeBytes }));
  return {
    ...store,
    list: async (type, options) => {
      if (type !== 'data') return store.list(type, options);
      if (also.size === 0) return ok(counted);
      const listed = await store.list(type, options);
      if (!listed.ok) return listed;
      const more = listed.value.filter(({ name }) => also.has(name) && !packs.has(name));
      return ok([...counted, ...more]);
    },
  };
}

/** One sealed piece each: what this repository's key does not open, none of my devices has written. */
const SEALED: readonly StoreObject['type'][] = ['index', 'snapshots'];

/** The object, if its bytes are what its name says; a config has no such name. With a key, also only what that has sealed. */
export async function loadSound(
  { store }: Copy,
  { type, name, sizeBytes }: SizedObject,
  signal: AbortSignal,
  key?: MasterKey,
): Promise<StoreResult<Uint8Array>> {
  // No more than it should be: whoever sends something else need not send much of it.
  const range = { offset: 0, length: sizeBytes };
  const loaded = await store.load({ type, name }, { signal, range });
  if (!loaded.ok || type === 'config') return loaded;
  const isOurs =
    key === undefined || !SEALED.includes(type) || unseal(key, loaded.value) !== undefined;
  return isOurs && (await hashOf(loaded.value)) === name
    ? loaded
    : failed({ code: 'damaged', detail: `${type}/${name.slice(0, 8)}` });
}

/**
 * Of objects that no copy has sound those whose bytes are what their name says, sealed with another key than ours: nothing has rotted
 * there, a friend has made them up. They are nobody's loss, go nowhere, and are not to be seen by whoever reads all that there is.
 */
export async function madeUpOf(
  objects: readonly StoreObject[],
  copies: readonly Copy[],
  { signal, key }: { readonly signal: AbortSignal; readonly key: MasterKey },
): Promise<readonly StoreObject[]> {
  const madeUp: StoreObject[] = [];
  for (const object of objects) {
    if (!SEALED.includes(object.type)) continue;
    for (const copy of copies) {
      const found = await copy.store.stat(object, { signal });
      const loaded = found.ok && (await loadSound(copy, { ...object, ...found.value }, signal));
      if (loaded === false || !loaded.ok || unseal(key, loaded.value) !== undefined) continue;
      madeUp.push(object);
      break;
    }
  }
  return madeUp;
}

export async function hashOf(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    hash.update(bytes.subarray(at, at + SLICE_BYTES));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return hash.digest('hex');
}

export type SendFault = {
  readonly fault: StoreFault;
  /** Who was to be sent it is not to blame: nobody who says that he has it could give it. */
  readonly isNobodys: boolean;
};

export type SendOptions<C extends Copy> = {
  readonly signal: AbortSignal;
  /** Copies that say they have it, the best first. */
  readonly holders: (object: StoreObject) => readonly C[];
  /** A copy said that it has an object, and has not, or not the right bytes. */
  readonly onWrong: (copy: C, object: StoreObject) => void;
  /** What others can make up is not passed on; undefined: none of the copies can be opened any more. */
  readonly key: MasterKey | undefined;
};

/**
 * Sends a copy what it lacks, in order. What none of the holders can give ends it after the others of its kind, so that nothing
 * there refers to it: whoever lists a thousand things that he does not have is found out at once.
 */
export async function sendMissing<C extends Copy>(
  { copy, add }: CopySteps<C>,
  options: SendOptions<C>,
): Promise<Result<void, SendFault>> {
  const { signal } = options;
  let ended: SendFault | undefined;
  let nobodys = 0;
  for (const type of KEPT_TYPES) {
    const rest = add.filter((object) => object.type === type).values();
    let isOver = false;
    const sendOn = async (): Promise<void> => {
      for (const object of rest) {
        if (isOver) return;
        const { name } = object;
        const fetched = await fetchFrom(object, options);
        const sent = fetched.ok
          ? await copy.store.save({ type, name }, [fetched.value], { signal })
          : fetched;
        if (sent.ok) continue;
        const isLost = !fetched.ok && fetched.fault.code === 'damaged';
        if (isLost) nobodys += 1;
        if (!isLost || nobodys >= NOBODYS_MAX) isOver = true;
        if (!isLost || ended === undefined) ended = { fault: sent.fault, isNobodys: !fetched.ok };
      }
    };
    await Promise.all(Array.from({ length: UNDER_WAY }, sendOn));
    if (ended !== undefined) return failed(ended);
  }
  return ok(undefined);
}

async function fetchFrom<C extends Copy>(
  object: SizedObject,
  { holders, signal, onWrong, key }: SendOptions<C>,
): Promise<StoreResult<Uint8Array>> {
  let answer: StoreResult<Uint8Array> = failed({ code: 'damaged', detail: 'nobody has it' });
  for (const holder of holders(object)) {
    const loaded = await loadSound(holder, object, signal, key);
    if (loaded.ok) return loaded;
    const { code } = loaded.fault;
    if (code === 'damaged' || code === 'not-found') onWrong(holder, object);
    // Whoever can't be asked now may have it; that it is damaged elsewhere is not the whole story.
    else answer = loaded;
  }
  return answer;
}

/** Removes what a copy is not to have any more, what refers to others first. */
export async function removeSuperfluous<C extends Copy>(
  { copy, remove }: Pick<CopySteps<C>, 'copy' | 'remove'>,
  signal: AbortSignal,
): Promise<StoreResult<void>> {
  for (const object of remove) {
    const removed = await copy.store.remove(object, { signal });
    if (!removed.ok && removed.fault.code !== 'not-found') return removed;
  }
  return ok(undefined);
}
