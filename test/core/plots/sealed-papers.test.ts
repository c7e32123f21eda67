import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PlotId } from '../../../shared/ids.ts';
import { PAPER_BYTES_MAX, type PaperName } from '../../../shared/model/plot.ts';
import { DAY_S, MIB } from '../../../shared/units.ts';
import { tidyIncoming } from '../../../electron/core/plots/object-file.ts';
import { scratch, until } from '../../fakes/homes.ts';
import { LEASE_DAYS, openPlotHost, type PlotHost } from '../../fakes/plot-host.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let host: PlotHost;
let plot: PlotId;

beforeEach(async () => {
  place = await scratch();
  host = await openPlotHost(place.folder);
  plot = host.grant();
});
afterEach(async () => {
  host.sql.close();
  await place.remove();
});

const fileOf = (name: PaperName) => join(host.folder, plot, 'repository', `allotment-${name}`);
const row = () => host.ledger.plot({ plot, moment: host.moment() });

function write(content: Buffer, name: PaperName = 'manifest') {
  return host.hosting.plots.papers.write({
    owner: host.owner,
    plot,
    name,
    sizeBytes: BigInt(content.length),
    body: () => Readable.from([content]),
  });
}

async function read(name: PaperName = 'manifest'): Promise<Buffer | string> {
  const found = await host.hosting.plots.papers.read({ owner: host.owner, plot, name });
  return found.ok ? Buffer.concat(await found.value.body.toArray()) : found.fault.code;
}

test('a paper is replaced as a whole, and what it takes is charged once', async () => {
  expect(await read()).toBe('object-unknown');
  expect(await write(Buffer.alloc(1000, 'a'))).toEqual({ ok: true, value: undefined });
  expect(await write(Buffer.alloc(300, 'b'))).toMatchObject({ ok: true });
  await write(Buffer.from('book'), 'address-book');
  expect(await read()).toEqual(Buffer.alloc(300, 'b'));
  expect(row()).toMatchObject({ writtenBytes: 304n, reservedBytes: 0n });
  expect(readdirSync(join(host.folder, plot, 'incoming'))).toEqual([]);
  await host.hosting.chores();
  expect(row()).toMatchObject({ writtenBytes: 304n });
});

test('one that is broken off leaves the old one', async () => {
  await write(Buffer.from('the old one'));
  const broken = await host.hosting.plots.papers.write({
    owner: host.owner,
    plot,
    name: 'manifest',
    sizeBytes: 100n,
    body: () => Readable.from([Buffer.from('too short')]),
  });
  expect(broken).toEqual({ ok: false, fault: { code: 'too-short' } });
  expect((await read()).toString()).toBe('the old one');
  expect(row()).toMatchObject({ writtenBytes: 11n, reservedBytes: 0n });
});

test('a full plot still takes them in its working room, and no more than that', async () => {
  plot = host.grant(1n);
  expect(await write(Buffer.alloc(PAPER_BYTES_MAX))).toMatchObject({ ok: true });
  host.ledger.correct({
    plot,
    type: 'index',
    name: 'a'.repeat(64),
    sizeBytes: 59n * MIB,
    moment: host.moment(),
  });
  expect(await write(Buffer.alloc(1000))).toMatchObject({ ok: true });
  expect(await write(Buffer.alloc(PAPER_BYTES_MAX), 'address-book')).toMatchObject({ ok: true });
  const full = await write(Buffer.alloc(PAPER_BYTES_MAX), 'address-book');
  expect(full).toMatchObject({ ok: false, fault: { code: 'plot-full' } });
});

test('only their owner reaches them, none is longer than it may be, and none is written after the lease', async () => {
  await write(Buffer.from('sealed'));
  const { papers } = host.hosting.plots;
  const stranger = { owner: 'x'.repeat(52) as typeof host.owner, plot, name: 'manifest' } as const;
  expect(await papers.read(stranger)).toMatchObject({ fault: { code: 'plot-unknown' } });
  const body = () => Readable.from([]);
  expect(await papers.write({ ...stranger, sizeBytes: 0n, body })).toMatchObject({
    fault: { code: 'plot-unknown' },
  });
  expect(await write(Buffer.alloc(PAPER_BYTES_MAX + 1))).toMatchObject({
    fault: { code: 'too-long' },
  });
  await host.pass(LEASE_DAYS + 2);
  expect(row()?.state).toBe('grace');
  expect(await write(Buffer.from('later'))).toMatchObject({ fault: { code: 'in-grace' } });
  expect((await read()).toString()).toBe('sealed');
});

