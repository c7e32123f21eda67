import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PlotId } from '../../../shared/ids.ts';
import { scratch } from '../../fakes/homes.ts';
import { openPlotHost, type PlotHost } from '../../fakes/plot-host.ts';
import { type FileCall, watchFiles } from '../../fakes/power/watched-files.ts';
import {
  areBooksOlder,
  booksMark,
  writeBooksMark,
} from '../../../electron/core/plots/older-books.ts';

/** A host whose database comes from a day-old copy, or is lost: what friends keep there is newer, and none of it may go. */
let place: Awaited<ReturnType<typeof scratch>>;
let host: PlotHost;

beforeEach(async () => {
  place = await scratch();
  host = await openPlotHost(place.folder);
});
afterEach(async () => {
  host.sql.close();
  await place.remove();
});

const nameOf = (text: string) => createHash('sha256').update(text).digest('hex');
const keyOf = (plot: PlotId, text: string) => ({ plot, type: 'data', name: nameOf(text) }) as const;
const row = (plot: PlotId) => host.ledger.plot({ plot, moment: host.moment() });
const at = (plot: PlotId) => ({ owner: host.owner, plot, moment: host.moment() });

async function put(plot: PlotId, text: string): Promise<void> {
  const stored = await host.hosting.plots.put({
    owner: host.owner,
    key: keyOf(plot, text),
    sizeBytes: BigInt(text.length),
    body: () => Readable.from([Buffer.from(text)]),
  });
  if (!stored.ok) throw new Error(stored.fault.code);
}
async function remove(plot: PlotId, text: string): Promise<void> {
  const removed = await host.hosting.plots.remove({ owner: host.owner, key: keyOf(plot, text) });
  if (!removed.ok) throw new Error(removed.fault.code);
}
async function read(plot: PlotId, text: string): Promise<string> {
  const { plots } = host.hosting;
  const located = { owner: host.owner, key: keyOf(plot, text) };
  const known = await plots.stat(located);
  if (!known.ok) return known.fault.code;
  const opened = await plots.read(located, { from: 0n, to: known.value.sizeBytes });
  return opened.ok ? Buffer.concat(await opened.value.toArray()).toString() : opened.fault.code;
}

/** The host ends, and begins again on these books; `undefined`: on none. */
async function beginOn(books: Buffer | undefined, serviceS: number): Promise<void> {
  host.sql.close();
  for (const end of ['', '-wal', '-shm'])
    rmSync(join(place.folder, `books.db${end}`), { force: true });
  if (books !== undefined) writeFileSync(join(place.folder, 'books.db'), books);
  host = await openPlotHost(place.folder, { serviceS });
}

function bytesOnDisk(plot: PlotId): number {
  const visit = (folder: string): number =>
    readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
      const path = join(folder, entry.name);
      return sum + (entry.isDirectory() ? visit(path) : statSync(path).size);
    }, 0);
  return visit(join(host.folder, plot, 'repository'));
}

