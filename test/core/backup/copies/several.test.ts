import { createHash, randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type {
  StoreFault,
  StoreObject,
} from '../../../../electron/core/backup/repository/repository-store.ts';
import { several } from '../../../../electron/core/backup/copies/several.ts';
import { failed } from '../../../../shared/result.ts';
import {
  createMemoryRepositoryStore,
  type MemoryRepositoryStore,
} from '../../../fakes/memory-repository-store.ts';

let ben: MemoryRepositoryStore;
let cleo: MemoryRepositoryStore;
let packs: readonly StoreObject[];
let wrong: string[];

beforeEach(async () => {
  ben = createMemoryRepositoryStore();
  cleo = createMemoryRepositoryStore();
  wrong = [];
  const made: StoreObject[] = [];
  for (let i = 0; i < 40; i += 1) {
    const bytes = randomBytes(1000 + i);
    const object = { type: 'data', name: sha256(bytes) } as const;
    await ben.save(object, [bytes]);
    await cleo.save(object, [bytes]);
    made.push(object);
  }
  packs = made;
});

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function both(options: Parameters<typeof several>[1] = {}) {
  return several(
    [
      { name: 'Ben', store: ben },
      { name: 'Cleo', store: cleo },
    ],
    { onWrong: (copy, object, how) => wrong.push(`${copy} ${how} ${object.name}`), ...options },
  );
}

function countLoads(store: MemoryRepositoryStore): () => number {
  let loads = 0;
  store.onCall = (call) => {
    if (call === 'load') loads += 1;
    return undefined;
  };
  return () => loads;
}

function nth(number: number): StoreObject {
  const object = packs[number];
  if (object === undefined) throw new Error('no such pack');
  return object;
}

describe('several copies read as one', () => {
  test('reads are spread over those who have it', async () => {
    const [atBen, atCleo] = [countLoads(ben), countLoads(cleo)];
    const store = both();
    const loaded = await Promise.all(packs.map((object) => store.load(object)));
    for (const [at, result] of loaded.entries())
      expect(result.ok && sha256(result.value)).toBe(nth(at).name);
    expect(atBen() + atCleo()).toBe(packs.length);
    expect(Math.min(atBen(), atCleo())).toBeGreaterThanOrEqual(10);
  });

  test('who can’t be reached is not missed, and not asked again at once', async () => {
    let asked = 0;
    ben.onCall = (): StoreFault => {
      asked += 1;
      return { code: 'unreachable', detail: 'ECONNREFUSED' };
    };
    const store = both();
    for (const object of packs) expect((await store.load(object)).ok).toBe(true);
    expect(asked).toBeLessThanOrEqual(2);
    expect(wrong).toEqual([]);
  });

  test('what one has wrong the other has right, and it is told who was wrong', async () => {
    const bad = nth(3);
    for (const store of [ben, cleo]) {
      const { load } = store;
      const isBen = store === ben;
      Object.assign(store, {
        load: async (...args: Parameters<typeof load>) => {
          const result = await load(...args);
          const lies = isBen && args[0].name === bad.name && result.ok;
          return lies ? { ok: true, value: result.value.map((byte) => byte ^ 1) } : result;
        },
      });
    }
    const store = both();
    const range = { offset: 100, length: 200 };
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const loaded = await store.load(bad, { range, attempt });
      const whole = cleo.objects.get(`data/${bad.name}`)?.slice(100, 300);
      if (loaded.ok && Buffer.from(loaded.value).equals(Buffer.from(whole ?? []))) break;
      expect(attempt).toBeLessThan(2);
    }
    expect(wrong.filter((each) => !each.startsWith('Ben wrong'))).toEqual([]);
    // Another part of it is not asked of him again.
    const atBen = countLoads(ben);
    await store.load(bad, { range: { offset: 150, length: 10 }, attempt: 1 });
    await store.load(bad);
    expect(atBen()).toBeLessThanOrEqual(1);
  });

  test('when all have it wrong it is damaged, and there is an end to asking', async () => {
    const store = both();
    const object = nth(0);
    const answers = [];
    for (let attempt = 0; attempt < 4; attempt += 1)
      answers.push(await store.load(object, { attempt }));
    expect(answers.map((each) => each.ok)).toEqual([true, true, false, false]);
    expect(answers[3]).toMatchObject({ fault: { code: 'damaged' } });
    expect(new Set(wrong.map((each) => each.split(' ')[0]))).toEqual(new Set(['Ben', 'Cleo']));
    expect(wrong).toHaveLength(2);
  });

  test('what one lacks comes from the other, and it is told', async () => {
    const object = nth(5);
    ben.objects.delete(`data/${object.name}`);
    const store = both();
    for (let i = 0; i < 4; i += 1) expect((await store.load(object)).ok).toBe(true);
    expect(new Set(wrong).size).toBeLessThanOrEqual(1);
    cleo.objects.delete(`data/${object.name}`);
    expect(await store.load(object)).toMatchObject({ fault: { code: 'not-found' } });
  });

  test('who answers nothing is asked no longer alone', async () => {
    const never = new Promise<never>(() => undefined);
    const aborted: string[] = [];
    const store = several(
      [
        {
          name: 'Ben',
          store: {
            ...ben,
            load: (object, { signal } = {}) =>
              Promise.race([
                never,
                new Promise<ReturnType<typeof failed<StoreFault>>>((resolve) =>
                  signal?.addEventListener('abort', () => {
                    aborted.push(object.name);
                    resolve(failed({ code: 'cancelled' }));
                  }),
                ),
              ]),
          },
        },
        { name: 'Cleo', store: cleo },
      ],
      { patienceMs: 5 },
    );
    const range = { offset: 0, length: 100 };
    for (const object of packs.slice(0, 5))
      expect((await store.load(object, { range })).ok).toBe(true);
    expect(aborted.length).toBeGreaterThan(0);
  });

  test('whoever cancels hears of it', async () => {
    const abort = new AbortController();
    abort.abort();
    expect(await both().load(nth(0), { signal: abort.signal })).toMatchObject({
      fault: { code: 'cancelled' },
    });
  });

  test('lists are everybody’s together, also of whoever lags behind', async () => {
    ben.objects.delete(`data/${nth(1).name}`);
    cleo.objects.delete(`data/${nth(2).name}`);
    const listed = await both().list('data');
    expect(listed.ok && listed.value.length).toBe(packs.length);
    ben.onCall = () => ({ code: 'unreachable', detail: 'ECONNREFUSED' });
    expect((await both().list('data')).ok).toBe(true);
    cleo.onCall = () => ({ code: 'unreachable', detail: 'ECONNREFUSED' });
    expect(await both().list('data')).toMatchObject({ fault: { code: 'unreachable' } });
  });

  test('a lock lies at everybody’s; where nothing can be written none is needed', async () => {
    const lock = { type: 'locks', name: 'a'.repeat(64) } as const;
    const store = both();
    expect((await store.save(lock, [Buffer.from('lock')])).ok).toBe(true);
    expect([ben, cleo].map(({ objects }) => objects.has(`locks/${lock.name}`))).toEqual([
      true,
      true,
    ]);
    expect((await store.remove(lock)).ok).toBe(true);
    for (const each of [ben, cleo])
      each.onCall = () => ({ code: 'refused', reason: 'folder', params: { error: 'EROFS' } });
    expect((await store.save(lock, [Buffer.from('lock')])).ok).toBe(true);
    expect((await store.save(nth(0), [Buffer.from('pack')])).ok).toBe(false);
  });
});
