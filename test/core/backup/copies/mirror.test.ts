import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Copy } from '../../../../electron/core/backup/copies/copy.ts';
import { mirror, type Patience } from '../../../../electron/core/backup/copies/mirror.ts';
import type {
  StoreFault,
  StoreObject,
} from '../../../../electron/core/backup/repository/repository-store.ts';
import { createFaultyStore } from '../../../fakes/faulty-repository-store.ts';
import {
  createMemoryRepositoryStore,
  type MemoryRepositoryStore,
} from '../../../fakes/memory-repository-store.ts';
import { describeRepositoryStore } from '../../../suites/repository-store.suite.ts';

describeRepositoryStore('several copies as one store', () => {
  const copies = ['one', 'two'].map((name) => ({ name, store: createMemoryRepositoryStore() }));
  return { store: mirror(copies, { onLost: () => undefined }).store, close: () => undefined };
});

function objectOf(text: string): StoreObject {
  return { type: 'data', name: createHash('sha256').update(text).digest('hex') };
}

function copiesOf(...stores: readonly MemoryRepositoryStore[]): readonly Copy[] {
  return stores.map((store, at) => ({ name: `copy ${at}`, store }));
}

/** A time that goes on when the test says so. */
function createTime(): Patience & { readonly pass: (ms: number) => void } {
  let nowMs = 0;
  const waiting = new Map<() => void, number>();
  return {
    nowMs: () => nowMs,
    after: (ms, act) => {
      waiting.set(act, nowMs + ms);
      return () => void waiting.delete(act);
    },
    pass: (ms) => {
      nowMs += ms;
      for (const [act, atMs] of waiting)
        if (atMs <= nowMs) {
          waiting.delete(act);
          act();
        }
    },
  };
}

/** A store whose saves end when the test says so, or are cut off. */
function createHeldStore() {
  const store = createMemoryRepositoryStore();
  const held: (() => void)[] = [];
  const copy: Copy = {
    name: 'slow',
    store: {
      ...store,
      save: (object, chunks, options) =>
        new Promise((resolve) => {
          held.push(() => resolve(store.save(object, chunks, options)));
          options?.signal?.addEventListener('abort', () =>
            resolve({ ok: false, fault: { code: 'cancelled' } }),
          );
        }),
    },
  };
  return { copy, letThrough: () => held.splice(0).forEach((go) => go()) };
}

