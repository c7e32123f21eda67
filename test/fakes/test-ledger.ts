import { createHash } from 'node:crypto';
import { openDatabase, type Sql } from '../../electron/core/database/open-database.ts';
import type { GroundBook } from '../../electron/core/ledger/ground-book.ts';
import type { DiskFacts, Ledger } from '../../electron/core/ledger/ledger.ts';
import { openLedger } from '../../electron/core/ledger/open-ledger.ts';
import type { OwnerId, PlotId, RequestId, TicketId } from '../../shared/ids.ts';
import type { AllocateRequest } from '../../shared/model/allocate.ts';
import { GB } from '../../shared/units.ts';
import { openFresh } from './fresh-database.ts';

/** A real ledger on SQLite in memory, with ids that count up and signatures that are marked as fake. */
export function openTestLedger(
  file = ':memory:',
  /** The books behind grounds that rest on more than sizes. */
  books: (sql: Sql) => readonly GroundBook[] = () => [],
): { readonly sql: Sql; readonly ledger: Ledger } {
  const sql = file === ':memory:' ? openFresh() : openFile(file);
  let plots = Number(
    sql.prepare<[], { plots: bigint }>('SELECT count(*) AS plots FROM plots').get()?.plots ?? 0n,
  );
  let tickets = 0;
  const minting = {
    newPlotId: () => {
      plots += 1;
      return testPlotId(plots);
    },
    newTicketId: () => {
      tickets += 1;
      return testPlotId(tickets) as string as TicketId;
    },
    sign: () => new Uint8Array([0xfa, 0xce]),
  };
  const ledger = openLedger(sql, minting, books(sql));
  return { sql, ledger };
}

export function openFile(file: string): Sql {
  const opened = openDatabase(file);
  if (!opened.ok) throw new Error(`Cannot open the test ledger: ${opened.fault.code}`);
  return opened.value;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';

function base32Of(number: number, length: number): string {
  let text = '';
  for (let rest = number; text.length < length; rest = Math.floor(rest / 32))
    text = (LETTERS[rest % 32] ?? 'a') + text;
  return text;
}

export function testPlotId(number: number): PlotId {
  return `${base32Of(number, 25)}a` as PlotId;
}

export function testOwnerId(number: number): OwnerId {
  return `${base32Of(number, 51)}a` as OwnerId;
}

export function testRequestId(number: number): RequestId {
  return createHash('sha256')
    .update(`request ${number}`)
    .digest()
    .subarray(0, 16)
    .toString('base64url') as RequestId;
}

export function addFriend(sql: Sql, owner: OwnerId, name: string): void {
  sql.prepare('INSERT INTO friends (owner, name, since_ms) VALUES (?, ?, 0)').run(owner, name);
}

export const ROOMY: DiskFacts = { volumePresent: true, freeBytes: 1000n * GB };

let requests = 0;

export function testRequest(size: bigint, more: Partial<AllocateRequest> = {}): AllocateRequest {
  requests += 1;
  return {
    v: 1,
    requestId: testRequestId(requests),
    size,
    duration: { want: 86_400 },
    why: [],
    ...more,
  };
}

export function hashOf(value: unknown): Uint8Array {
  return createHash('sha256')
    .update(
      JSON.stringify(value, (_key, field: unknown) =>
        typeof field === 'bigint' ? `${field}` : field,
      ),
    )
    .digest();
}
