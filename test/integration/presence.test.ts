import { mkdir } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FriendView } from '../../shared/contract/views.ts';
import type { News } from '../../shared/wire/messages.ts';
import { GB, offer, pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';
import { keysOf, send } from '../fakes/raw-friend.ts';

/** Two real cores over TLS on loopback, with no network that would tell them of each other. */
let place: Awaited<ReturnType<typeof scratch>>;
let ana: TestHome;
let ben: TestHome;

beforeEach(async () => {
  place = await scratch();
  ana = await startHome('Ana', place.folder);
  ben = await startHome('Ben', place.folder);
  await pair(ana, ben);
});
afterEach(async () => {
  await Promise.all([ana.close(), ben.close()]);
  await place.remove();
});

async function seenBy(home: TestHome): Promise<FriendView> {
  const [friend] = await home.call('friends.list');
  if (friend === undefined) throw new Error('no friend');
  return friend;
}

async function state(home: TestHome, wanted: FriendView['presence']['state']): Promise<FriendView> {
  return until(async () => {
    const friend = await seenBy(home);
    return friend.presence.state === wanted ? friend : undefined;
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('friends see each other come, go and come back', async () => {
  const there = await state(ana, 'online');
  // Who has only called is there; where he is reached is known when he was.
  await until(async () =>
    (await seenBy(ana)).presence.address === ben.address ? true : undefined,
  );
  expect(there.devices[0]).toMatchObject({ name: 'Ben', kind: 'desktop' });
  await state(ben, 'online');

  const address = ben.address;
  await ben.close();
  // He said goodbye: nobody has to miss him first.
  const away = await seenBy(ana);
  expect(away.presence).toMatchObject({ state: 'away', address: null, trouble: null });
  expect(away.presence.sinceMs).toBeGreaterThan(0);
  expect(await ana.fault('friends.try', { friend: 'Ben' })).toBe('unreachable');

  ben = await ben.restart();
  expect(ben.address).toBe(address);
  await state(ana, 'online');
  expect((await ana.call('friends.try', { friend: 'Ben' })).presence.state).toBe('online');
});

test('a friend who answers at another port is found, because he calls', async () => {
  await state(ana, 'online');
  await state(ben, 'online');
  const before = ben.address;
  ben = await ben.restart({ port: await freePort() });
  expect(ben.address).not.toBe(before);
  await until(async () => {
    const { presence, devices } = await seenBy(ana);
    // Proved by a call of hers, and written down.
    const isFound = presence.address === ben.address && devices[0]?.addresses[0] === ben.address;
    return isFound ? true : undefined;
  });
  expect((await ana.call('friends.try', { friend: 'Ben' })).presence.address).toBe(ben.address);
});

test('what a friend may use arrives when it changes, without his asking', async () => {
  await state(ana, 'online');
  await state(ben, 'online');
  expect((await seenBy(ana)).there).toBeNull();
  const folder = join(place.folder, 'spare');
  await mkdir(folder);
  await offer(ben, folder, 20n * GB);
  const first = await until(async () => {
    const { there } = await seenBy(ana);
    return there?.shareBytes === `${20n * GB}` ? there : undefined;
  });
  expect(first.useBytes).toBe('0');
  await offer(ben, folder, 12n * GB);
  await until(async () =>
    (await seenBy(ana)).there?.shareBytes === `${12n * GB}` ? true : undefined,
  );
  // And what she takes is told to her by him, in the same words.
  await ana.call('allocations.ask', { friend: 'Ben', size: `${GB}`, durationS: 86_400 });
  await until(async () =>
    BigInt((await seenBy(ana)).there?.useBytes ?? 0) > GB ? true : undefined,
  );
});

test('hostile news are refused, or learnt from without harm', async () => {
  await state(ana, 'online');
  await state(ben, 'online');
  const keys = await keysOf(ana, 'Ana');
  // A third party that an address in news points to: it counts who comes.
  let knocks = 0;
  const third = createServer((socket) => {
    knocks += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => third.listen(0, '127.0.0.1', resolve));
  const { port } = third.address() as AddressInfo;

  const news: News = {
    v: 1,
    name: 'Ana',
    kind: 'desktop',
    addresses: [ana.address],
    plots: 'x',
  };
  const tell = (more: object) =>
    send(ben, keys, { path: '/v1/news', body: JSON.stringify({ ...news, ...more }) });

  expect((await tell({ name: 'x'.repeat(300_000) })).status).toBe(400);
  expect((await tell({ name: 'A\nna' })).status).toBe(400);
  expect((await tell({ addresses: Array.from({ length: 9 }, () => 'a.example:1') })).status).toBe(
    400,
  );
  expect((await tell({ share: { useBytes: '-1', mayAskBytes: '0' } })).status).toBe(400);
  expect((await tell({ share: { useBytes: '9'.repeat(30), mayAskBytes: '0' } })).status).toBe(400);
  expect((await tell({ leavesInS: -1 })).status).toBe(400);
  expect((await tell({ v: 2 })).status).toBe(400);
  const places = Array.from({ length: 8 }, () => `127.0.0.1:${port}`);
  expect((await tell({ addresses: places })).status).toBe(200);
  // In a loop: answered for a while, then told to wait, and never more than one call a minute comes of it.
  const codes = new Set<number>();
  for (let at = 0; at < 30; at += 1) codes.add((await tell({ addresses: places })).status);
  expect([...codes]).toContain(429);
  // He calls her himself before long, whatever her calls say.
  const friend = await until(async () => {
    const seen = await seenBy(ben);
    return seen.presence.address === ana.address ? seen : undefined;
  });
  expect(friend.devices[0]?.addresses.length).toBeLessThanOrEqual(6);
  expect(friend.devices[0]?.addresses[0]).toBe(ana.address);
  expect(knocks).toBeLessThanOrEqual(1);
  expect(friend.presence.state).toBe('online');
  await new Promise((resolve) => third.close(resolve));
});
