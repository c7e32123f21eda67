import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { promisedBytes } from '../../shared/model/plot.ts';
import { type ChildHome, pairHomes, startChildHome } from '../../electron/headless/child-home.ts';
import { allocateRate } from './allocate-rate.ts';
import { type BigLedger, fillLedger } from './big-ledger.ts';

export type ScaleRow = {
  readonly what: string;
  readonly ours: string;
  readonly peers: string;
  readonly ratio: number | undefined;
  readonly wanted: number | undefined;
};

const BIG: BigLedger = { friends: 10_000, plots: 1_000_000, spentNotes: 100_000 };
const OFFER_BYTES = 10n ** 15n;
const ROUNDS = 3;
const CALLS = 200;
const CLIENTS = 16;
/** SQLite's own rate of durable transactions of one row, in a file of its own. */
export function sqliteRate(place: string): number {
  const file = join(place, `yardstick-${randomBytes(4).toString('hex')}.sqlite`);
  const sql = new Database(file);
  sql.pragma('journal_mode = WAL');
  sql.pragma('synchronous = FULL');
  sql.exec('CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT) STRICT');
  const insert = sql.prepare('INSERT INTO t (b) VALUES (?)');
  const startedMs = performance.now();
  for (let i = 0; i < 500; i += 1) insert.run('x'.repeat(100));
  const perS = 500 / ((performance.now() - startedMs) / 1000);
  sql.close();
  return perS;
}

/** What is asked for must be granted, and nothing is promised that the disk does not have. */
function callsWithin(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  const fit = Math.floor((bavail * bsize) / Number(promisedBytes(1n)) / (ROUNDS + 1)) - CLIENTS;
  if (fit < CLIENTS) throw new Error('the bench needs more room on the disk');
  return Math.min(CALLS, fit);
}

/** A host for half a town: what the same request costs there, with every ground in the policy. */
export async function measureScale(
  place: string,
  homes: ChildHome[],
  big = BIG,
): Promise<readonly ScaleRow[]> {
  const home = join(place, 'host of many');
  const before = await startChildHome(home, 'Hub');
  const guest = await startChildHome(join(place, 'guest of many'), 'Gus');
  homes.push(guest);
  await pairHomes(guest, before);
  const folder = join(place, 'spare of many');
  mkdirSync(folder);
  await before.call('offer.set', { folder, offerBytes: `${OFFER_BYTES}`, keepFreeBytes: '0' });
  await before.stop();
  const filledMs = performance.now();
  fillLedger(join(home, 'allotment.sqlite'), big);
  const fillS = (performance.now() - filledMs) / 1000;
  process.stdout.write(`the big ledger took ${fillS.toFixed(1)} s to fill\n`);

  const startedMs = performance.now();
  const hub = await startChildHome(home, 'Hub');
  const startMs = performance.now() - startedMs;
  homes.push(hub);
  const text = readFileSync(join(place, 'guest of many', 'secrets', 'identity'), 'utf8');
  const { keyPem, certificatePem } = JSON.parse(text) as Record<string, string>;
  const keys = { key: keyPem ?? '', cert: certificatePem ?? '' };
  const pairs = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    // Side by side, because a disk is not equally fast all the time.
    const sqlite = sqliteRate(place);
    const how = { clients: CLIENTS, calls: callsWithin(folder) };
    pairs.push({ sqlite, ...(await allocateRate(hub.ready.port, keys, how)) });
  }
  const [middle] = pairs
    .toSorted((one, other) => one.perS / one.sqlite - other.perS / other.sqlite)
    .slice(Math.floor(ROUNDS / 2));
  if (middle === undefined) throw new Error('no round of the bench');
  const of = `${big.friends} friends, ${big.plots} plots, ${big.spentNotes} spent notes`;
  return [
    {
      what: `durable allocate over mTLS, 16 clients, all grounds, ${of}`,
      ours: `${Math.round(middle.perS)}/s, p99 ${middle.p99Ms.toFixed(0)} ms`,
      peers: `SQLite alone ${Math.round(middle.sqlite)}/s; the clients took ${middle.clientMs.toFixed(2)} ms of a processor for each`,
      ratio: middle.perS / middle.sqlite,
      wanted: 0.45,
    },
    {
      what: `start to serving, ${of}, ms`,
      ours: startMs.toFixed(0),
      peers: '',
      ratio: undefined,
      wanted: undefined,
    },
  ];
}
