import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UNTIL_TOLD_MS } from '../../shared/model/until-told.ts';
import { createAir } from '../fakes/air.ts';
import {
  callItHome,
  nearTo,
  offer,
  pair,
  scratch,
  startHome,
  startNear,
  type TestHome,
  until,
} from '../fakes/homes.ts';
import { startImpostor } from '../fakes/impostor.ts';
import { loseTheLaptop, newMachine, restored, typeWords, whenFound } from '../fakes/worst-day.ts';

let place: Awaited<ReturnType<typeof scratch>>;
const open: { close: () => Promise<void> }[] = [];

beforeEach(async () => {
  place = await scratch();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
  await place.remove();
});

async function lost(options?: Parameters<typeof loseTheLaptop>[1]) {
  const day = await loseTheLaptop(place.folder, options);
  open.push(day);
  return day;
}

async function fresh(options?: Parameters<typeof newMachine>[1]): Promise<TestHome> {
  const home = await newMachine(place.folder, options);
  open.push(home);
  return home;
}

describe('a new machine with the 24 words', () => {
  test('finds one friend by a typed address, all others by his address book, and brings everything back', async () => {
    const { ben, words, instance, device, files, laptop } = await lost();
    const home = await fresh();
    expect(await home.call('recovery.get')).toMatchObject({ state: 'none', possible: true });
    await typeWords(home, words.toUpperCase().replaceAll(' ', '\n'), instance);
    expect(await home.call('recovery.get')).toMatchObject({ state: 'searching', friends: [] });
    const pin = ben.core.info().device;
    await home.call('recovery.call', { address: ben.address, device: pin });
    const view = await whenFound(home);
    expect(view).toMatchObject({
      possible: false,
      sets: [{ name: 'Documents', host: 'Ana', folders: [join(place.folder, 'Documents')] }],
      fault: null,
    });
    expect(view.friends.map(({ name }) => name).sort()).toEqual(['Ben', 'Carl']);
    expect(await restored(home, 'Documents', join(place.folder, 'out'))).toEqual(files);
    // Both keep a copy, and the set waits for a person's word before it runs here.
    const [set] = await home.call('sets.list');
    expect(set).toMatchObject({ name: 'Documents', pausedUntilMs: UNTIL_TOLD_MS });
    expect([...(set?.to ?? [])].sort()).toEqual(['Ben', 'Carl']);
    // Nobody has looked at the copies from here; that they are empty would be untrue.
    expect(set?.copies.map(({ state }) => state)).toEqual(['unknown', 'unknown']);
    // The machine that is gone is struck off.
    const [ana] = await ben.call('friends.list');
    expect(ana?.devices.filter(({ revoked }) => revoked)).toMatchObject([{ device }]);
    const thief = await laptop();
    await until(async () =>
      (await thief.fault('friends.try', { friend: 'Ben' })) === 'refused' ? true : undefined,
    );
    // And goes on here, when it is told to.
    await home.call('sets.pause', { name: 'Documents', until: null });
    const run = await home.job(await home.call('sets.run', { name: 'Documents' }));
    expect(run).toMatchObject({ state: 'done', result: { copies: 2 } });
  });

  test('finds friends on the same network by itself', async () => {
    const air = createAir();
    const { words, files } = await lost({
      start: (name, folder, options) => startNear(air, name, folder, options),
    });
    const home = await fresh({ ports: nearTo(air) });
    await callItHome(home);
    await typeWords(home, words);
    const view = await whenFound(home);
    // Nobody said that the other machine is gone: its sets are its own, and can be read.
    expect(view.sets).toMatchObject([{ name: 'Ana/Documents', host: 'Ana' }]);
    expect(await home.call('sets.list')).toEqual([]);
    expect(await restored(home, 'Ana/Documents', join(place.folder, 'out'))).toEqual(files);
    // Until somebody says so.
    await home.call('recovery.take-over', { name: 'Ana/Documents' });
    expect(await home.call('sets.list')).toMatchObject([{ name: 'Documents' }]);
    expect((await home.call('recovery.get')).sets).toEqual([]);
    expect(await restored(home, 'Documents', join(place.folder, 'again'))).toEqual(files);
  });
});

