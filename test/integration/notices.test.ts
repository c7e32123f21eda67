import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AppEvent, NoticeView } from '../../shared/contract/views.ts';
import { offer, pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let ben: TestHome;
let ana: TestHome;
let store: string;

beforeEach(async () => {
  place = await scratch();
  store = join(place.folder, 'spare');
  await mkdir(store);
  [ben, ana] = await Promise.all([startHome('Ben', place.folder), startHome('Ana', place.folder)]);
});
afterEach(async () => {
  await Promise.all([ben.close(), ana.close()]);
  await place.remove();
});

const noticesOf = async (home: TestHome) => (await home.call('state.snapshot')).notices;
const find = async (home: TestHome, kind: NoticeView['kind']) =>
  (await noticesOf(home)).find((notice) => notice.kind === kind);
/** What must come by itself. */
const comes = (home: TestHome, kind: NoticeView['kind']) => until(() => find(home, kind));
const goes = (home: TestHome, kind: NoticeView['kind']) =>
  until(async () => ((await find(home, kind)) === undefined ? true : undefined));
/** What the next look finds; it need not be waited for. */
const told = async (home: TestHome, kind: NoticeView['kind']) => {
  await home.core.chores();
  return find(home, kind);
};

test('a knock at the door is told while digits wait to be compared', async () => {
  const mine = await ana.call('pairings.start', { address: ben.address });
  expect(await comes(ben, 'pairing-asks')).toMatchObject({
    id: `pairing-asks:${mine.id}`,
    params: { name: 'Ana' },
    path: 'friends',
  });
  expect(await find(ana, 'pairing-asks')).toBeUndefined();
  await ben.call('pairings.reject', { id: mine.id });
  await goes(ben, 'pairing-asks');
});

test('a friend without space is told until the owner has said how much, and the window hears of it', async () => {
  const events: AppEvent[] = [];
  ben.core.events.subscribe((event) => void events.push(event));
  await pair(ana, ben);
  const [friend] = await ben.call('friends.list');
  expect(await comes(ben, 'friend-waits')).toMatchObject({
    level: 'info',
    params: { friend: 'Ana' },
    path: `friends/${friend?.owner}`,
    dismissed: false,
  });
  await until(() =>
    events.find(({ changed }) => changed.notices?.some(({ kind }) => kind === 'friend-waits')),
  );
  // "Nothing" is an answer too.
  const nothing = { guards: {}, grounds: [{ kind: 'fair-share', weight: 0 }] };
  await ben.call('policy.set', { friend: 'Ana', policy: nothing });
  await goes(ben, 'friend-waits');
  await until(() => {
    // Not the last event: others may have come behind it.
    const last = events.findLast(({ changed }) => changed.notices !== undefined);
    return last?.changed.notices?.every(({ kind }) => kind !== 'friend-waits') || undefined;
  });
});

test('a refusal is told, put away for good, and outlives a restart', async () => {
  await pair(ana, ben);
  await offer(ben, store, 2_000_000_000n);
  const ask = { friend: 'Ben', size: '5000000000', durationS: 86_400 };
  expect((await ana.call('allocations.ask', ask)).type).toBe('denied');
  const refusal = await told(ben, 'request-refused');
  expect(refusal).toMatchObject({
    level: 'warning',
    params: { friend: 'Ana', requestedBytes: '5000000000' },
  });
  expect(await ben.call('notices.dismiss', { id: refusal?.id })).toEqual({ dismissed: true });
  expect(await ben.call('notices.dismiss', { id: 'nothing' })).toEqual({ dismissed: false });
  expect(await find(ben, 'request-refused')).toMatchObject({ dismissed: true });
  ben = await ben.restart();
  expect(await find(ben, 'request-refused')).toEqual({ ...refusal, dismissed: true });
  // Asked in a loop, it is still one notice a day.
  for (let at = 0; at < 3; at += 1) await ana.call('allocations.ask', ask);
  expect(await told(ben, 'request-refused')).toEqual({ ...refusal, dismissed: true });
  expect((await ana.call('allocations.ask', { ...ask, size: '1000000' })).type).toBe('granted');
  expect(await told(ben, 'request-refused')).toBeUndefined();
});

test('a share that fills up is told to the host, and in other words to the guest', async () => {
  await pair(ana, ben);
  await offer(ben, store, 1_000_000_000n);
  const files = join(place.folder, 'files');
  await mkdir(files);
  await writeFile(join(files, 'one'), 'one');
  const ask = { friend: 'Ben', size: '850000000', durationS: 86_400 };
  expect((await ana.call('allocations.ask', ask)).type).toBe('granted');
  expect(await told(ben, 'share-fills')).toMatchObject({
    params: { friend: 'Ana', percent: '91' },
  });
  expect(await told(ben, 'offer-fills')).toMatchObject({ params: { percent: '91' } });
  await ana.call('sets.create', { name: 'all', folders: [files], to: ['Ben'] });
  const run = await ana.job(await ana.call('sets.run', { name: 'all' }));
  expect(run.state).toBe('failed');
  expect(await told(ana, 'share-full')).toMatchObject({
    level: 'warning',
    params: { set: 'all', friend: 'Ben', fault: 'refused', denial: 'no-space' },
  });
  // One thing is told once.
  expect(await told(ana, 'backup-failed')).toBeUndefined();
  await ben.call('offer.set', { folder: store, offerBytes: '90000000000', keepFreeBytes: '0' });
  expect(await told(ben, 'offer-fills')).toBeUndefined();
  expect((await ana.job(await ana.call('sets.run', { name: 'all' }))).state).toBe('done');
  expect(await told(ana, 'share-full')).toBeUndefined();
});

test('a drive that was unplugged is told, and no more when it is back', async () => {
  await offer(ben, store);
  await rename(store, `${store} unplugged`);
  expect(await told(ben, 'volume-missing')).toMatchObject({
    level: 'alarm',
    params: { folder: store },
  });
  await rename(`${store} unplugged`, store);
  expect(await told(ben, 'volume-missing')).toBeUndefined();
});

test('a friend’s data that is gone from the disk is told to the host', async () => {
  await keepSomethingOfAnas();
  expect(await told(ben, 'data-damaged')).toBeUndefined();
  const plots = join(store, 'allotment', 'plots');
  const packs = (await readdir(plots, { recursive: true, withFileTypes: true })).filter(
    (entry) => entry.isFile() && entry.parentPath.includes(`repository${sep}data`),
  );
  expect(packs.length).toBeGreaterThan(0);
  for (const { parentPath, name } of packs) await rm(join(parentPath, name));
  expect(await told(ben, 'data-damaged')).toMatchObject({
    level: 'alarm',
    params: { friend: 'Ana', folder: store },
  });
});

test('a disk that is full, whatever was promised, is told as soon as it turns a friend away', async () => {
  let isFull = false;
  const space = {
    read: async () => ({
      freeBytes: isFull ? 1_000_000n : 50_000_000_000n,
      totalBytes: 100_000_000_000n,
    }),
  };
  ben = await ben.restart({ ports: { space } });
  const files = await keepSomethingOfAnas();
  isFull = true;
  await ben.core.chores();
  await writeFile(join(files, 'two'), 'two');
  const run = await ana.job(await ana.call('sets.run', { name: 'all' }));
  expect(run).toMatchObject({ state: 'failed', fault: { params: { denial: 'disk-full' } } });
  expect(await told(ben, 'disk-fills')).toMatchObject({ params: { context: 'full' } });
});

/** A set of Ana's with one run at Ben's; its folder. */
async function keepSomethingOfAnas(): Promise<string> {
  await pair(ana, ben);
  await offer(ben, store);
  const files = join(place.folder, 'files');
  await mkdir(files);
  await writeFile(join(files, 'one'), randomBytes(50_000));
  await ana.call('sets.create', { name: 'all', folders: [files], to: ['Ben'] });
  expect((await ana.job(await ana.call('sets.run', { name: 'all' }))).state).toBe('done');
  return files;
}