describe('a database that is brought back from a day-old copy', () => {
  it('finds at once what has come since, and lets nothing of it go, then or later', async () => {
    const [plot, other] = [host.grant(), host.grant()];
    host.ledger.protect({ ...at(plot), days: 3 });
    for (const text of ['kept', 'deleted and sent again']) await put(plot, text);
    await remove(plot, 'deleted and sent again');
    await put(other, 'gone since');
    await host.hosting.chores();
    const [copy, copiedS] = [host.sql.serialize(), host.moment().serviceS];

    await host.pass(1);
    await put(plot, 'deleted and sent again');
    await put(plot, 'new');
    await remove(other, 'gone since');
    await put(other, 'new too');
    const late = host.grant();
    await put(late, 'in a new plot');
    await host.hosting.chores();

    await beginOn(copy, copiedS);
    const all: readonly [PlotId, string][] = [
      [plot, 'kept'],
      [plot, 'deleted and sent again'],
      [plot, 'new'],
      [other, 'new too'],
      [late, 'in a new plot'],
    ];
    for (const [where, text] of all) expect(await read(where, text)).toBe(text);
    for (const each of [plot, other, late]) {
      expect(row(each)).toMatchObject({ state: 'active', missingObjects: 0, reservedBytes: 0n });
      expect(Number(row(each)?.writtenBytes)).toBe(bytesOnDisk(each));
    }
    expect(row(plot)).toMatchObject({ protectDays: 3 });
    expect(host.hosting.wereBooksOlder()).toBe(true);
    // What guests had deleted by then is not missed; what a copy did not know to be over is not over.
    expect(await read(other, 'gone since')).toBe('object-unknown');
    for (let day = 0; day < 10; day += 1) await host.pass(1);
    for (const [where, text] of all) expect(await read(where, text)).toBe(text);
  });

  it('does not end a plot by a lease that was renewed since, nor by a word that was taken back', async () => {
    const [lent, kept] = [host.grant(), host.grant()];
    for (const plot of [lent, kept]) await put(plot, 'letter');
    host.ledger.protect({ ...at(kept), days: 2 });
    host.ledger.release(at(kept));
    const soon = host.moment().serviceS + 60;
    host.sql
      .prepare("UPDATE plots SET class = 'borrowed', until_service = ? WHERE id = ?")
      .run(soon, lent);
    await host.hosting.chores();
    const [copy, copiedS] = [host.sql.serialize(), host.moment().serviceS];
    await host.pass(0.1);
    await beginOn(copy, copiedS);
    await host.pass(3);
    for (const plot of [lent, kept]) {
      expect(row(plot)?.state).toBe('active');
      expect(await read(plot, 'letter')).toBe('letter');
    }
  });

  it('is not taken for an older one where it is not', async () => {
    const plot = host.grant();
    host.ledger.protect({ ...at(plot), days: 3 });
    await put(plot, 'letter');
    await remove(plot, 'letter');
    await host.pass(1);
    const { serviceS } = host.moment();
    await beginOn(host.sql.serialize(), serviceS);
    expect(await read(plot, 'letter')).toBe('object-unknown');
    expect(row(plot)).toMatchObject({ trashBytes: 6n });
    expect(host.hosting.wereBooksOlder()).toBe(false);
    await beginOn(host.sql.serialize(), serviceS);
    expect(row(plot)).toMatchObject({ trashBytes: 6n });
    expect(host.hosting.wereBooksOlder()).toBe(false);
  });

  it('gives nobody notice, whatever was taken back since', async () => {
    host.sql.exec('UPDATE friends SET leaving_service = 5, over_ends_service = 5');
    await host.hosting.chores();
    const [copy, copiedS] = [host.sql.serialize(), host.moment().serviceS];
    await host.pass(1);
    await beginOn(copy, copiedS);
    expect(
      host.sql.prepare('SELECT leaving_service, over_ends_service FROM friends').raw().all(),
    ).toEqual([[null, null]]);
  });

  it('finds all plots but the one that the disk can’t give back, and what is deleted from then on stays so', async () => {
    const [stuck, other] = [host.grant(), host.grant()];
    host.ledger.protect({ ...at(other), days: 3 });
    for (const plot of [stuck, other]) await put(plot, 'letter');
    await host.hosting.chores();
    const [copy, copiedS] = [host.sql.serialize(), host.moment().serviceS];
    await host.pass(1);
    await put(other, 'new');
    const isStuck = (path: string) => path.startsWith(join(host.folder, stuck, 'repository'));
    const end = watchFiles(join(place.folder, 'spare'), {
      before: ({ path }) => (isStuck(path) ? 'EIO' : undefined),
    });
    try {
      await beginOn(copy, copiedS);
      expect(await read(other, 'new')).toBe('new');
      await remove(other, 'letter');
      await host.hosting.chores();
      expect(await read(other, 'letter')).toBe('object-unknown');
    } finally {
      end();
    }
    expect(await read(stuck, 'letter')).toBe('letter');
  });

  it('takes back what was deleted once, however often the disk cuts off the looking through', async () => {
    const plot = host.grant();
    host.ledger.protect({ ...at(plot), days: 3 });
    await put(plot, 'letter');
    await host.hosting.chores();
    const [copy, copiedS] = [host.sql.serialize(), host.moment().serviceS];
    await host.pass(1);
    const end = watchFiles(join(place.folder, 'spare'), {
      before: ({ path }) => (path === host.folder ? 'EIO' : undefined),
    });
    try {
      await beginOn(copy, copiedS);
      await remove(plot, 'letter');
      await host.hosting.chores();
      expect(await read(plot, 'letter')).toBe('object-unknown');
    } finally {
      end();
    }
    await host.hosting.chores();
    expect(await read(plot, 'letter')).toBe('object-unknown');
    expect(row(plot)).toMatchObject({ trashBytes: 6n, missingObjects: 0 });
  });

  it('is known for one again where the same copy is brought back once more', async () => {
    const plot = host.grant();
    await host.hosting.chores();
    const [copy, copiedS] = [host.sql.serialize(), host.moment().serviceS];
    await host.pass(1);
    await put(plot, 'letter');
    await beginOn(copy, copiedS);
    await host.pass(1);
    await put(plot, 'another');
    await beginOn(copy, copiedS);
    expect(await read(plot, 'letter')).toBe('letter');
    expect(await read(plot, 'another')).toBe('another');
    // And is these plots' own from then on.
    await beginOn(host.sql.serialize(), host.moment().serviceS);
    expect(host.hosting.wereBooksOlder()).toBe(false);
  });
});

it('a mark that another device has left on the volume says nothing about these books', async () => {
  const sealOf = (device: number) => ({
    sign: (bytes: Uint8Array) => new Uint8Array([device, ...bytes]),
    verify: (bytes: Uint8Array, signature: Uint8Array) =>
      Buffer.from(signature).equals(Buffer.from([device, ...bytes])),
  });
  const folder = join(place.folder, 'spare');
  await writeBooksMark(folder, 100, sealOf(1));
  expect(await areBooksOlder(folder, 99, sealOf(1))).toBe(true);
  expect(await areBooksOlder(folder, 100, sealOf(1))).toBe(false);
  expect(await areBooksOlder(folder, 99, sealOf(2))).toBe(false);
});

