import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UNTIL_TOLD_MS } from '../../shared/model/until-told.ts';
import { createAir } from '../fakes/air.ts';
import { callItHome, nearTo, scratch, startNear, type TestHome, until } from '../fakes/homes.ts';
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
