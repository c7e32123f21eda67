import type { DeviceId, OwnerId, PlotId, TicketId } from '../../shared/ids.ts';
import { type AccountBook, openAccountBook } from '../../electron/core/accounts/account-book.ts';
import { type HostedBook, openHostedBook } from '../../electron/core/accounts/hosted-book.ts';
import { type MintMeans, openMintStore } from '../../electron/core/barter/mint/mint-store.ts';
import type { MintBook } from '../../electron/core/barter/mint/mint-book.ts';
import { openNoteLog } from '../../electron/core/barter/note-log.ts';
import { openNotesGroundBook } from '../../electron/core/barter/mint/notes-ground-book.ts';
import { openMintBook } from '../../electron/core/barter/mint/open-mint-book.ts';
import {
  type HoldingsBook,
  openHoldingsBook,
} from '../../electron/core/client/holdings/holdings-book.ts';
import { openDatabase, type Sql } from '../../electron/core/database/open-database.ts';
import { type FriendBook, openFriendBook } from '../../electron/core/friends/friend-book.ts';
import type { Ledger } from '../../electron/core/ledger/ledger.ts';
import { openLedger } from '../../electron/core/ledger/open-ledger.ts';
import { openReciprocalGround } from '../../electron/core/reciprocity/kept-book.ts';
import { openUsageBook, type UsageBook } from '../../electron/core/usage/usage-book.ts';
import { openVoucherGround } from '../../electron/core/vouchers/voucher-ground.ts';
import { type GuestBook, openGuestBook } from '../../electron/core/vouchers/guest-book.ts';
import { testOwnerId, testPlotId } from '../fakes/test-ledger.ts';

/** All books of one person's device, as its thread has them, in memory; ids say which home gave them away. */
export type YearHome = {
  readonly owner: OwnerId;
  readonly device: DeviceId;
  readonly sql: Sql;
  /** In a transaction of its own, like every call between threads. */
  readonly run: <T>(act: (books: YearBooks) => T) => T;
  readonly holdings: HoldingsBook;
};
export type YearBooks = {
  readonly ledger: Ledger;
  readonly friends: FriendBook;
  readonly guests: GuestBook;
  readonly usage: UsageBook;
  readonly mint: MintBook;
  readonly hosted: HostedBook;
  readonly accounts: AccountBook;
};

/** No two homes give the same id away. */
const IDS_EACH = 1_000_000;

export function openYearHome(number: number): YearHome {
  const opened = openDatabase(':memory:');
  if (!opened.ok) throw new Error(`no books: ${opened.fault.code}`);
  const sql = opened.value;
  const owner = testOwnerId(number);
  const device = owner as string as DeviceId;
  let ids = number * IDS_EACH;
  const newId = () => {
    ids += 1;
    return testPlotId(ids);
  };
  let mark: ReturnType<MintMeans['mark']['read']>;
  let accountMark: ReturnType<MintMeans['mark']['read']>;
  const hosted = openHostedBook(sql);
  const log = openNoteLog(sql);
  const store = openMintStore(sql, {
    issuer: { owner, device },
    newKeys: () => {
      ids += 1;
      const key = Buffer.alloc(32);
      key.writeUInt32LE(ids);
      return { secretKey: key, publicKey: key };
    },
    newId,
    mark: {
      read: () => mark,
      write: (next) => {
        mark = next;
      },
    },
  });
  const minting = {
    newPlotId: newId as () => PlotId,
    newTicketId: () => newId() as string as TicketId,
    sign: () => new Uint8Array([1]),
  };
  const ledger: Ledger = openLedger(sql, minting, [
    openVoucherGround(sql),
    openReciprocalGround(sql),
    hosted.ground,
    openNotesGroundBook(sql, { store, log }),
  ]);
  const friends = openFriendBook(sql, ledger.endAll);
  const mint = openMintBook(sql, { store, log, totals: (call) => ledger.totals(call) });
  const books: YearBooks = {
    ledger,
    friends,
    guests: openGuestBook(sql, { friends, ledger }),
    usage: openUsageBook(sql, ledger),
    mint,
    hosted: hosted.book,
    accounts: openAccountBook(sql, {
      mark: {
        read: () => accountMark,
        write: (next) => {
          accountMark = next;
        },
      },
      ledger,
    }),
  };
  const transact = sql.transaction((act: (all: YearBooks) => unknown) => act(books));
  return {
    owner,
    device,
    sql,
    holdings: openHoldingsBook(sql),
    run: <T>(act: (all: YearBooks) => T): T => {
      const value = transact.immediate(act) as T;
      mint.confirm({ count: mint.count() });
      return value;
    },
  };
}
