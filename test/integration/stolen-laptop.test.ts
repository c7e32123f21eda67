import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPlotDamage } from '../../electron/core/backup/copies/plot-damage.ts';
import { openPeerSession } from '../../electron/core/client/connection/peer-client.ts';
import type { PlotId } from '../../shared/ids.ts';
import { offer, pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';
import { stealLaptop } from '../fakes/thief.ts';
import { loseTheLaptop, newMachine, restored, typeWords } from '../fakes/worst-day.ts';
import { keysOf, type Raw, type RawAnswer, send } from '../fakes/raw-friend.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let ben: TestHome;
let ana: TestHome;
let nas: TestHome;
let plot: string;
let repository: string;

beforeEach(async () => {
  place = await scratch();
  [ben, ana] = await Promise.all([
    startHome('Ben', place.folder),
    startHome('Ana', place.folder, { machine: 'laptop' }),
  ]);
  const phrase = ((await ana.call('phrase.show')).words ?? []).join(' ');
  nas = await startHome('NAS', place.folder, { phrase, machine: 'server' });
  const store = join(place.folder, 'spare');
  await mkdir(store);
  await pair(ana, ben);
  await pair(nas, ben);
  await offer(ben, store);
  const granted = await ana.call('allocations.ask', {
    friend: 'Ben',
    size: '100000000',
    durationS: 2_592_000,
  });
  if (granted.type !== 'granted') throw new Error(granted.type);
  plot = granted.plot;
  repository = join(store, 'allotment', 'plots', plot, 'repository');
});
afterEach(async () => {
  await Promise.all([ben.close(), ana.close(), nas.close()]);
  await place.remove();
});

const DAY_S = 86_400;
type Device = (raw: Raw & { readonly json?: object }) => Promise<RawAnswer>;

async function deviceOf(home: TestHome, name: string): Promise<Device> {
  const keys = await keysOf(home, name);
  return ({ json, ...raw }) =>
    send(ben, keys, json === undefined ? raw : { ...raw, body: JSON.stringify({ v: 1, ...json }) });
}
const at = (path: string) => `/v1/plots/${plot}${path}`;
const bodyOf = (answer: RawAnswer) => JSON.parse(answer.body.toString()) as Record<string, unknown>;

async function fill(device: Device) {
  const objects = [];
  for (const type of ['data', 'data', 'data', 'index', 'snapshots', 'keys']) {
    const bytes = randomBytes(2000);
    const path = at(`/repository/${type}/${createHash('sha256').update(bytes).digest('hex')}`);
    expect((await device({ path, body: bytes })).status).toBe(200);
    objects.push({ path, bytes });
  }
  return objects;
}

test('a stolen laptop that deletes everything and lets go of its plot takes nothing with it', async () => {
  const [laptop, other] = [await deviceOf(ana, 'Ana'), await deviceOf(nas, 'NAS')];
  const objects = await fill(laptop);
  const protect = (device: Device, days: number) =>
    device({ method: 'PUT', path: at('/protection'), json: { days } });
  expect(bodyOf(await protect(laptop, 30))).toEqual({ protectDays: 30 });

  // Everything that the thief can think of.
  for (const { path } of objects)
    expect((await laptop({ method: 'DELETE', path })).status).toBe(200);
  expect(bodyOf(await protect(laptop, 0))).toEqual({
    protectDays: 30,
    fallsTo: 0,
    fallsInS: 30 * DAY_S,
  });
  const resize = { requestId: randomBytes(16).toString('base64url'), size: '1' };
  expect(bodyOf(await laptop({ path: at('/resize'), json: resize }))).toMatchObject({
    type: 'granted',
    size: '100000000',
  });
  const freed = await laptop({ method: 'DELETE', path: at('') });
  expect(bodyOf(freed)).toEqual({ state: 'active', leavesInS: 30 * DAY_S });
  expect((await laptop({ path: objects[0]?.path ?? '' })).code).toBe('object-unknown');
  ben = await ben.restart();
  await ben.core.chores();

  // Every device of hers hears of it, and so does whoever keeps it.
  const status = () => other({ path: at('') }).then(bodyOf);
  expect(await status()).toMatchObject({
    protectDays: 30,
    fallsTo: 0,
    shrinksTo: '1',
    trash: '12000',
    written: '12000',
  });
  expect((await status())['leavesInS']).toBeLessThanOrEqual(30 * DAY_S);
  const [hosted] = await ben.call('plots.hosted');
  expect(hosted).toMatchObject({ trashBytes: '12000', protectDays: 30 });
  expect(hosted?.leavesMs).toBeGreaterThan(Date.now() + 29 * DAY_S * 1000);
  expect(hosted?.protectionFalls?.days).toBe(0);
  expect(await ben.call('space.get')).toMatchObject({ dataBytes: '0', trashBytes: '12000' });
  const trash = bodyOf(await other({ path: at('/trash') }));
  expect(trash).toMatchObject({ total: { objects: 6, bytes: '12000' } });

  await nas.core.renewDue();
  const told = await until(async () => {
    await nas.core.chores();
    const { notices } = await nas.call('state.snapshot');
    return notices.find(({ kind }) => kind === 'protection-falls');
  });
  expect(told).toMatchObject({ level: 'alarm', params: { friend: 'Ben', context: 'leaves' } });

  // And takes it back.
  const since = { sinceS: 2 * DAY_S };
  const back = await other({ path: at('/trash/restorations'), json: since });
  expect(bodyOf(back)).toEqual({ objects: 6, bytes: '12000', stays: true });
  for (const { path, bytes } of objects) expect((await other({ path })).body).toEqual(bytes);
  const after = await status();
  expect(after).not.toHaveProperty('leavesInS');
  expect(after).not.toHaveProperty('shrinksTo');
  expect(after).not.toHaveProperty('fallsTo');
  expect(after).not.toHaveProperty('trash');
});

test('a thief who forges all papers, too, loses nobody a friend or a set, and makes nobody one', async () => {
  await mkdir(join(place.folder, 'day'));
  const day = await loseTheLaptop(join(place.folder, 'day'), { protectDays: 30 });
  const laptop = await day.laptop();
  const thief = await stealLaptop(laptop, 'Ana');
  await laptop.close();
  const hosts = [
    [day.ben, 'Ben'],
    [day.carl, 'Carl'],
  ] as const;
  for (const [host, name] of hosts) {
    const disk = join(place.folder, 'day', `disk of ${name}`);
    const hosted = await host.call('plots.hosted');
    const of = hosted[0]?.plot ?? '';
    await thief.leaveManifest(host, of, disk);
    const right = await thief.bookAt(disk);
    const friends = [thief.mallory];
    const sequence = right.sequence + 1_000_000;
    const forged = { ...right, sequence, atMs: right.atMs + 1, friends, plots: [], sets: [] };
    // And again, so that nothing of before would be left if only the last one were kept.
    for (let more = 0; more < 5; more += 1)
      await thief.leaveBook(host, of, { ...forged, sequence: sequence + more });
    // In the name of a computer that there never was, too.
    await thief.leaveBook(host, of, { ...forged, instance: '7'.repeat(32) });
  }

  const home = await newMachine(join(place.folder, 'day'));
  try {
    // What was said with words that were wrong is not remembered.
    const wrong = { words: day.words.split(' ').with(6, 'gardn').join(' '), stolenMs: 1 };
    expect(await home.fault('recovery.begin', wrong)).toBe('bad-phrase');
    await typeWords(home, day.words, day.instance);
    await home.call('recovery.call', { address: day.ben.address });
    const found = await until(async () => {
      const view = await home.call('recovery.get');
      const isThere = view.friends.length > 1 && view.friends.every(({ online }) => online);
      // Books are read one after the other, and what of them is believed is judged anew after each.
      return isThere && view.sets.length > 0 && view.doubtful.length > 0 ? view : undefined;
    });
    expect(found.friends.map(({ name }) => name).sort()).toEqual(['Ben', 'Carl']);
    expect(found.sets).toMatchObject([{ name: 'Documents', host: 'Ana' }]);
    expect(found.doubtful).toMatchObject([{ name: 'Mallory' }]);
    expect((await home.call('friends.list')).map(({ name }) => name).sort()).toEqual([
      'Ben',
      'Carl',
    ]);
    const out = join(place.folder, 'out');
    expect(await restored(home, 'Documents', out)).toEqual(day.files);
    // It goes on here, and what the forged manifests say was removed is not removed because of it.
    await home.call('sets.pause', { name: 'Documents', until: null });
    const run = await home.job(await home.call('sets.run', { name: 'Documents' }));
    expect(run).toMatchObject({ state: 'done', result: { copies: 2 } });
    expect(await restored(home, 'Documents', join(place.folder, 'again'))).toEqual(day.files);
    const trash = await home.call('sets.trash', { name: 'Documents' });
    // A prune may have been due meanwhile, and takes a few; the manifests would have had everything removed.
    for (const { objects } of trash) expect(objects).toBeLessThanOrEqual(2);
    // The person can still say that a friend is one after all.
    expect(await home.fault('recovery.believe', { friend: 'Nobody' })).toBe('friend-unknown');
    const { doubtful } = await home.call('recovery.believe', { friend: 'mallory' });
    expect(doubtful).toEqual([]);
    expect((await home.call('friends.list')).map(({ name }) => name)).toContain('Mallory');
  } finally {
    await Promise.all([home.close(), day.close()]);
  }
});

test('what is odd about the trash is refused, and nobody else reaches it', async () => {
  const laptop = await deviceOf(ana, 'Ana');
  const [object] = await fill(laptop);
  await laptop({ method: 'PUT', path: at('/protection'), json: { days: 10 } });
  await laptop({ method: 'DELETE', path: object?.path ?? '' });
  const put = (json: object) => ({ method: 'PUT', path: at('/protection'), json });
  const back = (json: object) => ({ path: at('/trash/restorations'), json });
  const odd: readonly (Raw & { readonly json?: object })[] = [
    put({ days: 366 }),
    put({ days: -1 }),
    put({ days: 1.5 }),
    put({ days: 1, more: true }),
    put({}),
    back({}),
    back({ sinceS: 1, names: [] }),
    back({ names: [{ type: 'data', name: '../../etc/passwd' }] }),
    back({ names: Array.from({ length: 1001 }, () => ({ type: 'data', name: 'a'.repeat(64) })) }),
    { path: at('/trash/data.nothing') },
    { path: at(`/trash/secrets.${'a'.repeat(64)}`) },
    { path: at('/damage'), json: { objects: [] } },
    {
      path: at('/damage'),
      json: { objects: Array.from({ length: 101 }, () => ({ type: 'config', name: '' })) },
    },
  ];
  const other = await deviceOf(nas, 'NAS');
  for (const [number, raw] of odd.entries()) {
    // More than ten of these at once are too many of one device.
    const device = number < 7 ? laptop : other;
    expect([number, (await device(raw)).code]).toEqual([number, 'bad-request']);
  }
  const elsewhere = { ...back({ sinceS: 1 }), path: '/v1/plots/nothing/trash/restorations' };
  expect((await laptop(elsewhere)).code).toBe('plot-unknown');
  const stranger = await send(ben, {}, { path: at('/trash') });
  expect(stranger.code).toBe('unknown-peer');
});

test('what came back damaged is read again by its host, who drops what is and says on which drive it lay', async () => {
  const laptop = await deviceOf(ana, 'Ana');
  const objects = await fill(laptop);
  const named = objects.slice(0, 3).map(({ path }) => ({ type: 'data', name: path.slice(-64) }));
  const [rotten, gone, fine] = named;
  const fileOf = (name: string) => join(repository, 'data', name.slice(0, 2), name);
  await writeFile(fileOf(rotten?.name ?? ''), randomBytes(2000));
  await rm(fileOf(gone?.name ?? ''));
  const answer = bodyOf(await laptop({ path: at('/damage'), json: { objects: named } }));
  expect(answer['objects']).toEqual([
    { ...rotten, state: 'damaged' },
    { ...gone, state: 'missing' },
    { ...fine, state: 'fine' },
  ]);
  const [first, second] = objects;
  for (const object of [first, second])
    expect((await laptop({ path: object?.path ?? '' })).code).toBe('object-unknown');
  // As the engine tells it: more than fit into one message, and about what is whole too.
  const keys = await keysOf(ana, 'Ana');
  const session = openPeerSession(
    { keyPem: keys.key ?? '', certificatePem: keys.cert ?? '' },
    { device: ben.core.info().device, addresses: [ben.address] },
  );
  const report = createPlotDamage({ plot: plot as PlotId, stream: session.stream });
  const all = objects.map(({ path }) => {
    const [type, name] = path.split('/').slice(-2);
    return { type: type as 'data', name: name ?? '' };
  });
  const others = Array.from({ length: 10 }, (_, index) => ({
    type: 'index' as const,
    name: `${index}`.repeat(64),
  }));
  const told = await report([...all, ...others]);
  session.close();
  expect(told.ok && told.value.objects.map(({ state }) => state)).toEqual([
    'missing',
    'missing',
    'fine',
    'fine',
    'fine',
    'fine',
    ...others.map(() => 'missing'),
  ]);
  // Sent again it is whole.
  await laptop({ path: first?.path ?? '', body: first?.bytes ?? '' });
  expect((await laptop({ path: first?.path ?? '' })).body).toEqual(first?.bytes);
  expect(await readdir(join(repository, 'data', rotten?.name.slice(0, 2) ?? ''))).toContain(
    rotten?.name,
  );
  await ben.core.chores();
  const { notices } = await ben.call('state.snapshot');
  expect(notices.find(({ kind }) => kind === 'drive-damaged')).toMatchObject({
    params: { friend: 'Ana', count: '1' },
  });
});
