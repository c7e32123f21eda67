import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compareTrees } from '../../electron/headless/compare-trees.ts';
import { offer, pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';

/** Looking into backups and bringing them back, between real homes. */
let place: Awaited<ReturnType<typeof scratch>>;
let ben: TestHome;
let ana: TestHome;
let files: string;

beforeEach(async () => {
  place = await scratch();
  ben = await startHome('Ben', place.folder);
  ana = await startHome('Ana', place.folder);
  await pair(ana, ben);
  const spare = join(place.folder, 'spare of Ben');
  files = join(place.folder, 'files');
  await mkdir(spare);
  await mkdir(join(files, 'letters'), { recursive: true });
  await writeFile(join(files, 'letters', 'to Ben.txt'), 'Dear Ben');
  await writeFile(join(files, 'large'), randomBytes(40_000_000));
  await offer(ben, spare);
});
afterEach(async () => {
  await Promise.all([ben.close(), ana.close()]);
  await place.remove();
});

async function backup(to: readonly string[] = ['Ben']): Promise<void> {
  if ((await ana.call('sets.list')).length === 0)
    await ana.call('sets.create', { name: 'all', folders: [files], to });
  const run = await ana.job(await ana.call('sets.run', { name: 'all' }));
  expect(run).toMatchObject({ state: 'done', problems: [] });
}

test('a backup is looked into: by folder, by name, by size', async () => {
  await backup();
  const [snapshot] = await ana.call('sets.snapshots', { name: 'all' });
  expect(snapshot).toMatchObject({ paths: [files], files: 2, bytes: '40000008' });
  const top = await ana.call('sets.browse', { name: 'all', path: '' });
  expect(top.entries.map(({ path }) => path)).toEqual([files]);
  const inside = await ana.call('sets.browse', { name: 'all', path: files });
  expect(inside.entries.map(({ name, kind }) => [name, kind])).toEqual([
    ['letters', 'folder'],
    ['large', 'file'],
  ]);
  const found = await ana.call('sets.find', { name: 'all', text: 'to ben' });
  expect(found).toMatchObject({
    found: [{ name: 'to Ben.txt', snapshot: snapshot?.id }],
    stopped: null,
  });
  const letters = join(files, 'letters');
  expect(await ana.call('sets.measure', { name: 'all', paths: [letters] })).toEqual({
    files: 1,
    bytes: '8',
  });
  expect(await ana.fault('sets.browse', { name: 'all', path: '/nowhere' })).toBe('not-in-backup');
  expect(await ana.fault('sets.browse', { name: 'all', path: join(files, 'large') })).toBe(
    'not-a-folder',
  );
  expect(await ana.fault('sets.browse', { name: 'other', path: '' })).toBe('set-unknown');
  expect(await ana.fault('sets.browse', { name: 'all', snapshot: 'ffff', path: '' })).toBe(
    'snapshot-unknown',
  );
});

test('a file where a folder is wanted is said to be one', async () => {
  await backup();
  const file = join(files, 'letters', 'to Ben.txt');
  const name = 'all';
  const faults = [
    await ana.fault('sets.restore', { name, to: file }),
    await ana.fault('sets.restore', { name, to: join(file, 'out') }),
    await ana.fault('sets.restore', { name, to: join(file, 'out.zip'), archive: true }),
    await ana.fault('sets.snapshots', { from: file }),
    await ana.fault('sets.export', { name, to: file }),
    await ana.fault('sets.edit', { name, folders: [file] }),
    await ana.fault('recovery.call', { address: file }),
  ];
  expect(faults).toEqual(faults.map(() => 'not-a-folder'));
  const [plot] = await ana.call('plots.mine');
  const from = join(files, 'large');
  expect(await ben.fault('plots.import', { plot: plot?.plot ?? '', from })).toBe('not-a-folder');
  expect(await ana.fault('recovery.call', { address: files })).toBe('no-repository');
});

test('a restore stops when it is told to, goes on when it is told to, and is over then', async () => {
  await backup();
  const out = join(place.folder, 'out');
  const begun = await ana.call('sets.restore', { name: 'all', to: out });
  const [waiting] = await ana.call('restores.list');
  expect(waiting).toMatchObject({ source: 'all', to: out, job: begun.id });
  const id = waiting?.id ?? '';
  await ana.call('restores.pause', { id });
  const stopped = await ana.job(begun);
  // It may have been quicker than we.
  if (stopped.state === 'paused') {
    expect(await ana.call('restores.list')).toMatchObject([{ id, state: 'paused' }]);
    const again = await ana.job(await ana.call('restores.resume', { id }));
    expect(again).toMatchObject({ state: 'done', result: { files: 2, filesFailed: 0 } });
  }
  expect((await compareTrees(files, join(out, 'files'))).differences).toEqual([]);
  expect(await ana.call('restores.list')).toEqual([]);
  expect(await ana.fault('restores.resume', { id })).toBe('restore-unknown');
});

test('a restore that the end of the program cut off goes on after the next start', async () => {
  await backup();
  const out = join(place.folder, 'out');
  // The friend is away: the restore can't end before the program does.
  await ben.close();
  expect(await ana.fault('sets.restore', { name: 'all', to: out })).toBe('unreachable');
  ben = await startHome('Ben', place.folder, { port: Number(ben.address.split(':')[1]) });
  const job = await ana.call('sets.restore', { name: 'all', to: out });
  expect(job.state).toBe('running');
  ana = await ana.restart();
  await until(async () => ((await ana.call('restores.list')).length === 0 ? true : undefined));
  expect((await compareTrees(files, join(out, 'files'))).differences).toEqual([]);
});

test('given up, a restore leaves what it has brought back and nothing half', async () => {
  await backup();
  const out = join(place.folder, 'out');
  await ana.call('sets.restore', { name: 'all', to: out });
  const [restore] = await ana.call('restores.list');
  await ana.call('restores.drop', { id: restore?.id ?? '' });
  expect(await ana.call('restores.list')).toEqual([]);
  const left: readonly string[] = await readdir(out, { recursive: true }).catch(() => []);
  expect(left.filter((name) => name.endsWith('.part'))).toEqual([]);
  if (left.includes('files/large'))
    expect((await stat(join(out, 'files', 'large'))).size).toBe(40_000_000);
  expect(await ana.fault('restores.drop', { id: restore?.id ?? '' })).toBe('restore-unknown');
});

test('a drill fetches a file and finds it the same; one that was changed secretly is loud', async () => {
  await backup();
  const drilled = await ana.job(await ana.call('sets.drill', { name: 'all' }));
  expect(drilled).toMatchObject({ state: 'done', result: { same: 1 } });
  expect((await ana.call('sets.list'))[0]?.drilledMs).not.toBeNull();
  // Other bytes, with the same size and time: the disk has gone bad, or somebody hides something.
  await rm(join(files, 'large'));
  const time = new Date('2026-01-01T00:00:00Z');
  await utimes(join(files, 'letters', 'to Ben.txt'), time, time);
  await backup();
  await writeFile(join(files, 'letters', 'to Ben.txt'), 'Dear Bob');
  await utimes(join(files, 'letters', 'to Ben.txt'), time, time);
  const differs = await ana.job(await ana.call('sets.drill', { name: 'all' }));
  expect(differs).toMatchObject({ state: 'failed', fault: { key: 'fault.drill-differs' } });
});

describe('with two friends', () => {
  let cleo: TestHome;

  beforeEach(async () => {
    cleo = await startHome('Cleo', place.folder);
    const spare = join(place.folder, 'spare of Cleo');
    await mkdir(spare);
    await pair(ana, cleo);
    await offer(cleo, spare);
  });
  afterEach(() => cleo.close());

  test('one who is away, and one who comes back, make no difference', async () => {
    await backup(['Ben', 'Cleo']);
    await ben.close();
    const out = join(place.folder, 'out');
    const back = await ana.job(await ana.call('sets.restore', { name: 'all', to: out }));
    expect(back).toMatchObject({ state: 'done', result: { files: 2, filesFailed: 0 } });
    expect((await compareTrees(files, join(out, 'files'))).differences).toEqual([]);
  });
});

test('a folder that holds the repository is as good as a friend', async () => {
  await backup();
  const disk = join(place.folder, 'disk');
  await mkdir(disk);
  const sent = await ana.job(await ana.call('sets.export', { name: 'all', to: disk }));
  expect(sent.state).toBe('done');
  await ben.close();
  const from = join(disk);
  const [snapshot] = await ana.call('sets.snapshots', { from });
  expect(snapshot).toMatchObject({ paths: [files] });
  const page = await ana.call('sets.browse', { from, path: files });
  expect(page.entries).toHaveLength(2);
  const out = join(place.folder, 'out');
  const letter = join(files, 'letters', 'to Ben.txt');
  const back = await ana.job(await ana.call('sets.restore', { from, to: out, paths: [letter] }));
  expect(back).toMatchObject({ state: 'done', result: { files: 1 } });
  expect(await readFile(join(out, 'to Ben.txt'), 'utf8')).toBe('Dear Ben');
  expect(await ana.fault('sets.snapshots', { from: files })).toBe('no-repository');
  expect(await ana.fault('sets.snapshots', { from: join(disk, 'nowhere') })).toBe('folder-missing');
  const file = join(place.folder, 'letters.zip');
  const packed = await ana.job(
    await ana.call('sets.restore', { from, to: file, paths: [letter], archive: true }),
  );
  expect(packed).toMatchObject({ state: 'done', result: { files: 1 } });
  expect(await ana.fault('sets.restore', { from, to: file, archive: true })).toBe('file-exists');
  expect(await ana.fault('sets.restore', { from, to: files })).toBe('folder-not-empty');
});