test.each(['before', 'after'])(
  'a crash %s the new one is in its place leaves sums as the disk is',
  async (when) => {
    await write(Buffer.from('old'));
    const call = { owner: host.owner, plot, name: 'manifest', moment: host.moment() } as const;
    host.ledger.reservePaper({ ...call, sizeBytes: 1000n });
    const stray = join(host.folder, plot, 'incoming', 'stray');
    mkdirSync(dirname(stray), { recursive: true });
    writeFileSync(stray, 'half');
    if (when === 'after') writeFileSync(fileOf('manifest'), Buffer.alloc(1000));
    host = await host.crash();
    expect(row()).toMatchObject({ writtenBytes: when === 'after' ? 1000n : 3n, reservedBytes: 0n });
    expect(() => readFileSync(stray)).toThrow('ENOENT');
    expect(host.ledger.unsettledPapers()).toEqual([]);
  },
);

test('one that the disk lost is counted no more, and a lost database finds those that are there', async () => {
  await write(Buffer.alloc(500));
  await write(Buffer.alloc(70), 'address-book');
  rmSync(fileOf('manifest'));
  await host.hosting.chores();
  expect(row()).toMatchObject({ writtenBytes: 70n });
  expect(await read()).toBe('object-unknown');
  host.sql.close();
  for (const end of ['', '-wal', '-shm'])
    rmSync(join(place.folder, `books.db${end}`), { force: true });
  host = await openPlotHost(place.folder);
  expect(row()).toMatchObject({ writtenBytes: 70n });
  expect(await read('address-book')).toEqual(Buffer.alloc(70));
});

test('a plot that goes takes its papers along', async () => {
  await write(Buffer.alloc(500));
  host.ledger.release({ owner: host.owner, plot, moment: host.moment() });
  await host.hosting.chores();
  expect(row()?.state).toBe('gone');
  expect(host.sql.prepare('SELECT count(*) AS n FROM papers').get()).toEqual({ n: 0n });
});

test('a plot in which nothing else lies was never used', async () => {
  await write(Buffer.from('book'), 'address-book');
  const idle = () => host.ledger.uses({ idleBeforeMs: Number.MAX_SAFE_INTEGER })[0]?.idleBytes;
  expect(idle()).toBe(row()?.promisedBytes);
  const call = { plot, type: 'data', name: 'a'.repeat(64), sizeBytes: 1n } as const;
  host.ledger.correct({ ...call, moment: host.moment() });
  expect(idle()).toBe(0n);
});

/** What the manifest was before, the oldest first. */
async function before(): Promise<readonly string[]> {
  const { papers } = host.hosting.plots;
  const call = { owner: host.owner, plot, name: 'manifest' } as const;
  const listed = await papers.versions(call);
  if (!listed.ok) throw new Error(listed.fault.code);
  return Promise.all(
    listed.value.versions.map(async ({ version }) => {
      const read = await papers.read({ ...call, version });
      return read.ok ? Buffer.concat(await read.value.body.toArray()).toString() : read.fault.code;
    }),
  );
}

const protect = (days: number) =>
  host.ledger.protect({ owner: host.owner, plot, days, moment: host.moment() });
const keptFiles = () => readdirSync(join(host.folder, plot, 'papers')).sort();

