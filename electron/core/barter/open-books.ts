import { randomBytes } from 'node:crypto';
import { fileMark } from '../database/book-mark.ts';
import type { Sql } from '../database/open-database.ts';
import { toBase32 } from '../identity/base32.ts';
import type { GroundBook } from '../ledger/ground-book.ts';
import type { DiskFacts, Totals } from '../ledger/ledger.ts';
import { newNoteKeys } from './blind-notes.ts';
import { type ChoicesBook, openChoicesBook } from './choices-book.ts';
import type { MintBook } from './mint/mint-book.ts';
import { openMintStore } from './mint/mint-store.ts';
import { type NoteLog, openNoteLog } from './note-log.ts';
import type { Issuer } from './notes.ts';
import { openNotesGroundBook } from './mint/notes-ground-book.ts';
import { openMintBook } from './mint/open-mint-book.ts';
import { openWalletBook } from './wallet/open-wallet-book.ts';
import { type OrderBook, openOrderBook } from './orders/order-book.ts';
import { openReputationBook, type ReputationBook } from './reputation-book.ts';
import type { WalletBook } from './wallet/wallet-book.ts';

export type BarterBooks = {
  readonly mint: MintBook;
  readonly wallet: WalletBook;
  readonly orders: OrderBook;
  readonly noteLog: NoteLog;
  readonly reputation: ReputationBook;
  readonly barterChoices: ChoicesBook;
};

const ID_BYTES = 16;

/** The books of barter in the thread of the books, and the one behind the ground of notes. */
export function openBarterBooks(
  sql: Sql,
  {
    issuer,
    mark,
    totals,
  }: {
    readonly issuer: Issuer;
    /** A file. */
    readonly mark: string;
    readonly totals: (call: { readonly disk: DiskFacts }) => Totals;
  },
): { readonly books: BarterBooks; readonly ground: GroundBook } {
  const log = openNoteLog(sql);
  const reputation = openReputationBook(sql);
  const orders = openOrderBook(sql);
  const store = openMintStore(sql, {
    issuer,
    newKeys: newNoteKeys,
    newId: () => toBase32(randomBytes(ID_BYTES)),
    mark: fileMark(mark),
  });
  return {
    books: {
      mint: openMintBook(sql, { store, log, totals }),
      wallet: openWalletBook(sql, { log, reputation, orders }),
      orders,
      noteLog: log,
      reputation,
      barterChoices: openChoicesBook(sql),
    },
    ground: openNotesGroundBook(sql, { store, log }),
  };
}
