import { randomBytes } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import type { PlotId, TicketId } from '../../shared/ids.ts';
import { type AccountBook, openAccountBook } from './accounts/account-book.ts';
import { type HostedBook, openHostedBook } from './accounts/hosted-book.ts';
import { type MembershipBook, openMembershipBook } from './accounts/membership-book.ts';
import { type CopyBook, openCopyBook } from './backup/copies/book.ts';
import { openRecoveryBook, type RecoveryBook } from './backup/recovery/recovery-book.ts';
import { openRestoreBook, type RestoreBook } from './backup/restore-book.ts';
import { openSetBook, type SetBook } from './backup/set-book.ts';
import { type BarterBooks, openBarterBooks } from './barter/open-books.ts';
import type { Issuer } from './barter/notes.ts';
import { type HoldingsBook, openHoldingsBook } from './client/holdings/holdings-book.ts';
import { openUpkeepNotes, type UpkeepNotes } from './client/holdings/upkeep-notes.ts';
import { openWishBook, type WishBook } from './client/asking/wish-book.ts';
import { type NetworkBook, openNetworkBook } from './discovery/network-book.ts';
import { fileMark } from './database/book-mark.ts';
import { openDatabase, problemOf } from './database/open-database.ts';
import { type Hello, serveBooks } from './database/thread.ts';
import { type FriendBook, openFriendBook } from './friends/friend-book.ts';
import { toBase32 } from './identity/base32.ts';
import { deviceSigner } from './identity/device-key.ts';
import type { Ledger } from './ledger/ledger.ts';
import { openLedger } from './ledger/open-ledger.ts';
import { type KeptBook, openKeptBook, openReciprocalGround } from './reciprocity/kept-book.ts';
import { openUsageBook, type UsageBook } from './usage/usage-book.ts';
import { type GuestBook, openGuestBook } from './vouchers/guest-book.ts';
import { openVoucherBook, type VoucherBook } from './vouchers/voucher-book.ts';
import { openVoucherGround } from './vouchers/voucher-ground.ts';
import { type NoticeBook, openNoticeBook } from './notices/notice-book.ts';

/** What the thread of the books needs to begin. */
export type BooksStart = {
  readonly file: string;
  readonly keyPem: string;
  /** Whose notes the mint's are. */
  readonly issuer: Issuer;
  /** Where the mint's mark lies, and that of the account book (`database/book-mark.ts`). */
  readonly mark: string;
  readonly accountMark: string;
};

/** The books as their threads know them. */
export type Books = {
  readonly ledger: Ledger;
  readonly friends: FriendBook;
  readonly holdings: HoldingsBook;
  readonly sets: SetBook;
  readonly copies: CopyBook;
  readonly restores: RestoreBook;
  readonly recovery: RecoveryBook;
  readonly usage: UsageBook;
  readonly notices: NoticeBook;
  readonly networks: NetworkBook;
  readonly wishes: WishBook;
  readonly accounts: AccountBook;
  readonly hosted: HostedBook;
  readonly memberships: MembershipBook;
  readonly vouchers: VoucherBook;
  readonly guests: GuestBook;
  readonly kept: KeptBook;
  readonly upkeep: UpkeepNotes;
} & BarterBooks;

/** A plot's id, and a ticket, is 128 random bits. */
const PLOT_ID_BYTES = 16;

function serve({ file, keyPem, issuer, mark, accountMark }: BooksStart): void {
  const opened = openDatabase(file);
  if (!opened.ok) {
    parentPort?.postMessage({ ready: false, fault: opened.fault } satisfies Hello);
    return;
  }
  const sql = opened.value;
  const hosted = openHostedBook(sql);
  const barter = openBarterBooks(sql, {
    issuer,
    mark,
    totals: (call) => ledger.totals(call),
  });
  const grounds = [openVoucherGround(sql), openReciprocalGround(sql), hosted.ground, barter.ground];
  const minting = {
    newPlotId: () => toBase32(randomBytes(PLOT_ID_BYTES)) as PlotId,
    newTicketId: () => toBase32(randomBytes(PLOT_ID_BYTES)) as TicketId,
    sign: deviceSigner(keyPem),
  };
  const ledger: Ledger = openLedger(sql, minting, grounds);
  const friends = openFriendBook(sql, ledger.endAll);
  const holdings = openHoldingsBook(sql);
  const sets = openSetBook(sql);
  const books: Books = {
    ledger,
    friends,
    holdings,
    sets,
    recovery: openRecoveryBook(sql, { sets, holdings }),
    copies: openCopyBook(sql),
    restores: openRestoreBook(sql),
    usage: openUsageBook(sql, ledger),
    notices: openNoticeBook(sql),
    networks: openNetworkBook(sql),
    wishes: openWishBook(sql),
    accounts: openAccountBook(sql, { mark: fileMark(accountMark), ledger }),
    hosted: hosted.book,
    memberships: openMembershipBook(sql),
    vouchers: openVoucherBook(sql),
    guests: openGuestBook(sql, { friends, ledger }),
    kept: openKeptBook(sql),
    upkeep: openUpkeepNotes(sql),
    ...barter.books,
  };
  serveBooks(sql, books);
}

try {
  serve(workerData as BooksStart);
} catch (error) {
  // What lies beside the books could not be read or written.
  const fault = problemOf(error);
  if (fault === undefined) throw error;
  parentPort?.postMessage({ ready: false, fault } satisfies Hello);
}