/** Where a friend keeps the address book. */
async function bookAt(name: string): Promise<string> {
  const disk = join(place.folder, `disk of ${name}`);
  const files = await readdir(disk, { recursive: true });
  const file = files.find((each) => each.endsWith('allotment-address-book'));
  if (file === undefined) throw new Error(`no address book at ${name}'s`);
  return join(disk, file);
}

const faultOf = async (home: TestHome) => (await home.call('recovery.get')).fault;

describe('coming back with 24 words', () => {
  test('names the word that is wrong, and begins only where nothing was done yet', async () => {
    const { words, ben } = await lost({ keepers: ['Ben'] });
    const home = await fresh();
    const wrong = words.split(' ').with(6, 'gardn').join(' ');
    const typed = await home.core.api['recovery.begin']({ words: wrong });
    expect(typed).toMatchObject({
      fault: { code: 'bad-phrase', params: { problem: 'word', position: '7' } },
    });
    expect(await home.fault('recovery.begin', { words, replaces: 'the laptop' })).toBe(
      'bad-arguments',
    );
    expect(await home.call('recovery.get')).toMatchObject({ state: 'none', possible: true });
    // With friends it is somebody's already.
    expect(await ben.call('recovery.get')).toMatchObject({ state: 'none', possible: false });
    expect(await ben.fault('recovery.begin', { words })).toBe('not-fresh');
  });

  test('as somebody else: nobody knows those words, which is said, and the right ones can still be typed', async () => {
    const air = createAir();
    const near: typeof startHome = (name, folder, options) => startNear(air, name, folder, options);
    const { ben, words } = await lost({ start: near });
    const stranger = await startHome('Stranger', place.folder);
    open.push(stranger);
    const others = ((await stranger.call('phrase.show')).words ?? []).join(' ');
    const home = await fresh({ ports: nearTo(air) });
    await callItHome(home);
    await typeWords(home, others);
    expect(
      await until(async () => ((await faultOf(home)) === null ? undefined : faultOf(home))),
    ).toMatchObject({ key: 'recovery.nobody-knows' });
    await home.call('recovery.call', { address: ben.address });
    expect(await faultOf(home)).toEqual({
      key: 'recovery.unknown-there',
      params: { address: ben.address },
    });
    expect((await ben.call('friends.list')).map(({ devices }) => devices.length)).toEqual([1]);
    await typeWords(home, words);
    expect(await whenFound(home)).toMatchObject({ fault: null });
  });

  test('an impostor at the address learns a public key, and changes nothing', async () => {
    const { ben, carl, words } = await lost();
    const impostor = await startImpostor([
      Buffer.from('allotment-address-book 1\n'.padEnd(3000, 'x')),
      new Uint8Array(0),
      Buffer.alloc(200_000, 7),
    ]);
    open.push(impostor);
    const home = await fresh();
    await typeWords(home, words);
    const { address } = impostor;
    // Who has the key on paper does not even speak to him.
    const pin = ben.core.info().device;
    expect(await home.fault('recovery.call', { address, device: pin })).toBe('wrong-key');
    expect(impostor.heard).toEqual([]);
    const view = await home.call('recovery.call', { address });
    expect(view).toMatchObject({ state: 'searching', friends: [], sets: [] });
    expect(view.fault).toMatchObject({ key: 'recovery.book-damaged' });
    expect(await home.call('friends.list')).toEqual([]);
    const said = impostor.heard.map(({ body }) => body).join('');
    for (const secret of ['New laptop', 'Documents', 'Carl', ben.address])
      expect(said).not.toContain(secret);
    expect(impostor.heard.map(({ call }) => call.split('/').at(-1))).toEqual([
      'hello',
      'devices',
      'plots',
      'address-book',
      'versions',
      'address-book',
      'versions',
      'address-book',
      'versions',
    ]);
    // What he was given to keep, or took from somebody, is genuine; he is a friend all the less.
    const thief = await startImpostor([await readFile(await bookAt('Ben'))]);
    open.push(thief);
    await home.call('recovery.call', { address: thief.address });
    const friends = await home.call('friends.list');
    expect(friends.map(({ name }) => name).sort()).toEqual(['Ben', 'Carl']);
    const keys = friends.flatMap(({ devices }) => devices.map(({ device }) => device)).sort();
    expect(keys).toEqual([ben.core.info().device, carl.core.info().device].sort());
  });

  test('a damaged address book is no fault of the words: another friend’s will do', async () => {
    const { ben, carl, words, instance, files } = await lost();
    const file = await bookAt('Ben');
    const content = await readFile(file);
    content[500] = (content[500] ?? 0) ^ 1;
    await writeFile(file, content);
    const home = await fresh();
    await typeWords(home, words, instance);
    const view = await home.call('recovery.call', { address: ben.address });
    expect(view).toMatchObject({
      state: 'searching',
      fault: { key: 'recovery.book-damaged', params: { friend: 'Ben' } },
    });
    await home.call('recovery.call', { address: carl.address });
    const found = await whenFound(home);
    expect(found).toMatchObject({ fault: null, sets: [{ name: 'Documents' }] });
    expect(found.friends.map(({ name }) => name).sort()).toEqual(['Ben', 'Carl']);
    expect(await restored(home, 'Documents', join(place.folder, 'out'))).toEqual(files);
    // And Ben's is made anew from here.
    await until(async () => {
      await home.core.chores();
      return (await readFile(file)).equals(content) ? undefined : true;
    });
  });

  test('where no address book can be read at all, a friend is added by hand, and what he keeps can be looked into', async () => {
    const { ben, words, files } = await lost({ keepers: ['Ben'] });
    await writeFile(await bookAt('Ben'), 'not an address book');
    const home = await fresh();
    await typeWords(home, words);
    const view = await home.call('recovery.call', { address: ben.address });
    expect(view).toMatchObject({ state: 'searching', fault: { key: 'recovery.book-damaged' } });
    await pair(home, ben);
    const found = await whenFound(home);
    expect(found.sets).toMatchObject([
      { name: expect.stringMatching(/^Ben\/[a-z2-7]{6}$/), host: 'Ben', folders: [] },
    ]);
    const [stray] = found.sets;
    if (stray === undefined) throw new Error('nothing was found');
    expect(await restored(home, stray.name, join(place.folder, 'out'))).toEqual(files);
    // Which folders it was made from nobody knows, so it can't go on.
    expect(await home.fault('recovery.take-over', { name: stray.name })).toBe('set-unknown');
  });

  test('an older address book gives way to the newer one, wherever it comes from and whatever comes first', async () => {
    const dora = await startHome('Dora', place.folder);
    open.push(dora);
    const { ben, carl, words } = await lost({
      before: async (laptop) => {
        const old = await readFile(await bookAt('Ben'));
        await pair(laptop, dora);
        await laptop.core.chores();
        // Ben has kept what he was given before.
        await writeFile(await bookAt('Ben'), old);
      },
    });
    const home = await fresh();
    await typeWords(home, words);
    await home.call('recovery.call', { address: ben.address });
    await whenFound(home);
    const names = async () => (await home.call('friends.list')).map(({ name }) => name).sort();
    const all = await until(async () => ((await names()).includes('Dora') ? names() : undefined));
    expect(all).toEqual(['Ben', 'Carl', 'Dora']);
    // Heard again, the older one changes nothing.
    await home.call('friends.leave', { friend: 'Dora', days: 0, name: 'Dora' });
    for (const friend of [ben, carl]) await home.call('recovery.call', { address: friend.address });
    expect((await home.call('friends.list')).find(({ name }) => name === 'Dora')).toMatchObject({
      departed: true,
    });
  });
});

