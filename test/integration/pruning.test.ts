import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { offer, pair, scratch, startHome, type TestHome } from '../fakes/homes.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let ana: TestHome;
let hosts: readonly TestHome[];
let files: string;

beforeEach(async () => {
  place = await scratch();
  ana = await startHome('Ana', place.folder);
  hosts = [await startHome('Ben', place.folder), await startHome('Cleo', place.folder)];
  for (const [at, host] of hosts.entries()) {
    const store = join(place.folder, `spare ${at}`);
    await mkdir(store);
    await pair(ana, host);
    await offer(host, store);
  }
  files = join(place.folder, 'files');
  await mkdir(files);
  const plan = { copies: 2 };
  await ana.call('sets.create', { name: 'all', folders: [files], to: ['Ben', 'Cleo'], plan });
});
afterEach(async () => {
  await Promise.all([ana, ...hosts].map((home) => home.close()));
  await place.remove();
});

async function written(): Promise<readonly bigint[]> {
  const plots = await Promise.all(hosts.map((host) => host.call('plots.hosted')));
  return plots.map(([plot]) => BigInt(plot?.writtenBytes ?? 0));
}

test('what is forgotten by name goes from every copy with the next prune, and what stays comes back', async () => {
  await writeFile(join(files, 'stays'), randomBytes(100_000));
  await writeFile(join(files, 'goes'), randomBytes(20_000_000));
  const run = await ana.job(await ana.call('sets.run', { name: 'all' }));
  expect(run).toMatchObject({ state: 'done', result: { copies: 2 } });
  await rm(join(files, 'goes'));
  await ana.job(await ana.call('sets.run', { name: 'all' }));
  const before = await written();
  expect(before.every((bytes) => bytes > 20_000_000n)).toBe(true);
  const [oldest] = (await ana.call('sets.snapshots', { name: 'all' })).toSorted(
    (one, other) => one.atMs - other.atMs,
  );
  const wish = { name: 'all', snapshots: [oldest?.id.slice(0, 10) ?? ''] };
  await expect(ana.call('sets.forget', { ...wish, confirm: 'al' })).rejects.toThrow('wrong-name');
  expect(await ana.call('sets.forget', { ...wish, confirm: 'all' })).toEqual({ forgotten: 1 });
  expect(await ana.call('sets.snapshots', { name: 'all' })).toHaveLength(1);
  const pruned = await ana.job(await ana.call('sets.prune', { name: 'all' }));
  expect(pruned).toMatchObject({ state: 'done', problems: [], result: { snapshots: 1 } });
  const after = await written();
  expect(after.every((bytes) => bytes < 1_000_000n)).toBe(true);
  const check = await ana.job(await ana.call('sets.check', { name: 'all', readData: true }));
  expect(check).toMatchObject({ state: 'done', result: { problems: 0 } });
  const out = join(place.folder, 'out');
  await ana.job(await ana.call('sets.restore', { name: 'all', to: out }));
  expect(await readFile(join(out, 'files', 'stays'))).toEqual(await readFile(join(files, 'stays')));
});

test('a copy that was away during a prune lets go of the same when it is back', async () => {
  await writeFile(join(files, 'goes'), randomBytes(20_000_000));
  await ana.job(await ana.call('sets.run', { name: 'all' }));
  await rm(join(files, 'goes'));
  await writeFile(join(files, 'stays'), 'stays');
  const [ben, cleo] = hosts;
  if (ben === undefined || cleo === undefined) throw new Error('two hosts are wanted');
  await cleo.close();
  // Before the run: a prune may follow it by itself, and who asks for one then is given that.
  await ana.call('sets.edit', {
    name: 'all',
    plan: {
      retention: { last: 1, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 },
    },
  });
  await ana.job(await ana.call('sets.run', { name: 'all' }));
  const pruned = await ana.job(await ana.call('sets.prune', { name: 'all' }));
  expect(pruned).toMatchObject({ state: 'done', result: { snapshots: 1 } });
  const back = await cleo.restart();
  hosts = [ben, back];
  await ana.job(await ana.call('sets.run', { name: 'all' }));
  await ana.job(await ana.call('sets.check', { name: 'all', readData: true }));
  expect((await written()).every((bytes) => bytes < 1_000_000n)).toBe(true);
});

test('what was deleted and is brought back from the trash stays, at a friend who was away meanwhile, too', async () => {
  await writeFile(join(files, 'stays'), randomBytes(100_000));
  await ana.call('sets.edit', { name: 'all', plan: { protectDays: 30 } });
  await ana.job(await ana.call('sets.run', { name: 'all' }));
  const all = async () => (await ana.call('sets.snapshots', { name: 'all' })).map(({ id }) => id);
  const snapshots = await all();
  const sinceMs = Date.now() - 60_000;
  await ana.call('sets.forget', { name: 'all', snapshots, confirm: 'all' });
  const pruned = await ana.job(await ana.call('sets.prune', { name: 'all' }));
  // Deleted, and not free yet.
  expect(pruned).toMatchObject({ state: 'done', result: { keptDays: 30 } });
  expect(await all()).toEqual([]);
  const [ben, cleo] = hosts;
  if (ben === undefined || cleo === undefined) throw new Error('two hosts are wanted');
  await cleo.close();
  expect((await ana.call('sets.untrash', { name: 'all', sinceMs })).objects).toBeGreaterThan(2);
  // Whatever compares the copies from now on must not take it away again.
  await ana.job(await ana.call('sets.check', { name: 'all' }));
  expect(await all()).toEqual(snapshots);
  hosts = [ben, await cleo.restart()];
  await ana.job(await ana.call('sets.run', { name: 'all' }));
  const check = await ana.job(await ana.call('sets.check', { name: 'all', readData: true }));
  expect(check).toMatchObject({ result: { copies: 2, problems: 0, snapshots: 2 }, problems: [] });
});
