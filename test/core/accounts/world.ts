import { createHash } from 'node:crypto';
import { type AccountBook, openAccountBook } from '../../../electron/core/accounts/account-book.ts';
import { type HostedBook, openHostedBook } from '../../../electron/core/accounts/hosted-book.ts';
import type { Mark } from '../../../electron/core/database/book-mark.ts';
import type { Sql } from '../../../electron/core/database/open-database.ts';
import { openLedger } from '../../../electron/core/ledger/open-ledger.ts';
import type { Ledger } from '../../../electron/core/ledger/ledger.ts';
import type { DeviceId, OwnerId, PlotId, TicketId } from '../../../shared/ids.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import { ok } from '../../../shared/result.ts';
import { openFresh } from '../../fakes/fresh-database.ts';
import { addFriend, testOwnerId, testPlotId } from '../../fakes/test-ledger.ts';

export { openCopy } from '../../fakes/fresh-database.ts';

export const ANA = testOwnerId(1);
export const DORA = testOwnerId(4);
export const EVE = testOwnerId(5);
export const ACCOUNT = 'family';
export const NOW_MS = 1_800_000_000_000;

export function deviceOfOwner(owner: OwnerId): DeviceId {
  return owner as string as DeviceId;
}

export function testPromise(text: string): string {
  return createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url');
}

export function momentAt(s: number): Moment {
  return { nowMs: NOW_MS + s * 1000, serviceS: s, minuteOfDay: 0 };
}

export type TestKeeper = {
  readonly sql: Sql;
  readonly book: AccountBook;
  readonly mark: { value: Mark | undefined };
};

/** Beside a mark that is there already, these are the books of a home that was restored, or started again. */
export function openKeeper(
  sql: Sql = openFresh(),
  mark: TestKeeper['mark'] = { value: undefined },
  honour: Ledger['honour'] = () => ok(undefined),
): TestKeeper {
  const book = openAccountBook(sql, {
    mark: {
      read: () => mark.value,
      write: (next) => {
        mark.value = next;
      },
    },
    ledger: { honour },
  });
  return { sql, book, mark };
}

/** A host with a real ledger whose friends may have room on Ana's word; what crashes is opened again. */
export type TestHost = {
  readonly owner: OwnerId;
  readonly device: DeviceId;
  readonly sql: Sql;
  readonly books: () => { readonly hosted: HostedBook; readonly ledger: Ledger };
  readonly crash: () => void;
};

export function openHost(owner: OwnerId): TestHost {
  const sql = openFresh();
  let plots = 0;
  const open = () => {
    const hosted = openHostedBook(sql);
    const minting = {
      newPlotId: () => {
        plots += 1;
        return testPlotId(plots);
      },
      newTicketId: () => testPlotId(1) as PlotId as string as TicketId,
      sign: () => new Uint8Array([1]),
    };
    return { hosted: hosted.book, ledger: openLedger(sql, minting, [hosted.ground]) };
  };
  let books = open();
  books.ledger.setOffer({
    folder: '/x',
    offerBytes: 2n ** 60n,
    keepFreeBytes: 0n,
    volume: 'v',
  });
  books.ledger.setPolicy({
    owner: undefined,
    policy: { guards: {}, grounds: [{ kind: 'account', keepers: [ANA] }] },
  });
  addFriend(sql, DORA, 'Dora');
  addFriend(sql, EVE, 'Eve');
  return {
    owner,
    device: deviceOfOwner(owner),
    sql,
    books: () => books,
    crash: () => {
      books = open();
    },
  };
}

export function chargedOf({ book }: TestKeeper): bigint {
  const account = book.account(ACCOUNT);
  return (account?.openBytes ?? 0n) + (account?.heldBytes ?? 0n);
}

/** What the counters should be, by going through everything. */
export function recounted({ sql }: TestKeeper): bigint {
  const row = sql
    .prepare<[], { bytes: bigint }>(
      `SELECT (SELECT coalesce(sum(bytes), 0) FROM account_promises WHERE state = 'open')
         + (SELECT coalesce(sum(bytes), 0) FROM account_held) AS bytes`,
    )
    .get();
  return row?.bytes ?? 0n;
}

export function held(host: TestHost): bigint {
  const row = host.sql
    .prepare<[], { bytes: bigint }>(
      "SELECT coalesce(sum(promised), 0) AS bytes FROM plots WHERE ground = 'account' AND state NOT IN ('released', 'gone')",
    )
    .get();
  return row?.bytes ?? 0n;
}
