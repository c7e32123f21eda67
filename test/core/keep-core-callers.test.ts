import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdir } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeDiskSpace } from '../../electron/core/adapters/node-disk-space.ts';
import { keepCore } from '../../electron/core/keep-core.ts';
import { silentAir } from '../fakes/air.ts';
import { watchThreads } from '../fakes/book-threads.ts';
import { asTestHome, offer, pair, scratch, startHome, until } from '../fakes/homes.ts';

/** Friends who call while a core ends without its books: it listens until all else is closed. */
let place: Awaited<ReturnType<typeof scratch>>;
const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);

beforeEach(async () => {
  place = await scratch();
  process.on('unhandledRejection', note);
});
afterEach(async () => {
  process.off('unhandledRejection', note);
  unhandled.length = 0;
  await place.remove();
});

test('are refused, and nothing is left that nobody waits for: that would end the program instead of the core', async () => {
  const air = silentAir();
  const closes = Promise.withResolvers<void>();
  const disk = Promise.withResolvers<void>();
  let isSlow = false;
  let asked = 0;
  const threads = watchThreads();
  const kept = await keepCore({
    home: join(place.folder, 'home of Ben'),
    version: 'test',
    name: 'Ben',
    port: 0,
    host: '127.0.0.1',
    logLevel: 'silent',
    ports: {
      networks: air.networks,
      multicast: { ...air.multicast, close: () => closes.promise },
      space: {
        read: async (folder) => {
          if (isSlow) {
            asked += 1;
            await disk.promise;
          }
          return nodeDiskSpace.read(folder);
        },
      },
    },
  });
  threads.stop();
  if (!kept.ok) throw new Error(kept.fault.code);
  const ben = asTestHome(kept.value, place.folder);
  const [books] = threads.all as readonly [Worker];
  const ana = await startHome('Ana', place.folder);
  await pair(ana, ben);
  await mkdir(join(place.folder, 'spare'));
  await offer(ben, join(place.folder, 'spare'), 1_000_000n);

  isSlow = true;
  const chores = ben.core.chores().catch(() => undefined);
  await until(() => (asked > 0 ? true : undefined));
  let isLost = false;
  ben.core.events.subscribe(
    () => undefined,
    () => {
      isLost = true;
    },
  );
  books.postMessage(null);
  await until(() => (isLost ? true : undefined));
  const news = requests('/v1/news');
  const called = ana.fault('friends.try', { friend: 'Ben' });
  await until(() => (news.count() > 0 ? true : undefined));
  news.stop();
  // Read, and waiting for his disk by now.
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  disk.resolve();
  expect(await called).not.toBe('none');
  closes.resolve();
  await chores;
  await until(async () => ((await ben.fault('status.get')) === 'none' ? true : undefined));
  expect(unhandled).toEqual([]);
  await Promise.all([ana.close(), ben.close()]);
});

/** Those that servers of this process have begun to read, as Node tells of them. */
function requests(path: string): { readonly count: () => number; readonly stop: () => void } {
  let count = 0;
  const hear = (message: unknown) => {
    if ((message as { readonly request: IncomingMessage }).request.url === path) count += 1;
  };
  subscribe('http.server.request.start', hear);
  return { count: () => count, stop: () => void unsubscribe('http.server.request.start', hear) };
}
