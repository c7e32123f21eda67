import { hostname } from 'node:os';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type LockPatience, underLock } from '../../../../electron/core/backup/repository/lock.ts';
import {
  initRepository,
  type Repository,
} from '../../../../electron/core/backup/repository/repository.ts';
import type {
  RepositoryStore,
  StoreObject,
} from '../../../../electron/core/backup/repository/repository-store.ts';
import { saveUnpacked } from '../../../../electron/core/backup/repository/unpacked.ts';
import { failed, ok } from '../../../../shared/result.ts';
import {
  createMemoryRepositoryStore,
  type MemoryRepositoryStore,
} from '../../../fakes/memory-repository-store.ts';

const HOUR_MS = 3_600_000;
const PACK: StoreObject = { type: 'data', name: 'ab'.repeat(32) };
const INDEX: StoreObject = { type: 'index', name: 'cd'.repeat(32) };
let store: MemoryRepositoryStore;
let repository: Repository;

beforeEach(async () => {
  store = createMemoryRepositoryStore();
  const begun = await initRepository(store, 'a password of the test');
  if (!begun.ok) throw new Error(begun.fault.code);
  repository = begun.value;
  await store.save(PACK, [Buffer.from('a pack')]);
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => vi.useRealTimers());

function sleepAnHour(): void {
  vi.setSystemTime(Date.now() + HOUR_MS);
}

const locks = () => [...store.objects.keys()].filter((key) => key.startsWith('locks/'));

describe('a lock', () => {
  test('that another computer took for a dead one’s while this one slept is relied on no more', async () => {
    const ended = await underLock(
      repository,
      async (held) => {
        sleepAnHour();
        const other = await underLock(repository, async () => ok('added'));
        expect(other).toEqual(ok('added'));
        const removed = await held.store.remove(PACK);
        expect(removed).toMatchObject({ ok: false, fault: { code: 'unreachable' } });
        const saved = await held.store.save(INDEX, [Buffer.from('x')]);
        expect(saved).toMatchObject({ ok: false, fault: { code: 'unreachable' } });
        return ok(undefined);
      },
      { exclusive: true },
    );
    expect(ended.ok).toBe(true);
    expect(store.objects.has('data/' + PACK.name)).toBe(true);
    expect(store.objects.has('index/' + INDEX.name)).toBe(false);
    expect(locks()).toEqual([]);
  });

  test('that is still there after a sleep is made new, and the work goes on', async () => {
    const ended = await underLock(
      repository,
      async (held) => {
        const [before] = locks();
        sleepAnHour();
        expect((await held.store.save(INDEX, [Buffer.from('x')])).ok).toBe(true);
        expect((await held.store.remove(PACK)).ok).toBe(true);
        expect(locks()).toHaveLength(1);
        expect(locks()).not.toEqual([before]);
        return ok(undefined);
      },
      { exclusive: true },
    );
    expect(ended.ok).toBe(true);
    expect(locks()).toEqual([]);
  });

  test('that can’t be made new is relied on no more', async () => {
    await underLock(repository, async (held) => {
      sleepAnHour();
      store.onCall = (call) =>
        call === 'save' ? { code: 'unreachable', detail: 'off' } : undefined;
      expect(await held.store.remove(PACK)).toMatchObject({ ok: false });
      store.onCall = () => undefined;
      return ok(undefined);
    });
    expect(store.objects.has('data/' + PACK.name)).toBe(true);
  });
});

test.each([
  ['of a process that is gone on this machine is cleared away', undefined, true],
  ['of a machine that has the same name is not, whatever runs here', '0'.repeat(32), false],
])('a lock %s', async (_what, machine, isFree) => {
  const content = {
    time: new Date().toISOString(),
    exclusive: true,
    hostname: hostname(),
    // No system has processes of such a number.
    pid: 2 ** 30,
    ...(machine === undefined ? {} : { machine }),
  };
  await saveUnpacked(store, repository.key, { type: 'locks', content });
  const ended = await underLock(repository, async () => ok('done'));
  expect(ended).toEqual(
    isFree ? ok('done') : { ok: false, fault: { code: 'locked', by: hostname() } },
  );
  expect(locks()).toHaveLength(isFree ? 0 : 1);
});

describe('with patience', () => {
  const signal = new AbortController().signal;
  let waits = 0;
  beforeEach(() => {
    waits = 0;
  });

  /** `at`: what happens in a pause, by its number; nobody sleeps. */
  function patience(at: (pauses: number) => void, forMs = 60_000): LockPatience {
    let pauses = 0;
    return {
      forMs,
      signal,
      onWait: () => {
        waits += 1;
      },
      pause: async () => {
        pauses += 1;
        at(pauses);
      },
    };
  }

  async function whileLocked<T>(exclusive: boolean, act: (free: () => void) => Promise<T>) {
    const freed = Promise.withResolvers<undefined>();
    const placed = Promise.withResolvers<undefined>();
    const holding = underLock(
      repository,
      async () => {
        placed.resolve(undefined);
        await freed.promise;
        return ok(undefined);
      },
      { exclusive },
    );
    await placed.promise;
    const ended = await act(() => freed.resolve(undefined));
    freed.resolve(undefined);
    await holding;
    return ended;
  }

  test.each([
    ['a reader waits for whoever wants to be alone', true, false],
    ['who wants to be alone waits for a reader', false, true],
  ])('%s, and goes on when he is gone', async (_what, theirs, ours) => {
    const ended = await whileLocked(theirs, async (free) =>
      underLock(repository, async () => ok(locks().length), {
        exclusive: ours,
        patience: patience((pauses) => {
          // While it waits it keeps nobody out.
          expect(locks()).toHaveLength(1);
          if (pauses !== 3) return;
          free();
          store.objects.delete(locks()[0] ?? '');
        }),
      }),
    );
    expect(ended).toEqual(ok(1));
    expect(waits).toBe(1);
    expect(locks()).toEqual([]);
  });

  test('nobody is waited for longer than was said, and who it is, is said then', async () => {
    let pauses = 0;
    const ended = await whileLocked(true, async () =>
      underLock(repository, async () => ok('done'), {
        patience: patience((count) => {
          pauses = count;
        }),
      }),
    );
    expect(ended).toEqual({ ok: false, fault: { code: 'locked', by: hostname() } });
    // A quarter of a second at first, five at last.
    expect(pauses).toBeGreaterThan(10);
    expect(pauses).toBeLessThan(40);
  });

  test('whoever calls it off does not wait on, and leaves no lock', async () => {
    const stop = new AbortController();
    const ended = await whileLocked(true, async () => {
      const result = await underLock(repository, async () => ok('done'), {
        patience: { ...patience(() => stop.abort()), signal: stop.signal },
      });
      expect(locks()).toHaveLength(1);
      return result;
    });
    expect(ended).toEqual({ ok: false, fault: { code: 'cancelled' } });
  });

  test('somebody who was killed while he held it is not waited for longer than a lock lives', async () => {
    const content = { time: new Date().toISOString(), exclusive: true, hostname: 'nas', pid: 7 };
    await saveUnpacked(store, repository.key, { type: 'locks', content });
    const ended = await underLock(repository, async () => ok('done'), {
      patience: patience((pauses) => {
        if (pauses === 2) sleepAnHour();
      }),
    });
    expect(ended).toEqual(ok('done'));
  });

  test('is not waited for when it is called off while nobody answers which locks there are', async () => {
    const abort = new AbortController();
    const silent: RepositoryStore = {
      ...store,
      list: (_type, { signal } = {}) =>
        new Promise((resolve) => {
          signal?.addEventListener('abort', () => resolve(failed({ code: 'cancelled' })));
          abort.abort();
        }),
    };
    const patience = { forMs: 0, signal: abort.signal, onWait: () => undefined };
    const ended = await underLock({ ...repository, store: silent }, async () => ok('done'), {
      patience,
    });
    expect(ended).toMatchObject({ fault: { code: 'cancelled' } });
    expect(locks()).toEqual([]);
  });
});

test('whoever lists a hundred thousand locks that there are not keeps nobody from his work', async () => {
  let asked = 0;
  const flooded: RepositoryStore = {
    ...store,
    list: async (type, options) => {
      if (type !== 'locks') return store.list(type, options);
      const names = Array.from({ length: 100_000 }, (_, at) => `${at}`.padStart(64, '0'));
      return ok(names.map((name) => ({ name, sizeBytes: 100 })));
    },
    load: async () => {
      asked += 1;
      return failed({ code: 'not-found' });
    },
  };
  const held = await underLock({ ...repository, store: flooded }, async () => ok('done'));
  expect(held).toEqual(ok('done'));
  expect(asked).toBeLessThanOrEqual(1000);
});
