import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { offer, pair, scratch, startHome, type TestHome } from '../fakes/homes.ts';

/** What Ana’s set has at Ben’s and Cleo’s, and gives back there. */
let place: Awaited<ReturnType<typeof scratch>>;
let ana: TestHome;
let ben: TestHome;
let cleo: TestHome;

beforeEach(async () => {
  place = await scratch();
  [ana, ben, cleo] = await Promise.all([
    startHome('Ana', place.folder),
    startHome('Ben', place.folder),
    startHome('Cleo', place.folder),
  ]);
  for (const [name, host] of [
    ['Ben', ben],
    ['Cleo', cleo],
  ] as const) {
    const store = join(place.folder, `spare of ${name}`);
    await mkdir(store);
    await pair(ana, host);
    await offer(host, store);
  }
  const files = join(place.folder, 'files');
  await mkdir(files);
  await writeFile(join(files, 'letter'), 'Dear Ben');
  await ana.call('sets.create', { name: 'all', folders: [files], to: ['Ben', 'Cleo'] });
  const run = await ana.job(await ana.call('sets.run', { name: 'all' }));
  expect(run).toMatchObject({ state: 'done', result: { copies: 2 } });
});
afterEach(async () => {
  await Promise.all([ana, ben, cleo].map((home) => home.close()));
  await place.remove();
});

const keptBy = async () => (await ana.call('sets.list'))[0]?.to;
async function giveBack(friend: string): Promise<string> {
  const mine = await ana.call('plots.mine');
  const plot = mine.find((each) => each.friend === friend)?.plot;
  return ana.fault('plots.release', { plot });
}

test('what can’t be told to one friend changes nothing of what another is told meanwhile', async () => {
  await ben.close();
  const said = await Promise.all(['Ben', 'Cleo'].map(giveBack));
  expect(said).toEqual(['unreachable', 'none']);
  expect(await keptBy()).toEqual(['Ben']);
});

test('two copies that are given back at once are both kept no more', async () => {
  expect(await Promise.all(['Ben', 'Cleo'].map(giveBack))).toEqual(['none', 'none']);
  expect(await keptBy()).toEqual([]);
});

test('what is protected can be kept after all, and is kept up to date again', async () => {
  const sinceMs = Date.now() - 60_000;
  await ana.call('sets.edit', { name: 'all', plan: { protectDays: 30 } });
  await ana.job(await ana.call('sets.run', { name: 'all' }));
  expect(await giveBack('Ben')).toBe('none');
  expect(await keptBy()).toEqual(['Cleo']);
  await ana.call('sets.untrash', { name: 'all', sinceMs });
  expect((await keptBy())?.toSorted()).toEqual(['Ben', 'Cleo']);
  const run = await ana.job(await ana.call('sets.run', { name: 'all' }));
  expect(run).toMatchObject({ state: 'done', result: { copies: 2 } });
  expect((await ana.call('plots.mine')).map(({ leavesMs }) => leavesMs)).toEqual([
    undefined,
    undefined,
  ]);
});
