import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeDiskSpace } from '../../electron/core/adapters/node-disk-space.ts';
import { toBase32 } from '../../electron/core/identity/base32.ts';
import { offer, pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';
import { keysOf, send } from '../fakes/raw-friend.ts';

/** The disk of a home: it fills up, it is unplugged, its database is lost. */
let place: Awaited<ReturnType<typeof scratch>>;
let ben: TestHome;
let ana: TestHome;
let spare: string;
let keys: Awaited<ReturnType<typeof keysOf>>;
let freeBytes: bigint | undefined;

beforeEach(async () => {
  place = await scratch();
  spare = join(place.folder, 'spare');
  await mkdir(spare);
  freeBytes = undefined;
  const space = {
    read: async (folder: string) => {
      const real = await nodeDiskSpace.read(folder);
      return freeBytes === undefined || real === undefined ? real : { ...real, freeBytes };
    },
  };
  ben = await startHome('Ben', place.folder, { ports: { space } });
  ana = await startHome('Ana', place.folder);
  await pair(ana, ben);
  await offer(ben, spare);
  keys = await keysOf(ana, 'Ana');
});
afterEach(async () => {
  await Promise.all([ben.close(), ana.close()]);
  await place.remove();
});

async function plotOf(size: string): Promise<string> {
  const granted = await ana.call('allocations.ask', { friend: 'Ben', size, durationS: 86_400 });
  return granted.type === 'granted' ? granted.plot : `not granted: ${granted.type}`;
}

function upload(plot: string, bytes: Buffer) {
  const name = createHash('sha256').update(bytes).digest('hex');
  return send(ben, keys, { path: `/v1/plots/${plot}/repository/data/${name}`, body: bytes });
}

test('a disk that is full refuses with 507, whatever was promised, and leaves nothing behind', async () => {
  const plot = await plotOf('10000000');
  freeBytes = 130_000_000n;
  await ben.core.chores();
  const refused = await upload(plot, randomBytes(1_000_000));
  expect(refused).toMatchObject({ status: 507, code: 'disk-full' });
  const folder = join(spare, 'allotment', 'plots', plot, 'incoming');
  expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
  expect(await plotOf('1000000000000')).toContain('denied');
  freeBytes = undefined;
  await ben.core.chores();
  expect((await upload(plot, randomBytes(1_000_000))).status).toBe(200);
});

test('an unplugged drive is not an empty one: 503, never 404, and back again', async () => {
  const plot = await plotOf('10000000');
  const bytes = randomBytes(1000);
  await upload(plot, bytes);
  await rename(join(spare, 'allotment'), join(place.folder, 'unplugged'));
  await ben.core.chores();
  const name = createHash('sha256').update(bytes).digest('hex');
  const path = `/v1/plots/${plot}/repository/data/${name}`;
  expect(await send(ben, keys, { path })).toMatchObject({ status: 503, code: 'volume-missing' });
  expect(await upload(plot, randomBytes(10))).toMatchObject({ status: 503 });
  expect(await plotOf('1000')).toContain('denied');
  const status = await ben.call('status.get');
  expect(status.warnings.map(({ key }) => key)).toContain('warning.volume-missing');
  await rename(join(place.folder, 'unplugged'), join(spare, 'allotment'));
  await ben.core.chores();
  expect((await send(ben, keys, { path })).body).toEqual(bytes);
});

test('an offer moves to another folder only together with what friends keep there', async () => {
  await plotOf('10000000');
  const other = join(place.folder, 'other');
  await mkdir(other);
  const wish = { folder: other, offerBytes: '20000000000', keepFreeBytes: '0' };
  expect(await ben.fault('offer.set', wish)).toBe('plots-elsewhere');
  await rename(join(spare, 'allotment'), join(other, 'allotment'));
  expect(await ben.fault('offer.set', wish)).toBe('none');
});

test('a lost database loses no data: plots are found again on the disk, and none that this device did not make', async () => {
  const plot = await plotOf('10000000');
  const bytes = randomBytes(5000);
  await upload(plot, bytes);
  const port = ben.core.info().port;
  await ben.close();
  const [copied = '', forged = ''] = [1, 2].map(() => toBase32(randomBytes(16)));
  const at = (each: string) => join(spare, 'allotment', 'plots', each);
  for (const each of [copied, forged]) await cp(at(plot), at(each), { recursive: true });
  const paper = join(at(forged), 'plot.json');
  const { signed, signature } = JSON.parse(await readFile(paper, 'utf8')) as Record<string, string>;
  const said = Buffer.from(signed ?? '', 'base64url').toString();
  expect(said).toContain(plot);
  const says = Buffer.from(said.replace(plot, forged)).toString('base64url');
  await writeFile(paper, JSON.stringify({ signed: says, signature }));
  for (const suffix of ['', '-wal', '-shm'])
    await rm(join(place.folder, 'home of Ben', `allotment.sqlite${suffix}`), { force: true });
  ben = await startHome('Ben', place.folder, { port });
  expect(await ben.call('friends.list')).toEqual([]);
  await pair(ana, ben);
  await offer(ben, spare);
  await ben.core.chores();
  const found = await until(async () => {
    const all = await ben.call('plots.hosted');
    return all.length > 0 ? all : undefined;
  });
  expect(found).toMatchObject([{ plot, writtenBytes: '5000', state: 'active' }]);
  const name = createHash('sha256').update(bytes).digest('hex');
  const read = await send(ben, keys, { path: `/v1/plots/${plot}/repository/data/${name}` });
  expect(read.body).toEqual(bytes);
});

test('a database from a day-old copy: what has come since is there as soon as anybody asks, and its owner is told', async () => {
  const plot = await plotOf('10000000');
  const first = randomBytes(1000);
  await upload(plot, first);
  const { port } = ben.core.info();
  await ben.close();
  const file = join(place.folder, 'home of Ben', 'allotment.sqlite');
  const copy = await readFile(file);

  let aheadMs = 0;
  const clock = {
    nowMs: () => Date.now() + aheadMs,
    monotonicMs: () => performance.now() + aheadMs,
  };
  ben = await startHome('Ben', place.folder, { port, ports: { clock } });
  for (let minute = 0; minute < 12; minute += 1) {
    aheadMs += 60_000;
    await ben.core.chores();
  }
  const late = randomBytes(2000);
  await upload(plot, late);
  const other = await plotOf('20000000');
  const there = randomBytes(3000);
  await upload(other, there);
  await ben.close();

  await writeFile(file, copy);
  for (const end of ['-wal', '-shm']) await rm(`${file}${end}`, { force: true });
  ben = await startHome('Ben', place.folder, { port });
  const read = (where: string, bytes: Buffer) => {
    const name = createHash('sha256').update(bytes).digest('hex');
    return send(ben, keys, { path: `/v1/plots/${where}/repository/data/${name}` });
  };
  expect((await read(plot, first)).body).toEqual(first);
  expect((await read(plot, late)).body).toEqual(late);
  expect((await read(other, there)).body).toEqual(there);
  const status = await ben.call('status.get');
  expect(status.warnings.map(({ key }) => key)).toContain('warning.books-older');
});

test('a mark of the books that the disk has damaged: its owner is told that nobody knows, and not that all is safe', async () => {
  await plotOf('10000000');
  await ben.core.chores();
  await ben.close();
  await writeFile(join(spare, 'allotment', 'books.json'), '');
  ben = await startHome('Ben', place.folder);
  const { warnings } = await ben.call('status.get');
  const keysOfWarnings = warnings.map(({ key }) => key);
  expect(keysOfWarnings).toContain('warning.books-unknown');
  expect(keysOfWarnings).not.toContain('warning.books-older');
});

test('a start does not wait for friends’ data to be compared with the disk: what is lost is known a minute later', async () => {
  const plot = await plotOf('10000000');
  const bytes = randomBytes(1000);
  await upload(plot, bytes);
  await ben.close();
  const name = createHash('sha256').update(bytes).digest('hex');
  await rm(join(spare, 'allotment', 'plots', plot, 'repository', 'data', name.slice(0, 2), name));
  ben = await startHome('Ben', place.folder);
  const lost = async () => (await ben.call('plots.hosted'))[0]?.missingObjects;
  expect(await lost()).toBe(0);
  await ben.core.chores();
  expect(await lost()).toBe(1);
});
