import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import type { PlotId } from '../../../shared/ids.ts';
import type { ObjectType, PaperName } from '../../../shared/model/plot.ts';
import { DAY_S } from '../../../shared/units.ts';
import type { Sql } from '../../../electron/core/database/open-database.ts';
import { forgetFolders } from '../../../electron/core/plots/object-file.ts';
import { openPlotHost, type PlotHost } from '../plot-host.ts';
import {
  asItLies,
  createFallingDisk,
  type DiskStep,
  layOut,
  type Luck,
  textOf,
} from './falling-disk.ts';
import { watchFiles } from './watched-files.ts';

/**
 * A host whose power fails. What it does to its disk is recorded while a script runs, with its books after each commit and
 * what its guests were told; then any moment of it can be brought back as a disk may have it after a power loss, and the
 * host begins again on that.
 */
export type PowerWorld = {
  /** Runs it once, on a real disk without a crash, and writes down what happened. */
  readonly record: (script: (guest: Guest) => Promise<void>) => Promise<Recording>;
  /** Begins again after a power loss at a moment, settles, and answers what is wrong. */
  readonly fall: (recording: Recording, moment: number, luck: Luck) => Promise<readonly string[]>;
  /**
   * The program alone was killed at that moment; it begins again and its guests send once more what they were not told of. Then
   * the power fails.
   */
  readonly killThenFall: (
    recording: Recording,
    moment: number,
    luck: Luck,
  ) => Promise<readonly string[]>;
};

export type Guest = {
  readonly host: PlotHost;
  readonly grant: () => PlotId;
  readonly put: (plot: PlotId, text: string, type?: ObjectType) => Promise<void>;
  readonly remove: (plot: PlotId, text: string) => Promise<void>;
  readonly protect: (plot: PlotId, days: number) => void;
  readonly paper: (plot: PlotId, text: string, name?: PaperName) => Promise<void>;
  readonly release: (plot: PlotId) => Promise<void>;
};

/** What a guest knows of an object, a paper (by its name) or a plot. */
export type Known = {
  readonly plot: PlotId;
  readonly what: string;
  readonly type: ObjectType | 'paper' | 'plot';
  readonly state: 'sending' | 'there' | 'removing' | 'removed' | 'trashed';
  /** How long it stays in the trash. */
  readonly untilS?: number;
};
type Entry =
  | { readonly step: DiskStep }
  | { readonly books: Uint8Array; readonly serviceS: number }
  | { readonly known: Known };
export type Recording = {
  readonly entries: readonly Entry[];
  /** Wherever something came to the disk or a guest was told something. */
  readonly moments: readonly number[];
};

