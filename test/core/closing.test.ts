import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepCore } from '../../electron/core/keep-core.ts';
import { startCore } from '../../electron/core/start-core.ts';
import { silentAir } from '../fakes/air.ts';
import { watchThreads } from '../fakes/book-threads.ts';
import { scratch } from '../fakes/homes.ts';

/** The end of a core, where not all of it wants to end. */
let place: Awaited<ReturnType<typeof scratch>>;

beforeEach(async () => {
  place = await scratch();
});
afterEach(() => place.remove());

const options = () =>
  ({
    home: join(place.folder, 'home of Ben'),
    version: 'test',
    name: 'Ben',
    port: 0,
    host: '127.0.0.1',
    logLevel: 'silent',
  }) as const;

test('what can’t be closed keeps neither the port nor the books', async () => {
  const { networks, multicast } = silentAir();
  const broken = { ...multicast, close: () => Promise.reject(new Error('it does not close')) };
  const threads = watchThreads();
  const started = await startCore({ ...options(), ports: { networks, multicast: broken } });
  threads.stop();
  if (!started.ok) throw new Error(started.fault.code);
  const { port } = started.value.info();
  let ended = 0;
  for (const thread of threads.all) thread.once('exit', () => (ended += 1));
  await started.value.close();
  expect(ended).toBe(threads.all.length);
  const again = await startCore({ ...options(), port, ports: silentAir() });
  expect(again.ok).toBe(true);
  if (again.ok) await again.value.close();
});

test('whatever is asked of a kept core while it ends, and afterwards, is answered that none runs', async () => {
  const kept = await keepCore({ ...options(), ports: silentAir() });
  if (!kept.ok) throw new Error(kept.fault.code);
  const core = kept.value;
  const closed = core.close();
  const notRunning = { ok: false, fault: { code: 'not-running' } };
  await new Promise((resolve) => setImmediate(resolve));
  expect(await core.api['listening.begin']({})).toMatchObject(notRunning);
  await closed;
  expect(await core.api['status.get']({})).toMatchObject(notRunning);
});

test.each([
  ['no file can be', mkdirSync, 'folder-read-only'],
  [
    'something else is',
    (file: string) => writeFileSync(file, 'no database'.repeat(200)),
    'database-damaged',
  ],
])(
  'a home in which %s where its lock should be does not start, and says why',
  async (_what, put, code) => {
    const { home } = options();
    mkdirSync(home);
    put(join(home, 'lock.sqlite'));
    expect(await startCore({ ...options(), ports: silentAir() })).toMatchObject({
      ok: false,
      fault: { code, params: { folder: home } },
    });
  },
);
