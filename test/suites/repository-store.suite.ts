import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type {
  RepositoryStore,
  StoreObject,
} from '../../electron/core/backup/repository/repository-store.ts';
import { storeObjectTypes } from '../../electron/core/backup/repository/repository-store.ts';

export type StoreUnderTest = {
  readonly store: RepositoryStore;
  readonly close: () => Promise<void> | void;
};

/** What every `RepositoryStore` owes its callers; run over each implementation. */
export function describeRepositoryStore(
  name: string,
  open: () => Promise<StoreUnderTest> | StoreUnderTest,
): void {
  const withStore = async (body: (store: RepositoryStore) => Promise<void>): Promise<void> => {
    const opened = await open();
    try {
      await body(opened.store);
    } finally {
      await opened.close();
    }
  };

  describe(`${name} keeps what a repository store owes`, () => {
    saving(withStore);
    reading(withStore);
    refusing(withStore);
  });
}

type WithStore = (body: (store: RepositoryStore) => Promise<void>) => Promise<void>;

function saving(withStore: WithStore): void {
  test('an object of every type comes back byte for byte', () =>
    withStore(async (store) => {
      for (const type of storeObjectTypes) {
        const bytes = randomBytes(1000);
        const object = type === 'config' ? { type, name: '' } : objectOf(type, bytes);
        expect(await store.save(object, [bytes.subarray(0, 10), bytes.subarray(10)])).toEqual({
          ok: true,
          value: undefined,
        });
        expect(bytesOf(await store.load(object))).toEqual(bytes);
        expect(await store.stat(object)).toEqual({ ok: true, value: { sizeBytes: 1000 } });
      }
    }));

  test('an empty object and one of several megabytes are kept whole', () =>
    withStore(async (store) => {
      for (const bytes of [Buffer.alloc(0), randomBytes(5_000_001)]) {
        const object = objectOf('data', bytes);
        expect((await store.save(object, [bytes])).ok).toBe(true);
        expect(bytesOf(await store.load(object)).equals(bytes)).toBe(true);
      }
    }));

  test('saving the same object again succeeds, also at the same time', () =>
    withStore(async (store) => {
      const bytes = randomBytes(100_000);
      const object = objectOf('data', bytes);
      const results = await Promise.all([1, 2, 3, 4].map(() => store.save(object, [bytes])));
      expect(results.every((result) => result.ok)).toBe(true);
      expect((await store.save(object, [bytes])).ok).toBe(true);
      expect(await store.list('data')).toEqual({
        ok: true,
        value: [{ name: object.name, sizeBytes: 100_000 }],
      });
    }));

  test('a config is never overwritten', () =>
    withStore(async (store) => {
      const config: StoreObject = { type: 'config', name: '' };
      expect((await store.save(config, [Buffer.from('first')])).ok).toBe(true);
      expect((await store.save(config, [Buffer.from('first')])).ok).toBe(true);
      expect(await store.save(config, [Buffer.from('other')])).toMatchObject({
        ok: false,
        fault: { code: 'refused' },
      });
      expect(bytesOf(await store.load(config)).toString()).toBe('first');
    }));
}

function reading(withStore: WithStore): void {
  test('a range is exactly the bytes asked for, and one beyond the end is damage', () =>
    withStore(async (store) => {
      const bytes = randomBytes(10_000);
      const object = objectOf('data', bytes);
      await store.save(object, [bytes]);
      for (const [offset, length] of [
        [0, 1],
        [9_999, 1],
        [5_000, 5_000],
        [0, 10_000],
      ] as const) {
        const part = bytesOf(await store.load(object, { range: { offset, length } }));
        expect(part).toEqual(bytes.subarray(offset, offset + length));
      }
      const beyond = await store.load(object, { range: { offset: 9_000, length: 1_001 } });
      expect(beyond).toMatchObject({ ok: false, fault: { code: 'damaged' } });
    }));

  test('what is not there is not found, by any call', () =>
    withStore(async (store) => {
      const object = objectOf('snapshots', Buffer.from('never saved'));
      const answers = [
        await store.load(object),
        await store.stat(object),
        await store.remove(object),
      ];
      for (const answer of answers)
        expect(answer).toEqual({ ok: false, fault: { code: 'not-found' } });
      expect(await store.list('snapshots')).toEqual({ ok: true, value: [] });
    }));

  test('a list names every object of its type and no other, and forgets the removed', () =>
    withStore(async (store) => {
      const all = Array.from({ length: 20 }, (_, index) => Buffer.from(`object ${index}`));
      for (const bytes of all) await store.save(objectOf('data', bytes), [bytes]);
      await store.save(objectOf('index', Buffer.from('i')), [Buffer.from('i')]);
      const names = all.map((bytes) => objectOf('data', bytes).name);
      expect(await listed(store)).toEqual([...names].sort());
      expect((await store.remove(objectOf('data', all[0] ?? Buffer.alloc(0)))).ok).toBe(true);
      expect(await listed(store)).toEqual(names.slice(1).sort());
    }));
}

function refusing(withStore: WithStore): void {
  test('a name that is no hash is refused or not found, never a path', () =>
    withStore(async (store) => {
      for (const name of [
        '',
        '..',
        '../config',
        'A'.repeat(64),
        `${'a'.repeat(63)}/`,
        'a'.repeat(65),
      ]) {
        const object: StoreObject = { type: 'keys', name };
        expect((await store.save(object, [Buffer.from('x')])).ok).toBe(false);
        expect(await store.load(object)).toMatchObject({ ok: false });
        expect(await store.remove(object)).toMatchObject({ ok: false });
      }
      expect(await store.list('keys')).toEqual({ ok: true, value: [] });
    }));

  test('an aborted signal is answered with cancelled', () =>
    withStore(async (store) => {
      const signal = AbortSignal.abort();
      const bytes = Buffer.from('x');
      const object = objectOf('data', bytes);
      expect(await store.save(object, [bytes], { signal })).toEqual({
        ok: false,
        fault: { code: 'cancelled' },
      });
      expect(await store.load(object, { signal })).toEqual({
        ok: false,
        fault: { code: 'cancelled' },
      });
      expect(await store.list('data', { signal })).toEqual({
        ok: false,
        fault: { code: 'cancelled' },
      });
    }));
}

function objectOf(type: StoreObject['type'], bytes: Uint8Array): StoreObject {
  return { type, name: createHash('sha256').update(bytes).digest('hex') };
}

function bytesOf(result: Awaited<ReturnType<RepositoryStore['load']>>): Buffer {
  expect(result.ok).toBe(true);
  return Buffer.from(result.ok ? result.value : []);
}

async function listed(store: RepositoryStore): Promise<readonly string[]> {
  const result = await store.list('data');
  return result.ok ? result.value.map((object) => object.name).sort() : [];
}
