import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { type ChildHome, pairHomes, startChildHome } from '../../electron/headless/child-home.ts';
import { openHostedBook } from '../../electron/core/accounts/hosted-book.ts';
import { openBarterBooks } from '../../electron/core/barter/open-books.ts';
import { runTogether } from '../../electron/core/database/group-commit.ts';
import { openDatabase, type Sql } from '../../electron/core/database/open-database.ts';
import { toBase32 } from '../../electron/core/identity/base32.ts';
import type { Ledger } from '../../electron/core/ledger/ledger.ts';
import { openLedger } from '../../electron/core/ledger/open-ledger.ts';
import { openReciprocalGround } from '../../electron/core/reciprocity/kept-book.ts';
import { openVoucherGround } from '../../electron/core/vouchers/voucher-ground.ts';
import type { DeviceId, OwnerId, PlotId, RequestId, TicketId } from '../../shared/ids.ts';
import type { Moment } from '../../shared/model/moment.ts';
import { fillLedger, fillObjects } from './big-ledger.ts';

/**
 * `npm run bench -- growth`: what an allocation, the check of a share, a screen and a start cost with a hundred, ten thousand
 * and a million plots, objects and rows of the log, for twenty friends. Time of a processor, so that others on the machine
 * count less.
 */
const SIZES = [100, 10_000, 1_000_000] as const;
const FRIENDS = 20;
const GRANTS_AT_ONCE = 16;
const OFFER_BYTES = 10n ** 16n;
const STARTS = 3;

type Column = Readonly<Record<string, number>>;