test('a machine that was found to be lost later is struck off with the words, by its name', async () => {
  const { ben, carl, words, device, files } = await lost();
  const home = await fresh();
  await typeWords(home, words);
  await home.call('recovery.call', { address: ben.address });
  await whenFound(home);
  const stranger = await startHome('Stranger', place.folder);
  open.push(stranger);
  const others = ((await stranger.call('phrase.show')).words ?? []).join(' ');
  const begin = (args: unknown) => home.fault('recovery.begin', args);
  expect(await begin({ words })).toBe('not-fresh');
  expect(await begin({ words, replaces: 'Nobody' })).toBe('bad-arguments');
  expect(await begin({ words: others, replaces: 'Ana' })).toBe('bad-phrase');
  const { device: same } = await home.call('status.get');
  const seen: string[] = [];
  home.core.events.subscribe(
    () => undefined,
    () => seen.push('lost'),
  );
  await home.call('recovery.begin', { words, replaces: 'ana' });
  await until(() => (seen.length > 0 ? true : undefined));
  await until(async () => ((await home.fault('status.get')) === 'none' ? true : undefined));
  // It stays the device that it was.
  expect((await home.call('status.get')).device).toBe(same);
  expect(await home.call('sets.list')).toMatchObject([
    { name: 'Documents', pausedUntilMs: UNTIL_TOLD_MS },
  ]);
  for (const friend of [ben, carl])
    await until(async () => {
      const [ana] = await friend.call('friends.list');
      const revoked = ana?.devices.filter((each) => each.revoked) ?? [];
      return revoked.length === 1 && revoked[0]?.device === device ? true : undefined;
    });
  expect(await restored(home, 'Documents', join(place.folder, 'out'))).toEqual(files);
});

