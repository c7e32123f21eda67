import { hostname } from 'node:os';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { underLock } from '../../../../electron/core/backup/repository/lock.ts';
import {
  initRepository,
  type Repository,
} from '../../../../electron/core/backup/repository/repository.ts';
import type { StoreObject } from '../../../../electron/core/backup/repository/repository-store.ts';
import { saveUnpacked } from '../../../../electron/core/backup/repository/unpacked.ts';
import { ok } from '../../../../shared/result.ts';
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
