import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { offer, pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';
import { keysOf, send } from '../fakes/raw-friend.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let ben: TestHome;
let ana: TestHome;

beforeEach(async () => {
  place = await scratch();
  ben = await startHome('Ben', place.folder);
  ana = await startHome('Ana', place.folder);
});
afterEach(async () => {
  await Promise.all([ben.close(), ana.close()]);
  await place.remove();
});

test('a folder is kept by a friend and comes back byte for byte', async () => {
  const store = join(place.folder, 'spare');
  const files = join(place.folder, 'files');
  await mkdir(store);
  await mkdir(join(files, 'deep'), { recursive: true });
  await writeFile(join(files, 'letter.txt'), 'Dear Ben');
  await writeFile(join(files, 'deep', 'big.bin'), Buffer.alloc(9_000_000, 'allot'));
  await pair(ana, ben);
  await offer(ben, store);
  await ana.call('sets.create', { name: 'letters', folders: [files], to: ['Ben'] });
  const run = await ana.job(await ana.call('sets.run', { name: 'letters' }));
  expect(run).toMatchObject({ state: 'done', problems: [], result: { files: 2, copies: 1 } });

  const out = join(place.folder, 'out');
  const back = await ana.job(await ana.call('sets.restore', { name: 'letters', to: out }));
  expect(back).toMatchObject({ state: 'done', result: { files: 2 } });
  expect(await readFile(join(out, 'files', 'letter.txt'), 'utf8')).toBe('Dear Ben');
  expect(await readFile(join(out, 'files', 'deep', 'big.bin'))).toEqual(
    Buffer.alloc(9_000_000, 'allot'),
  );

  const check = await ana.job(await ana.call('sets.check', { name: 'letters', readData: true }));
  expect(check).toMatchObject({ state: 'done', result: { problems: 0 } });
  const [mine] = await ana.call('plots.mine');
  const [hosted] = await ben.call('plots.hosted');
  expect(mine?.plot).toBe(hosted?.plot);
  expect(mine?.set).toBe('letters');
  expect(BigInt(mine?.writtenBytes ?? 0)).toBeGreaterThan(0n);
  expect(await ana.call('sets.snapshots', { name: 'letters' })).toHaveLength(1);
});

test('who asks for more than his share is told how much there is', async () => {
  const store = join(place.folder, 'spare');
  await mkdir(store);
  await pair(ana, ben);
  await offer(ben, store, 2_000_000_000n);
  const refused = await ana.call('allocations.ask', {
    friend: 'Ben',
    size: '5000000000',
    durationS: 86_400,
  });
  expect(refused.type === 'denied' && refused.reasons.map(({ code }) => code)).toEqual([
    'no-space',
    'over-share',
  ]);
  const share = refused.type === 'denied' ? refused.share : undefined;
  expect(share?.shareBytes).toBe('2000000000');
  const granted = await ana.call('allocations.ask', {
    friend: 'Ben',
    size: share?.mayAskBytes,
    durationS: 86_400,
  });
  expect(granted).toMatchObject({ type: 'granted', size: share?.mayAskBytes });
  const decisions = await ben.call('decisions.list');
  expect(decisions.map(({ outcome }) => outcome)).toEqual(['granted', 'denied']);
});

test('friends, plots and backups are there after both sides were started again', async () => {
  const store = join(place.folder, 'spare');
  const files = join(place.folder, 'files');
  await mkdir(store);
  await mkdir(files);
  await writeFile(join(files, 'a'), 'a');
  await pair(ana, ben);
  await offer(ben, store);
  await ana.call('sets.create', { name: 'all', folders: [files], to: ['Ben'] });
  await ana.job(await ana.call('sets.run', { name: 'all' }));
  ben = await ben.restart();
  ana = await ana.restart();
  const again = await ana.job(await ana.call('sets.run', { name: 'all' }));
  expect(again).toMatchObject({ state: 'done', result: { filesNew: 0, filesUnchanged: 1 } });
  expect(await ana.call('sets.snapshots', { name: 'all' })).toHaveLength(2);
});

test('a folder that is not mounted fails the run instead of looking empty', async () => {
  const store = join(place.folder, 'spare');
  const files = join(place.folder, 'files');
  await mkdir(store);
  await mkdir(files);
  await pair(ana, ben);
  await offer(ben, store);
  await ana.call('sets.create', { name: 'all', folders: [files], to: ['Ben'] });
  await rm(files, { recursive: true });
  const run = await ana.job(await ana.call('sets.run', { name: 'all' }));
  expect(run).toMatchObject({ state: 'failed', fault: { key: 'fault.folder-missing' } });
});

test('two copies: one that was away catches up, and either one restores', async () => {
  const files = join(place.folder, 'files');
  await mkdir(files);
  const cleo = await startHome('Cleo', place.folder);
  try {
    for (const host of [ben, cleo]) {
      const store = join(place.folder, `spare of ${host.address.replace(':', ' ')}`);
      await mkdir(store);
      await pair(ana, host);
      await offer(host, store);
    }
    await writeFile(join(files, 'one'), 'one');
    await ana.call('sets.create', { name: 'twice', folders: [files], to: ['Ben', 'Cleo'] });
    const first = await ana.job(await ana.call('sets.run', { name: 'twice' }));
    expect(first).toMatchObject({ state: 'done', result: { copies: 2 }, problems: [] });
    const address = cleo.core.info().port;
    await cleo.close();
    await writeFile(join(files, 'two'), 'two');
    const without = await ana.job(await ana.call('sets.run', { name: 'twice' }));
    expect(without).toMatchObject({ state: 'done', result: { copies: 1 } });
    expect(without.problems.map(({ key }) => key)).toContain('problem.copy-behind');
    const back = await startHome('Cleo', place.folder, { port: address });
    const again = await ana.job(await ana.call('sets.run', { name: 'twice' }));
    expect(again).toMatchObject({ state: 'done', result: { copies: 2 } });
    await ben.close();
    const out = join(place.folder, 'out');
    const restored = await ana.job(await ana.call('sets.restore', { name: 'twice', to: out }));
    expect(restored).toMatchObject({ state: 'done' });
    expect(await readFile(join(out, 'files', 'two'), 'utf8')).toBe('two');
    await back.close();
  } finally {
    await cleo.close();
  }
});

test('no second repository is begun while the first may be out of reach', async () => {
  const files = join(place.folder, 'files');
  await mkdir(files);
  await writeFile(join(files, 'one'), 'one');
  const cleo = await startHome('Cleo', place.folder);
  for (const host of [ben, cleo]) {
    const store = join(place.folder, `spare of ${host.address.replace(':', ' ')}`);
    await mkdir(store);
    await pair(ana, host);
    await offer(host, store);
  }
  await ana.call('sets.create', { name: 'twice', folders: [files], to: ['Ben', 'Cleo'] });
  const first = await ana.job(await ana.call('sets.run', { name: 'twice' }));
  expect(first).toMatchObject({ state: 'done', result: { copies: 2 } });
  const mine = await ana.call('plots.mine');
  const atBen = mine.find(({ friend }) => friend === 'Ben');
  // Before Ben's is gone: with Cleo there, Ben is soon given a new copy of what she keeps.
  const port = cleo.core.info().port;
  await cleo.close();
  // By her key, and not by this program of hers, to which it is a loss.
  const gone = { method: 'DELETE', path: `/v1/plots/${atBen?.plot}` };
  expect(await send(ben, await keysOf(ana, 'Ana'), gone)).toMatchObject({ status: 200 });
  const run = await ana.job(await ana.call('sets.run', { name: 'twice' }));
  expect(run).toMatchObject({ state: 'failed', fault: { key: 'fault.unreachable' } });
  // Nothing was begun at Ben's: with Cleo back it goes on where it was, and Ben's copy is one of hers.
  const back = await startHome('Cleo', place.folder, { port });
  try {
    const again = await ana.job(await ana.call('sets.run', { name: 'twice' }));
    expect(again).toMatchObject({ state: 'done', result: { copies: 2 }, problems: [] });
    expect(await ana.call('sets.snapshots', { name: 'twice' })).toHaveLength(2);
  } finally {
    await back.close();
  }
});

test('a copy that its owner gives back is not made anew, and the others go on', async () => {
  const files = join(place.folder, 'files');
  await mkdir(files);
  await writeFile(join(files, 'one'), 'one');
  const cleo = await startHome('Cleo', place.folder);
  try {
    for (const host of [ben, cleo]) {
      const store = join(place.folder, `spare of ${host.address.replace(':', ' ')}`);
      await mkdir(store);
      await pair(ana, host);
      await offer(host, store);
    }
    await ana.call('sets.create', { name: 'twice', folders: [files], to: ['Ben', 'Cleo'] });
    await ana.job(await ana.call('sets.run', { name: 'twice' }));
    const atBen = (await ana.call('plots.mine')).find(({ friend }) => friend === 'Ben');
    const port = ben.core.info().port;
    const keptBy = async () => (await ana.call('sets.list'))[0]?.to;
    // Whoever can't be told keeps it.
    await ben.close();
    expect(await ana.fault('plots.release', { plot: atBen?.plot })).toBe('unreachable');
    expect(await keptBy()).toEqual(['Ben', 'Cleo']);
    ben = await startHome('Ben', place.folder, { port });
    await until(async () => {
      const released = await ana.fault('plots.release', { plot: atBen?.plot });
      return released === 'none' ? true : undefined;
    });
    expect(await keptBy()).toEqual(['Cleo']);
    expect((await ana.call('sets.list'))[0]?.copies).toMatchObject([{ friend: 'Cleo' }]);
    const run = await ana.job(await ana.call('sets.run', { name: 'twice' }));
    expect(run).toMatchObject({ state: 'done', result: { copies: 1 } });
    await ana.core.chores();
    const asked = await ben.call('decisions.list', { kinds: ['allocate'] });
    expect(asked).toHaveLength(1);
  } finally {
    await cleo.close();
  }
});

test('a wrong code ends the pairing on both sides, and nobody became a friend', async () => {
  const mine = await ana.call('pairings.start', { address: ben.address });
  const wrong = mine.digits === '000000' ? '000001' : '000000';
  expect(await ana.fault('pairings.confirm', { code: wrong })).toBe('digits-differ');
  expect(await ana.fault('pairings.confirm', { code: mine.digits })).toBe('pairing-rejected');
  expect(await ben.fault('pairings.confirm', { code: mine.digits })).toBe('pairing-rejected');
  expect(await ana.call('friends.list')).toEqual([]);
  expect(await ben.call('friends.list')).toEqual([]);
});

test('a second process on the same home is refused', async () => {
  await expect(startHome('Ana', place.folder)).rejects.toThrow('already-running');
});
