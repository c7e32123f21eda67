import type { Async } from '../../../../shared/async.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import type { CopyBook } from './book.ts';
import { isRemovable, type Removal } from './removals.ts';
import type { RepositoryStore, StoreObject } from '../repository/repository-store.ts';

/** A store in which every removal is written down before it happens, and how much was saved and removed. */
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
    part = async () => undefined,
  }: {
    readonly book: Async<Pick<CopyBook, 'advance' | 'noteRemovals'>>;
    readonly set: string;
    readonly alive: () => readonly OwnerId[];
    readonly above: number;
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

  async function note({ type, name }: StoreObject): Promise<void> {
    if (!isRemovable(type)) return;
    await (parted ??= part());
    advanced ??= book.advance({ set, hosts: alive(), above });
    const sequence = await advanced;
    await new Promise<void>((done, fail) => {
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
          objects += 1;
          bytes += length;
        }
        return saved;
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
      if (advanced !== undefined && completeMs === undefined) return advanced;
      return book.advance({ set, hosts: alive(), above, completeMs });
    },
    objects: () => objects,
    bytes: () => bytes,
  };
}
