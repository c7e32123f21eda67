import { hash } from 'node:crypto';
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { failed, ok } from '../../../../shared/result.ts';
import { makeMissingNow } from '../../database/durable-file.ts';
import type { RepositoryStore, StoreObject } from '../repository/repository-store.ts';

/**
 * Copies of what every run needs again (indexes, snapshots, packs of trees), in the home's cache
 * folder, sealed as they are. All of it can be lost. Names are hashes and contents carry MACs, so a
 * damaged copy is noticed by whoever reads it, who then asks `forget` and reads again.
 */
export type PackCache = {
  readonly read: (
    type: StoreObject['type'],
    name: string,
    range?: { readonly offset: number; readonly length: number },
  ) => Uint8Array | undefined;
  readonly keep: (type: StoreObject['type'], name: string, bytes: Uint8Array) => void;
  readonly forget: (type: StoreObject['type'], name: string) => void;
  /** Drops what the repository no longer has. */
  readonly retain: (type: StoreObject['type'], names: ReadonlySet<string>) => void;
};

export function openPackCache(folder: string): PackCache {
  const made = new Set<string>();
  const pathOf = (type: string, name: string) => join(folder, type, name);
  return {
    read: (type, name, range) => {
      try {
        if (range === undefined) return readFileSync(pathOf(type, name));
        const file = openSync(pathOf(type, name), 'r');
        try {
          const bytes = Buffer.allocUnsafe(range.length);
          const read = readSync(file, bytes, 0, range.length, range.offset);
          return read === range.length ? bytes : undefined;
        } finally {
          closeSync(file);
        }
      } catch {
        return undefined;
      }
    },
    keep: (type, name, bytes) => {
      try {
        if (!made.has(type)) makeMissingNow(join(folder, type));
        made.add(type);
        const temporary = `${pathOf(type, name)}.new`;
        writeFileSync(temporary, bytes, { mode: 0o600 });
        renameSync(temporary, pathOf(type, name));
      } catch {
        // A cache that can't be written is only slower.
      }
    },
    forget: (type, name) => rmSync(pathOf(type, name), { force: true }),
    retain: (type, names) => {
      try {
        for (const name of readdirSync(join(folder, type)))
          if (!names.has(name)) rmSync(pathOf(type, name), { force: true });
      } catch {
        // Nothing was kept yet.
      }
    },
  };
}

/** A store whose indexes and snapshots are read from the cache if they are there. */
export function withCache(store: RepositoryStore, cache: PackCache): RepositoryStore {
  const isKept = (type: StoreObject['type']) => type === 'index' || type === 'snapshots';
  return {
    ...store,
    save: async (object, chunks, options) => {
      const bytes = isKept(object.type) ? Buffer.concat(chunks) : undefined;
      const saved = await store.save(object, chunks, options);
      if (saved.ok && bytes !== undefined) cache.keep(object.type, object.name, bytes);
      return saved;
    },
    load: async (object, options) => {
      if (!isKept(object.type) || options?.range !== undefined) return store.load(object, options);
      const known = cache.read(object.type, object.name);
      if (known !== undefined && isNamedSo(object.name, known)) return ok(known);
      const loaded = await store.load(object, options);
      if (!loaded.ok) return failed(loaded.fault);
      // What a friend makes up is not kept: the next to ask may be answered by another one.
      if (isNamedSo(object.name, loaded.value)) cache.keep(object.type, object.name, loaded.value);
      return loaded;
    },
    list: async (type, options) => {
      const listed = await store.list(type, options);
      if (listed.ok && isKept(type))
        cache.retain(type, new Set(listed.value.map(({ name }) => name)));
      return listed;
    },
  };
}

function isNamedSo(name: string, bytes: Uint8Array): boolean {
  return hash('sha256', bytes, 'hex') === name;
}