test('two machines of one owner learn each other’s friends and can read each other’s sets', async () => {
  const { words, ben, files, laptop } = await lost({ keepers: ['Ben'] });
  const ana = await laptop();
  const dora = await startHome('Dora', place.folder);
  const nas = await startHome('NAS', place.folder, { phrase: words });
  open.push(dora, nas);
  await nas.call('recovery.call', { address: ben.address });
  expect(await whenFound(nas)).toMatchObject({ sets: [{ name: 'Ana/Documents' }] });
  await pair(nas, dora);
  await offer(ben, join(place.folder, 'disk of Ben'));
  // The same name on both: two sets, two repositories.
  const folders = [join(place.folder, 'Documents')];
  await nas.call('sets.create', { name: 'Documents', folders, to: ['Ben'] });
  expect(await nas.job(await nas.call('sets.run', { name: 'Documents' }))).toMatchObject({
    state: 'done',
  });
  await nas.core.chores();
  const again = await ana.restart();
  open.push(again);
  await until(async () => {
    const names = (await again.call('friends.list')).map(({ name }) => name);
    return names.includes('Dora') ? true : undefined;
  });
  const view = await again.call('recovery.get');
  expect(view).toMatchObject({ state: 'none', sets: [{ name: 'NAS/Documents', host: 'NAS' }] });
  expect(await restored(again, 'NAS/Documents', join(place.folder, 'out'))).toEqual(files);
  expect(await again.call('sets.list')).toMatchObject([{ name: 'Documents' }]);
  // It is the other machine's: nothing writes to it from here.
  expect(await again.fault('sets.run', { name: 'NAS/Documents' })).toBe('bad-arguments');
  expect((await again.call('plots.mine')).map(({ set }) => set)).toEqual(['Documents']);
});

test('the recovery sheet leads with whoever keeps something', async () => {
  const { ben } = await lost({
    keepers: ['Carl'],
    before: async (laptop) => {
      const sheet = await laptop.call('recovery.sheet');
      expect(sheet).toMatchObject({
        name: 'Ana',
        instance: expect.stringMatching(/^[0-9a-f]{32}$/),
        sets: [{ name: 'Documents', folders: [join(place.folder, 'Documents')] }],
        friends: [
          { name: 'Carl', keepsSets: ['Documents'] },
          { name: 'Ben', keepsSets: [] },
        ],
      });
      const [carls] = sheet.friends;
      expect(carls?.addresses.length).toBeGreaterThan(0);
    },
  });
  expect(ben.core.info().device).toHaveLength(52);
});
