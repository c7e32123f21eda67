import type { Async } from '../../../../shared/async.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import type { CopyBook } from './book.ts';
import { hashOf } from './copy.ts';
import { isRemovable, type Removal } from './removals.ts';
import type { RepositoryStore, StoreObject } from '../repository/repository-store.ts';
import { type MasterKey, unseal } from '../repository/sealing.ts';

/**
 * A store in which every removal is written down before it happens, which snapshots went through it whole, and how much was
 * saved and removed.
 */
export type Recorder = {
  readonly store: RepositoryStore;
  /** Nothing more comes: the copies have everything. Answers their sequence. */
  readonly finish: (completeMs: number | undefined) => Promise<number>;
  readonly objects: () => number;
  readonly bytes: () => number;
};

/**
 * Before the first removal, and before the next one after something was saved, the copies that have everything are noted
 * at a new sequence. So whatever was removed at a sequence, a copy at that sequence has what took its place, wherever a
 * run is cut off.
 */
export function recordRemovals(
  store: RepositoryStore,
  {
    book,
    set,
    alive,
    above,
    snapshots,
    key,
    part = async () => undefined,
  }: {
    readonly book: Async<Pick<CopyBook, 'advance' | 'noteRemovals' | 'keepSnapshots'>>;
    readonly set: string;
    readonly alive: () => readonly OwnerId[];
    readonly above: number;
    /** All of the copies have these, if they are what they seem to be. */
    readonly snapshots: ReadonlyMap<string, number>;
    readonly key: MasterKey;
    /** To be done once, before anything is written. */
    readonly part?: (() => Promise<void>) | undefined;
  },
): Recorder {
  let parted: Promise<void> | undefined;
  let advanced: Promise<number> | undefined;
  let waiting: {
    readonly removal: Removal;
    readonly done: () => void;
    readonly fail: (error: unknown) => void;
  }[] = [];
  let isNoting = false;
  const sound = new Set<string>();
  let objects = 0;
  let bytes = 0;

  /** What comes while one entry is written shares the next. */
  async function noteAll(): Promise<void> {
    if (isNoting) return;
    isNoting = true;
    while (waiting.length > 0) {
      const now = waiting;
      waiting = [];
      try {
        await book.noteRemovals({ set, removals: now.map(({ removal }) => removal) });
        for (const { done } of now) done();
      } catch (error) {
        for (const { fail } of now) fail(error);
      }
    }
    isNoting = false;
  }

  async function learn(name: string, sealed: Uint8Array): Promise<void> {
    if (!snapshots.has(name) || sound.has(name) || unseal(key, sealed) === undefined) return;
    if ((await hashOf(sealed)) === name) sound.add(name);
  }

  async function note({ type, name }: StoreObject): Promise<void> {
    if (!isRemovable(type)) return;
    await (parted ??= part());
    advanced ??= book.advance({ set, hosts: alive(), above, snapshots: [...sound] });
    const sequence = await advanced;
    await new Promise<void>((done, fail) => {
      // However much is removed after it, and whatever falls off the list for that.
      if (type === 'snapshots') sound.delete(name);
      waiting.push({ removal: { sequence, type, name }, done, fail });
      void noteAll();
    });
  }

  return {
    store: {
      ...store,
      save: async (object, chunks, options) => {
        const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
        if (object.type !== 'locks') {
          await (parted ??= part());
          advanced = undefined;
        }
        const saved = await store.save(object, chunks, options);
        if (object.type === 'locks') return saved;
        // A removal that came meanwhile must not count what has only just arrived.
        advanced = undefined;
        if (saved.ok) {
          if (object.type === 'snapshots') sound.add(object.name);
          objects += 1;
          bytes += length;
        }
        return saved;
      },
      load: async (object, options) => {
        const loaded = await store.load(object, options);
        if (loaded.ok && object.type === 'snapshots') await learn(object.name, loaded.value);
        return loaded;
      },
      remove: async (object, options) => {
        await note(object);
        const removed = await store.remove(object, options);
        if (removed.ok && isRemovable(object.type)) objects -= 1;
        return removed;
      },
    },
    finish: async (completeMs) => {
      await (parted ??= part());
      if (advanced === undefined || completeMs !== undefined)
        return book.advance({ set, hosts: alive(), above, completeMs, snapshots: [...sound] });
      const sequence = await advanced;
      await book.keepSnapshots({ set, names: [...sound], sequence });
      return sequence;
    },
    objects: () => objects,
    bytes: () => bytes,
  };
}