describe('in a protected plot', () => {
  beforeEach(() => void protect(10));

  test('what a paper was before stays for as long as the plot is protected, and is charged until then', async () => {
    await write(Buffer.from('the right one'));
    await host.pass(3);
    await write(Buffer.from('forged'));
    expect((await read()).toString()).toBe('forged');
    expect(await before()).toEqual(['the right one']);
    expect(row()).toMatchObject({ writtenBytes: 19n, keptPaperBytes: 13n, trashBytes: 0n });
    expect(host.ledger.trashBytes()).toBe(13n);
    const listed = await host.hosting.plots.papers.versions({
      owner: host.owner,
      plot,
      name: 'manifest',
    });
    expect(listed).toMatchObject({
      value: {
        present: { bytes: 6n, fromAgoS: 0 },
        versions: [
          { version: 1, bytes: 13n, fromAgoS: 3 * DAY_S, untilAgoS: 0, goesInS: 10 * DAY_S },
        ],
      },
    });
    // A lower protection changes nothing about what is kept already.
    protect(0);
    await host.pass(9);
    expect(await before()).toEqual(['the right one']);
    await host.pass(1);
    expect(await before()).toEqual([]);
    expect(keptFiles()).toEqual([]);
    expect(row()).toMatchObject({ writtenBytes: 6n, keptPaperBytes: 0n });
    await write(Buffer.from('again'));
    expect(await before()).toEqual([]);
  });

  test('whoever replaces it twenty times a day for days does away with nothing of before, and fills nothing', async () => {
    await write(Buffer.from('of last week'));
    await host.pass(2);
    await write(Buffer.from('the right one'));
    await host.pass(2);
    for (let day = 0; day < 5; day += 1) {
      for (let count = 0; count < 20; count += 1) await write(Buffer.from(`forged ${day}`));
      await host.pass(1);
    }
    const kept = await before();
    expect(kept.slice(0, 2)).toEqual(['of last week', 'the right one']);
    // One a day, and a few beside it.
    expect(kept.length).toBeLessThanOrEqual(2 + 5 * 4);
    expect(keptFiles()).toHaveLength(kept.length);
  });

  test('what is kept of one name is never more than a quarter of the smallest working room', async () => {
    const large = Buffer.alloc(PAPER_BYTES_MAX, 'x');
    for (let day = 0; day < 8; day += 1) {
      await write(large);
      await host.pass(1);
    }
    expect(row()?.keptPaperBytes).toBe(16n * MIB);
    expect(row()?.writtenBytes).toBe(20n * MIB);
  });

  test('one that was broken off, or refused because the plot is full, has replaced nothing and keeps nothing twice', async () => {
    await write(Buffer.from('the right one'));
    const broken = { owner: host.owner, plot, name: 'manifest', sizeBytes: 100n } as const;
    await host.hosting.plots.papers.write({ ...broken, body: () => Readable.from(['too short']) });
    expect(await before()).toEqual([]);
    expect(keptFiles()).toEqual([]);
    expect(row()).toMatchObject({ writtenBytes: 13n, reservedBytes: 0n });
  });

  test.each(['before', 'after'])(
    'a crash %s the new one is in its place leaves what was there before, and sums as the disk is',
    async (when) => {
      await write(Buffer.from('the right one'));
      const call = { owner: host.owner, plot, name: 'manifest', moment: host.moment() } as const;
      expect(host.ledger.reservePaper({ ...call, sizeBytes: 1000n })).toMatchObject({
        value: { keeps: 1 },
      });
      mkdirSync(join(host.folder, plot, 'papers'));
      writeFileSync(join(host.folder, plot, 'papers', 'manifest.1'), 'the right one');
      if (when === 'after') writeFileSync(fileOf('manifest'), Buffer.alloc(1000));
      host = await host.crash();
      expect(await before()).toEqual(['the right one']);
      const now = when === 'after' ? 1000n : 13n;
      expect(row()).toMatchObject({ writtenBytes: now + 13n, reservedBytes: 0n });
    },
  );

  test('one that the disk lost is counted no more, and a lost database finds those that are there', async () => {
    for (const text of ['one', 'three', 'now']) await write(Buffer.from(text));
    rmSync(join(host.folder, plot, 'papers', 'manifest.1'));
    await host.hosting.chores();
    expect(row()).toMatchObject({ writtenBytes: 8n, keptPaperBytes: 5n });
    host.sql.close();
    for (const end of ['', '-wal', '-shm'])
      rmSync(join(place.folder, `books.db${end}`), { force: true });
    host = await openPlotHost(place.folder);
    expect(await before()).toEqual(['three']);
    expect(row()).toMatchObject({ writtenBytes: 8n, keptPaperBytes: 5n });
    protect(10);
    await write(Buffer.from('later'));
    expect(await before()).toEqual(['three', 'now']);
  });

  test('a plot that goes takes what its papers were along', async () => {
    for (const text of ['one', 'two']) await write(Buffer.from(text));
    host.ledger.release({ owner: host.owner, plot, moment: host.moment() });
    await host.pass(11);
    expect(row()?.state).toBe('gone');
    expect(host.sql.prepare('SELECT count(*) AS n FROM paper_versions').get()).toEqual({ n: 0n });
  });
});

test('what an earlier run left half done goes, and what arrives meanwhile does not', async () => {
  const incoming = join(host.folder, plot, 'incoming');
  mkdirSync(incoming, { recursive: true });
  writeFileSync(join(incoming, 'left by a crash'), 'half');
  const body = new PassThrough();
  const content = Buffer.alloc(2_000_000, 'x');
  const under = host.hosting.plots.put({
    owner: host.owner,
    key: { plot, type: 'data', name: createHash('sha256').update(content).digest('hex') },
    sizeBytes: BigInt(content.length),
    body: () => body,
  });
  body.write(content.subarray(0, 1_500_000));
  await until(() => (readdirSync(incoming).length === 2 ? true : undefined));
  await tidyIncoming(incoming);
  expect(readdirSync(incoming)).toHaveLength(1);
  body.end(content.subarray(1_500_000));
  expect(await under).toEqual({ ok: true, value: 'stored' });
});