export async function measureGrowth(): Promise<readonly string[]> {
  const place = mkdtempSync(join(tmpdir(), 'allotment-growth-'));
  const columns: Column[] = [];
  try {
    for (const size of SIZES) columns.push(await measureAt(join(place, `${size}`), size));
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
  const rows = Object.keys(columns[0] ?? {}).map(
    (what) => `| ${what} | ${columns.map((column) => shown(column[what] ?? 0)).join(' | ')} |`,
  );
  mkdirSync('.cache', { recursive: true });
  writeFileSync(join('.cache', 'growth.json'), JSON.stringify({ SIZES, columns }, undefined, 2));
  const head = SIZES.map((size) => size.toLocaleString('en')).join(' | ');
  return [
    `| processor time, with so many plots, objects and log rows | ${head} |`,
    '|---|---|---|---|',
    ...rows,
  ];
}

async function measureAt(place: string, size: number): Promise<Column> {
  mkdirSync(join(place, 'spare'), { recursive: true });
  const homes: ChildHome[] = [];
  try {
    const home = join(place, 'host');
    const before = await startChildHome(home, 'Hub');
    const guest = await startChildHome(join(place, 'guest'), 'Gus');
    homes.push(guest);
    await pairHomes(guest, before);
    const folder = join(place, 'spare');
    await before.call('offer.set', { folder, offerBytes: `${OFFER_BYTES}`, keepFreeBytes: '0' });
    await before.stop();
    const file = join(home, 'allotment.sqlite');
    fillLedger(file, { friends: FRIENDS, plots: size, spentNotes: size / 10 });
    fillObjects(file, size);
    const books = measureBooks(file);
    const starts: number[] = [];
    let screens: Column = {};
    for (let start = 0; start < STARTS; start += 1) {
      const hub = await startChildHome(home, 'Hub');
      starts.push(spentMs(hub));
      if (start === STARTS - 1) screens = await measureScreens(hub);
      await hub.stop();
    }
    return { ...books, ...screens, 'a start to serving, ms': middle(starts) };
  } finally {
    await Promise.all(homes.map((home) => home.stop()));
  }
}

/** In this thread, as the thread of the books does it. */
function measureBooks(file: string): Column {
  const opened = openDatabase(file);
  if (!opened.ok) throw new Error(opened.fault.code);
  const sql = opened.value;
  const ledger = openWhole(sql, `${file}-mark`);
  const owner = sql.prepare<[], OwnerId>('SELECT owner FROM friends LIMIT 1').pluck().get();
  if (owner === undefined) throw new Error('nobody is there');
  const disk = { volumePresent: true, freeBytes: OFFER_BYTES };
  let serviceS = 1000;
  const moment = () => {
    serviceS += 1;
    return { nowMs: Date.now(), serviceS, minuteOfDay: 0 };
  };
  const grants = () => {
    const calls = Array.from({ length: GRANTS_AT_ONCE }, () => () => {
      const requestId = randomBytes(16).toString('base64url') as RequestId;
      const request = { v: 1 as const, requestId, size: 1n, duration: { want: 3600 }, why: [] };
      return ledger.allocate({ owner, request, bodyHash: randomBytes(32), moment: moment(), disk });
    });
    for (const outcome of runTogether(sql, calls)) if (!outcome.ok) throw outcome.thrown;
  };
  const column = {
    'an allocation, µs': costOf(grants, 80) / GRANTS_AT_ONCE,
    'a check of a share, µs': costOf(() => ledger.share({ owner, disk, moment: moment() }), 2000),
    'an upload set aside and written down, µs': costOf(upload(sql, ledger, owner, moment), 500),
    'a sweep, µs': costOf(() => ledger.sweep({ moment: moment(), mayEndOn: disk, disk }), 40),
    'the first page of the log, µs': costOf(() => ledger.decisions({ limit: 50 }), 200),
    'a page of one friend’s refusals, µs': costOf(
      () => ledger.decisions({ owner, outcomes: ['denied'], limit: 50 }),
      200,
    ),
  };
  sql.close();
  return column;
}

function upload(sql: Sql, ledger: Ledger, owner: OwnerId, moment: () => Moment): () => void {
  const plot = sql
    .prepare<[string], PlotId>(
      `SELECT id FROM plots WHERE owner = ? AND state = 'active' AND size > written ORDER BY number DESC LIMIT 1`,
    )
    .pluck()
    .get(owner);
  if (plot === undefined) throw new Error('no plot to write into');
  return () => {
    const name = randomBytes(32).toString('hex');
    const key = { plot, type: 'locks', name } as const;
    const reserved = ledger.reserve({ ...key, owner, sizeBytes: 1n, moment: moment() });
    if (!reserved.ok) throw new Error(reserved.fault.code);
    ledger.post({ ...reserved.value, moment: moment() });
  };
}

function openWhole(sql: Sql, mark: string): Ledger {
  const hosted = openHostedBook(sql);
  const device = 'd'.repeat(52) as DeviceId;
  const issuer = { owner: 'o'.repeat(52) as OwnerId, device };
  const barter = openBarterBooks(sql, { issuer, mark, totals: (call) => ledger.totals(call) });
  const minting = {
    newPlotId: () => toBase32(randomBytes(16)) as PlotId,
    newTicketId: () => toBase32(randomBytes(16)) as TicketId,
    sign: () => new Uint8Array(70),
  };
  const grounds = [openVoucherGround(sql), openReciprocalGround(sql), hosted.ground, barter.ground];
  const ledger: Ledger = openLedger(sql, minting, grounds);
  return ledger;
}

/** What the window asks for, at the process that answers. */
async function measureScreens(hub: ChildHome): Promise<Column> {
  const screens = {
    'Home: what is offered and how it stands, ms': () => hub.call('status.get', {}),
    'Friends: everybody with his share, ms': () => hub.call('friends.list', {}),
    'Activity: the first page, ms': () => hub.call('decisions.list', { limit: 50 }),
  };
  const column: Record<string, number> = {};
  const all = Object.entries<() => Promise<unknown>>(screens);
  for (const [what, look] of all) {
    await look();
    const before = spentMs(hub);
    const times = 10;
    for (let time = 0; time < times; time += 1) await look();
    column[what] = (spentMs(hub) - before) / times;
  }
  return column;
}

/** Processor time of that process so far. */
function spentMs(hub: ChildHome): number {
  const stat = readFileSync(`/proc/${hub.process.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 10;
}

function costOf(act: () => unknown, times: number): number {
  for (let warm = 0; warm < times / 2; warm += 1) act();
  const before = process.cpuUsage();
  for (let time = 0; time < times; time += 1) act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / times;
}

function middle(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

function shown(value: number): string {
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
}