it('a mark that the disk has damaged leaves it open whether the books are older, and one that is not there does not', async () => {
  const seal = { sign: (bytes: Uint8Array) => bytes, verify: () => true };
  const folder = join(place.folder, 'spare');
  await writeBooksMark(folder, 100, seal);
  const file = booksMark(folder);
  writeFileSync(file, '{"v":1,"serv');
  expect(await areBooksOlder(folder, 200, seal)).toBe('perhaps');
  rmSync(file);
  expect(await areBooksOlder(folder, 200, seal)).toBe(false);
});

it('a mark that the disk does not let be read is asked for again, and is lost when that goes on', async () => {
  const plot = host.grant();
  await put(plot, 'letter');
  await host.hosting.chores();
  const file = booksMark(join(place.folder, 'spare'));
  rmSync(file);
  // Neither a file nor nothing: the disk gives no text for it.
  mkdirSync(file);
  host = await host.crash();
  const olderAfter = [host.hosting.wereBooksOlder()];
  for (let minute = 0; minute < 2; minute += 1) {
    await host.hosting.chores();
    olderAfter.push(host.hosting.wereBooksOlder());
  }
  expect(olderAfter).toEqual([false, false, 'perhaps']);
  expect(await read(plot, 'letter')).toBe('letter');
});

it('a volume that is pulled out for a moment at the first look is looked at when it is back', async () => {
  const plot = host.grant();
  await put(plot, 'letter');
  await host.hosting.chores();
  const [copy, copiedS] = [host.sql.serialize(), host.moment().serviceS];
  await host.pass(1);
  await put(plot, 'new');
  await host.hosting.chores();
  const [there, away] = [join(place.folder, 'spare'), join(place.folder, 'pulled out')];
  let state: 'there' | 'away' | 'back' = 'there';
  const pullOut = ({ path }: FileCall) => {
    if (state === 'there' && path === booksMark(there)) {
      state = 'away';
      renameSync(there, away);
    } else if (state === 'away' && ![there, away].includes(path) && !path.endsWith('volume.json')) {
      state = 'back';
      renameSync(away, there);
    }
    return undefined;
  };
  const stop = watchFiles(place.folder, { before: pullOut });
  try {
    await beginOn(copy, copiedS);
  } finally {
    stop();
  }
  if (existsSync(away)) renameSync(away, there);
  await host.hosting.chores();
  expect(host.hosting.wereBooksOlder()).toBe(true);
  expect(await read(plot, 'new')).toBe('new');
});

it('what the disk has lost together with the mark is told as lost, and not taken for deleted since', async () => {
  const plot = host.grant();
  for (const text of ['lost', 'kept']) await put(plot, text);
  await host.hosting.chores();
  writeFileSync(booksMark(join(place.folder, 'spare')), '');
  const lost = nameOf('lost');
  rmSync(join(host.folder, plot, 'repository', 'data', lost.slice(0, 2), lost));
  host = await host.crash();
  expect(host.hosting.wereBooksOlder()).toBe('perhaps');
  expect(row(plot)).toMatchObject({ missingObjects: 1 });
  expect(await read(plot, 'kept')).toBe('kept');
});

describe('a database that is lost', () => {
  it('is found again also where another folder was offered first', async () => {
    const plot = host.grant();
    await put(plot, 'letter');
    await host.hosting.chores();
    const [there, before] = [join(place.folder, 'there'), join(place.folder, 'spare')];
    renameSync(before, there);
    mkdirSync(before);
    // It offers an empty folder, which its chores have been through.
    await beginOn(undefined, 10);
    expect(row(plot)).toBeUndefined();
    const wish = { folder: there, offerBytes: 1_000_000_000n, keepFreeBytes: 0n };
    expect((await host.hosting.setOffer(wish)).ok).toBe(true);
    await host.hosting.chores();
    expect(await read(plot, 'letter')).toBe('letter');
    expect(host.hosting.wereBooksOlder()).toBe(true);
  });

  it('is no loss of data: plots are found with what is in them, and are protected as before', async () => {
    const plot = host.grant();
    host.ledger.protect({ ...at(plot), days: 5 });
    await put(plot, 'letter');
    await put(plot, 'deleted by a thief');
    await remove(plot, 'deleted by a thief');
    await beginOn(undefined, 10);
    expect(row(plot)).toMatchObject({ state: 'active', protectDays: 5, owner: host.owner });
    for (const text of ['letter', 'deleted by a thief']) expect(await read(plot, text)).toBe(text);
    await remove(plot, 'letter');
    await host.pass(4);
    const name = nameOf('letter');
    const file = join(host.folder, plot, 'repository', 'data', name.slice(0, 2), name);
    expect(existsSync(file)).toBe(true);
    await host.pass(2);
    expect(existsSync(file)).toBe(false);
  });
});
