import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Sentence } from '../../../shared/contract/views.ts';
import type { PlotId } from '../../../shared/ids.ts';
import type { ObjectType } from '../../../shared/model/plot.ts';
import { scratch } from '../../fakes/homes.ts';
import { openPlotHost, type PlotHost } from '../../fakes/plot-host.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let host: PlotHost;
let plot: PlotId;
let disk: string;
const problems: Sentence[] = [];

beforeEach(async () => {
  place = await scratch();
  host = await openPlotHost(place.folder);
  plot = host.grant();
  disk = join(place.folder, 'stick');
  mkdirSync(disk);
  problems.length = 0;
});
afterEach(async () => {
  host.sql.close();
  await place.remove();
});

const nameOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const row = (of = plot) => {
  const found = host.ledger.plot({ plot: of, moment: host.moment() });
  if (found === undefined) throw new Error('no plot');
  return found;
};

async function put(type: ObjectType, bytes: Buffer, into = plot): Promise<void> {
  const stored = await host.hosting.plots.put({
    owner: host.owner,
    key: { plot: into, type, name: type === 'config' ? '' : nameOf(bytes) },
    sizeBytes: BigInt(bytes.length),
    body: () => Readable.from([bytes]),
  });
  expect(stored.ok).toBe(true);
}

/** Something of every type, as a guest would have sent it. */
async function fill(into = plot): Promise<readonly Buffer[]> {
  await put('config', Buffer.from('the config'), into);
  const all = Array.from({ length: 20 }, (_, index) => randomBytes(100 + index));
  for (const bytes of all) await put('data', bytes, into);
  for (const type of ['index', 'snapshots', 'keys', 'locks'] as const)
    await put(type, Buffer.from(`one of ${type}`), into);
  const paper = Buffer.from('sealed');
  await host.hosting.plots.papers.write({
    owner: host.owner,
    plot: into,
    name: 'manifest',
    sizeBytes: 6n,
    body: () => Readable.from([paper]),
  });
  return all;
}

async function carry(
  which: 'takeOut' | 'bringIn',
  of = plot,
  signal = new AbortController().signal,
) {
  const told = await host.hosting.carry[which](
    { row: row(of), friend: 'Ana', folder: disk },
    { signal, progress: () => undefined, problem: (sentence) => problems.push(sentence) },
  );
  return told.ok ? told.value : told.fault.code;
}

const fileOf = (bytes: Buffer) => join(disk, 'data', nameOf(bytes).slice(0, 2), nameOf(bytes));

test('a plot goes out onto a disk and from there into another plot, whole', async () => {
  const all = await fill();
  expect(await carry('takeOut')).toEqual({ objects: 23, bytes: '2229', present: 0, damaged: 0 });
  for (const bytes of all) expect(readFileSync(fileOf(bytes))).toEqual(bytes);
  expect(readdirSync(disk).sort()).toEqual([
    'allotment-export',
    'allotment-manifest',
    'config',
    'data',
    'index',
    'keys',
    'snapshots',
  ]);
  const other = host.grant();
  expect(await carry('bringIn', other)).toMatchObject({ objects: 23, damaged: 0 });
  const locks = BigInt('one of locks'.length);
  expect(row(other)).toMatchObject({ writtenBytes: row().writtenBytes - locks, reservedBytes: 0n });
  await host.hosting.chores();
  await host.hosting.chores();
  expect(row(other).missingObjects).toBe(0);
  expect(await carry('bringIn', other)).toMatchObject({ objects: 0, present: 23 });
});

test('what was cut off goes on, and what was deleted since goes from the disk too', async () => {
  const all = await fill();
  const abort = new AbortController();
  abort.abort();
  expect(await carry('takeOut', plot, abort.signal)).toBe('cancelled');
  expect(existsSync(join(disk, 'config'))).toBe(false);
  expect(await carry('takeOut')).toMatchObject({ objects: 23 });
  rmSync(fileOf(all[0] ?? Buffer.alloc(0)));
  await host.hosting.plots.remove({
    owner: host.owner,
    key: { plot, type: 'snapshots', name: nameOf(Buffer.from('one of snapshots')) },
  });
  expect(await carry('takeOut')).toMatchObject({ objects: 1, present: 21 });
  expect(readdirSync(join(disk, 'snapshots'))).toEqual([]);
});

test('what the host’s own disk has lost is told and left out', async () => {
  const all = await fill();
  const lost = all[3] ?? Buffer.alloc(0);
  const path = join('data', nameOf(lost).slice(0, 2), nameOf(lost));
  writeFileSync(join(host.folder, plot, 'repository', path), Buffer.alloc(lost.length));
  expect(await carry('takeOut')).toMatchObject({ objects: 22, damaged: 1 });
  expect(problems).toEqual([
    { key: 'problem.object-damaged', params: { path, detail: 'hash-mismatch' } },
  ]);
  expect(existsSync(fileOf(lost))).toBe(false);
});

test('another plot, or another repository, is never written over', async () => {
  await fill();
  await carry('takeOut');
  const other = host.grant();
  await put('config', Buffer.from('another config'), other);
  expect(await carry('takeOut', other)).toBe('folder-not-empty');
  expect(await carry('bringIn', other)).toBe('other-repository');
  rmSync(join(disk, 'config'));
  expect(await carry('takeOut', other)).toBe('folder-not-empty');
  expect(await carry('bringIn', other)).toBe('no-repository');
  // One that restic has made says of no plot.
  rmSync(join(disk, 'allotment-export'));
  writeFileSync(join(disk, 'config'), 'the config');
  expect(await carry('takeOut', other)).toBe('folder-not-empty');
  expect(readFileSync(join(disk, 'config'), 'utf8')).toBe('the config');
});

test('nothing goes in that is not what its name says, nor beyond what was granted', async () => {
  const all = await fill();
  await carry('takeOut');
  const [swapped, linked, fine] = all.map(fileOf);
  writeFileSync(swapped ?? '', 'something else');
  rmSync(linked ?? '');
  symlinkSync('/etc/hostname', linked ?? '');
  writeFileSync(join(disk, 'data', 'evil'), 'x');
  mkdirSync(join(disk, 'data', 'zz'), { recursive: true });
  writeFileSync(join(disk, 'data', 'zz', 'b'.repeat(64)), 'x');
  rmSync(join(disk, 'index'), { recursive: true });
  symlinkSync(join(host.folder, plot, 'repository', 'index'), join(disk, 'index'));
  expect(fine).toBeDefined();
  const other = host.grant();
  expect(await carry('bringIn', other)).toMatchObject({ objects: 20, damaged: 1 });
  expect(problems.map(({ params }) => params['detail'])).toEqual(['hash-mismatch']);
  const small = host.grant(500n);
  expect(await carry('bringIn', small)).toBe('granted-too-little');
  expect(row(small).writtenBytes).toBeLessThanOrEqual(row(small).promisedBytes);
  expect(row(small)).toMatchObject({ reservedBytes: 0n });
});

test('a manifest that is there already is newer than one that was carried', async () => {
  await fill();
  await carry('takeOut');
  writeFileSync(join(disk, 'allotment-manifest'), 'older');
  expect(await carry('bringIn')).toMatchObject({ objects: 0 });
  const paper = join(host.folder, plot, 'repository', 'allotment-manifest');
  expect(readFileSync(paper, 'utf8')).toBe('sealed');
});