export function createPowerWorld(folder: string): PowerWorld {
  const spare = join(folder, 'spare');
  const books = join(folder, 'books.db');

  function clear(): void {
    // Another process would not know what this one has made.
    forgetFolders(spare);
    rmSync(spare, { recursive: true, force: true });
    for (const end of ['', '-wal', '-shm']) rmSync(`${books}${end}`, { force: true });
  }

  async function record(script: (guest: Guest) => Promise<void>): Promise<Recording> {
    clear();
    const entries: Entry[] = [];
    const time = { serviceS: 1_000_000 };
    let changes = -1n;
    const keep = (sql: Sql) => {
      const now = sql.prepare<[], bigint>('SELECT total_changes()').pluck().get() ?? 0n;
      if (now === changes) return;
      changes = now;
      entries.push({ books: sql.serialize(), serviceS: time.serviceS });
    };
    const host = await openPlotHost(folder, time, undefined, keep);
    // What was made before counts as safe: it is what every host begins with.
    const before = asItLies(spare);
    const end = watchFiles(spare, {
      after: (step) => entries.push({ step }),
      stepsBefore: before.length,
    });
    try {
      keep(host.sql);
      await script(guestOf(host, (known) => entries.push({ known }), keep));
      await check(host, knownAt(entries, entries.length)).then((wrong) => {
        if (wrong.length > 0) throw new Error(`without a crash: ${wrong.join('; ')}`);
      });
    } finally {
      end();
      host.sql.close();
    }
    const all = [...before.map((step) => ({ step })), ...entries];
    const moments = all.flatMap((_entry, at) => (at >= before.length ? [at + 1] : []));
    return { entries: all, moments };
  }

  function diskAt({ entries }: Recording, moment: number) {
    const disk = createFallingDisk(spare);
    let bytes: Uint8Array | undefined;
    let serviceS = 0;
    for (const entry of entries.slice(0, moment)) {
      if ('step' in entry) disk.apply(entry.step);
      if ('books' in entry) ({ books: bytes, serviceS } = entry);
    }
    return { disk, books: bytes, time: { serviceS } };
  }

  const seen = new Set<string>();

  async function fall(recording: Recording, moment: number, luck: Luck) {
    const { disk, books: bytes, time } = diskAt(recording, moment);
    if (bytes === undefined) return [];
    const tree = disk.after(luck);
    const known = knownAt(recording.entries, moment);
    const text = [textOf(tree), hashOf(bytes), JSON.stringify([...known])].join('\n');
    if (seen.has(hashOf(Buffer.from(text)))) return [];
    seen.add(hashOf(Buffer.from(text)));
    clear();
    layOut(tree);
    writeFileSync(books, bytes);
    return settled(await openPlotHost(folder, time), known);
  }

  async function settled(host: PlotHost, known: ReadonlyMap<string, Known>) {
    try {
      // Each plot has its turn.
      const turns = host.ledger.plots({ owner: undefined, moment: host.moment() }).length;
      for (let turn = 0; turn < turns; turn += 1) await host.hosting.chores();
      return await check(host, known);
    } finally {
      host.sql.close();
    }
  }

  async function killThenFall(recording: Recording, moment: number, luck: Luck) {
    const { disk, books: bytes, time } = diskAt(recording, moment);
    if (bytes === undefined) return [];
    clear();
    // A program that is killed leaves to the system what it had written; nothing of it is flushed by that.
    layOut(disk.after({ name: () => true, bytes: (kept) => ({ kept, isLonger: true }) }));
    writeFileSync(books, bytes);
    const known = knownAt(recording.entries, moment);
    const end = watchFiles(spare, { after: disk.apply, stepsBefore: disk.steps() });
    let after: Uint8Array;
    try {
      const host = await openPlotHost(folder, time);
      const guest = guestOf(host, (each) => known.set(keyOf(each), each));
      const untold = [...known.values()].filter(
        ({ type, state }) => type !== 'plot' && (state === 'sending' || state === 'removing'),
      );
      for (const { plot, what, type, state } of untold) {
        if (type === 'plot') continue;
        if (type === 'paper') await guest.paper(plot, what);
        else if (state === 'sending') await guest.put(plot, what, type);
        else await guest.remove(plot, what);
      }
      after = host.sql.serialize();
      host.sql.close();
    } finally {
      end();
    }
    clear();
    layOut(disk.after(luck));
    writeFileSync(books, after);
    return settled(await openPlotHost(folder, time), known);
  }

  return { record, fall, killThenFall };
}

function knownAt(entries: readonly Entry[], moment: number): Map<string, Known> {
  const known = new Map<string, Known>();
  for (const entry of entries.slice(0, moment))
    if ('known' in entry) known.set(keyOf(entry.known), entry.known);
  return known;
}

/** A paper has one name and changing contents: each is known by itself, and the last one told of is there. */
export function keyOf({ plot, type, what }: Known): string {
  return `${plot} ${type} ${what}`;
}

export function guestOf(
  host: PlotHost,
  tell: (known: Known) => void,
  keep: (sql: Sql) => void = () => undefined,
): Guest {
  const { owner, moment } = host;
  const store = host.hosting.plots;
  const protectedFor = new Map<PlotId, number>();
  const papers = new Map<PlotId, string>();
  return {
    host,
    grant: () => {
      const plot = host.grant();
      keep(host.sql);
      tell({ plot, what: '', type: 'plot', state: 'there' });
      return plot;
    },
    put: async (plot, text, type = 'data') => {
      tell({ plot, what: text, type, state: 'sending' });
      const body = Buffer.from(text);
      const stored = await store.put({
        owner,
        key: { plot, type, name: nameOf(text, type) },
        sizeBytes: BigInt(body.length),
        body: () => Readable.from([body.subarray(0, 3), body.subarray(3)]),
      });
      if (!stored.ok) throw new Error(stored.fault.code);
      tell({ plot, what: text, type, state: 'there' });
    },
    remove: async (plot, text) => {
      tell({ plot, what: text, type: 'data', state: 'removing' });
      const key = { plot, type: 'data', name: nameOf(text, 'data') } as const;
      const removed = await store.remove({ owner, key });
      if (!removed.ok && removed.fault.code !== 'object-unknown')
        throw new Error(removed.fault.code);
      const days = protectedFor.get(plot) ?? 0;
      const state = days > 0 ? 'trashed' : 'removed';
      const untilS = moment().serviceS + days * DAY_S;
      tell({ plot, what: text, type: 'data', state, untilS });
    },
    protect: (plot, days) => {
      host.ledger.protect({ owner, plot, days, moment: moment() });
      keep(host.sql);
      protectedFor.set(plot, days);
    },
    paper: async (plot, text, name = 'manifest') => {
      tell({ plot, what: text, type: 'paper', state: 'sending' });
      const content = Buffer.from(text);
      const written = await store.papers.write({
        owner,
        plot,
        name,
        sizeBytes: BigInt(content.length),
        body: () => Readable.from([content]),
      });
      if (!written.ok) throw new Error(written.fault.code);
      const before = papers.get(plot);
      if (before !== undefined) tell({ plot, what: before, type: 'paper', state: 'removed' });
      papers.set(plot, text);
      tell({ plot, what: text, type: 'paper', state: 'there' });
    },
    release: async (plot) => {
      tell({ plot, what: '', type: 'plot', state: 'removing' });
      const released = host.ledger.release({ owner, plot, moment: moment() });
      if (!released.ok) throw new Error(released.fault);
      keep(host.sql);
      // A protected plot stays for a while.
      if (released.value.state !== 'released') return;
      tell({ plot, what: '', type: 'plot', state: 'removed' });
      await host.hosting.plots.erase(plot);
    },
  };
}