describe('several copies as one store', () => {
  test('a copy that fails is left behind, and the last one is not', async () => {
    const [one, two] = [createMemoryRepositoryStore(), createMemoryRepositoryStore()];
    const lost: [string, StoreFault][] = [];
    const copies = mirror(copiesOf(one, two), {
      onLost: ({ name }, fault) => lost.push([name, fault]),
    });
    two.onCall = () => ({ code: 'plot-full' });
    expect((await copies.store.save(objectOf('a'), [Buffer.from('a')])).ok).toBe(true);
    expect(lost).toEqual([['copy 1', { code: 'plot-full' }]]);
    expect(copies.alive().map(({ name }) => name)).toEqual(['copy 0']);
    one.onCall = () => ({ code: 'plot-full' });
    expect(await copies.store.save(objectOf('b'), [Buffer.from('b')])).toEqual({
      ok: false,
      fault: { code: 'plot-full' },
    });
    expect(copies.alive()).toHaveLength(1);
  });

  test('a copy that is much slower is left behind after a while, with its patience used up once only', async () => {
    const time = createTime();
    const fast = createMemoryRepositoryStore();
    const slow = createHeldStore();
    const lost: StoreFault[] = [];
    const copies = mirror([...copiesOf(fast), slow.copy], {
      onLost: (_, fault) => lost.push(fault),
      patience: time,
    });
    const save = (text: string) => copies.store.save(objectOf(text), [Buffer.from(text)]);
    const turns = async () => {
      for (let at = 0; at < 5; at += 1) await new Promise((resolve) => setImmediate(resolve));
    };
    const first = save('a');
    await turns();
    time.pass(40_000);
    slow.letThrough();
    expect((await first).ok).toBe(true);
    expect(lost).toEqual([]);
    const second = save('b');
    await turns();
    // Forty seconds were waited before; of a minute twenty are left.
    time.pass(20_000);
    expect((await second).ok).toBe(true);
    expect(lost).toEqual([{ code: 'unreachable', detail: 'much slower than the others' }]);
    expect(copies.alive()).toHaveLength(1);
    expect((await save('c')).ok).toBe(true);
  });

  test('what one answers wrongly another has right, and it is said where it was wrong', async () => {
    const bytes = Buffer.from('right');
    const object = objectOf('right');
    const one = createFaultyStore(createMemoryRepositoryStore());
    const two = createMemoryRepositoryStore();
    const wrong: string[] = [];
    const copies = mirror(
      [
        { name: 'one', store: one },
        { name: 'two', store: two },
      ],
      { onLost: () => undefined, onWrong: ({ name }) => wrong.push(name) },
    );
    await copies.store.save(object, [bytes]);
    one.rot(object, 'flipped');
    const first = await copies.store.load(object);
    expect(first.ok && Buffer.from(first.value).equals(bytes)).toBe(false);
    const second = await copies.store.load(object, { attempt: 1 });
    expect(second.ok && Buffer.from(second.value).equals(bytes)).toBe(true);
    expect(await copies.store.load(object, { attempt: 2 })).toMatchObject({
      fault: { code: 'damaged' },
    });
    expect(wrong).toContain('one');
    one.rot(object, 'denied');
    expect((await copies.store.load(object)).ok).toBe(true);
  });

  test('a lock in any of them counts', async () => {
    const [one, two] = [createMemoryRepositoryStore(), createMemoryRepositoryStore()];
    const lock: StoreObject = { type: 'locks', name: objectOf('somebody’s').name };
    await two.save(lock, [Buffer.from('x')]);
    const copies = mirror(copiesOf(one, two), { onLost: () => undefined });
    const listed = await copies.store.list('locks');
    expect(listed.ok && listed.value.map(({ name }) => name)).toEqual([lock.name]);
    expect((await copies.store.remove(lock)).ok).toBe(true);
    expect(await copies.store.remove(lock)).toMatchObject({ fault: { code: 'not-found' } });
  });

  test('what only a copy has that was left behind meanwhile has not arrived', async () => {
    const [one, two] = [createMemoryRepositoryStore(), createMemoryRepositoryStore()];
    const copies = mirror(copiesOf(one, two), { onLost: () => undefined });
    const [a, b] = [objectOf('a'), objectOf('b')];
    const gone: StoreFault = { code: 'unreachable', detail: 'cut off' };
    one.onCall = (_call, { name }) => (name === b.name ? gone : undefined);
    two.onCall = (_call, { name }) => (name === a.name ? gone : undefined);
    const [first, second] = await Promise.all([
      copies.store.save(a, [Buffer.from('a')]),
      copies.store.save(b, [Buffer.from('b')]),
    ]);
    expect(first?.ok).toBe(true);
    expect(second).toEqual({ ok: false, fault: gone });
    expect(copies.alive().map(({ name }) => name)).toEqual(['copy 0']);
  });

  test.each(['snapshots', 'index'] as const)(
    'what one copy conceals in its list of %s another one shows',
    async (type) => {
      const [one, two] = [createMemoryRepositoryStore(), createMemoryRepositoryStore()];
      const object: StoreObject = { type, name: objectOf('of another device').name };
      await two.save(object, [Buffer.from('x')]);
      const copies = mirror(copiesOf(one, two), { onLost: () => undefined });
      const listed = await copies.store.list(type);
      expect(listed.ok && listed.value.map(({ name }) => name)).toEqual([object.name]);
    },
  );
});