/** What is not as it was promised, in words; nothing: all is well. */
export async function check(host: PlotHost, known: ReadonlyMap<string, Known>): Promise<string[]> {
  const wrong: string[] = [];
  const moment = host.moment();
  const plots = host.ledger.plots({ owner: undefined, moment });
  const living = new Set<string>(plots.map(({ plot }) => plot));
  for (const { plot, type, state } of known.values()) {
    if (type !== 'plot') continue;
    if (state === 'there' && !living.has(plot)) wrong.push('a plot that was granted is gone');
    if (state === 'removed' && living.has(plot)) wrong.push('a plot that was let go of is there');
  }
  for (const each of known.values())
    if (living.has(each.plot) && each.type !== 'plot')
      wrong.push(...(await checkOne(host, each, known)));
  for (const { plot, ...row } of plots) {
    const files = filesIn(join(host.folder, plot)).filter((path) => basename(path) !== 'plot.json');
    const bytes = files.reduce((sum, path) => sum + statSync(path).size, 0);
    if (Number(row.writtenBytes) !== bytes)
      wrong.push(`the books count ${row.writtenBytes} bytes, the disk has ${bytes}`);
    if (row.reservedBytes !== 0n) wrong.push(`${row.reservedBytes} bytes are still set aside`);
    if (row.missingObjects > 0) wrong.push('something is missing');
    for (const path of files) {
      const name = basename(path);
      const content = readFileSync(path);
      if (path.includes('/incoming/')) wrong.push('an upload was left behind');
      else if (/^[0-9a-f]{64}$/.test(name)) {
        if (hashOf(content) !== name) wrong.push('an object is not what its name says');
      } else if (name.endsWith('.new')) wrong.push(`${name} was left behind`);
    }
  }
  for (const name of existsSync(host.folder) ? readdirSync(host.folder) : [])
    if (!living.has(name)) wrong.push('the folder of a plot that is gone was left behind');
  const top = join(host.folder, '..');
  for (const name of existsSync(top) ? readdirSync(top) : [])
    if (name.endsWith('.new')) wrong.push(`${name} was left behind`);
  return wrong;
}

async function checkOne(
  host: PlotHost,
  { plot, what, type, state, untilS = 0 }: Known,
  known: ReadonlyMap<string, Known>,
): Promise<readonly string[]> {
  const { owner } = host;
  if (type === 'plot') return [];
  if (type === 'paper') {
    const found = await host.hosting.plots.papers.read({ owner, plot, name: 'manifest' });
    const text = found.ok ? Buffer.concat(await found.value.body.toArray()).toString() : undefined;
    const may = [...known.values()].filter((each) => each.plot === plot && each.type === 'paper');
    if (text === undefined) return state === 'there' ? ['a paper is gone'] : [];
    const is = may.find((each) => each.what === text);
    if (is === undefined) return ['a paper is something that nobody wrote'];
    return is.state === 'removed' ? ['a paper is an older one'] : [];
  }
  const key = { plot, type, name: nameOf(what, type) };
  const stored = await host.hosting.plots.stat({ owner, key });
  if (!stored.ok) {
    if (state === 'there') return [`an object is gone: ${stored.fault.code}`];
    const isKept = state === 'trashed' && untilS > host.moment().serviceS;
    if (isKept && host.ledger.trashedObject(key) === undefined)
      return ['an object in the trash is gone'];
    return [];
  }
  if (state === 'removed' || state === 'trashed') return ['a removed object is back'];
  const read = await host.hosting.plots.read(
    { owner, key },
    { from: 0n, to: stored.value.sizeBytes },
  );
  if (!read.ok) return [`an object can't be read: ${read.fault.code}`];
  const content = Buffer.concat(await read.value.toArray()).toString();
  return content === what ? [] : ['an object is not what was sent'];
}

function nameOf(text: string, type: ObjectType): string {
  return type === 'config' ? '' : hashOf(Buffer.from(text));
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesIn(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}
