import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HostedBook, openHostedBook } from '../../../../electron/core/accounts/hosted-book.ts';
import type { MintBook } from '../../../../electron/core/barter/mint/mint-book.ts';
import { type MintMeans, openMintStore } from '../../../../electron/core/barter/mint/mint-store.ts';
import { openNoteLog } from '../../../../electron/core/barter/note-log.ts';
import { openNotesGroundBook } from '../../../../electron/core/barter/mint/notes-ground-book.ts';
import { openMintBook } from '../../../../electron/core/barter/mint/open-mint-book.ts';
import { openDatabase, type Sql } from '../../../../electron/core/database/open-database.ts';
import { type FriendBook, openFriendBook } from '../../../../electron/core/friends/friend-book.ts';
import type { Ledger } from '../../../../electron/core/ledger/ledger.ts';
import { openLedger } from '../../../../electron/core/ledger/open-ledger.ts';
import {
  type KeptBook,
  openKeptBook,
  openReciprocalGround,
} from '../../../../electron/core/reciprocity/kept-book.ts';
import { type GuestBook, openGuestBook } from '../../../../electron/core/vouchers/guest-book.ts';
import {
  openVoucherBook,
  type VoucherBook,
} from '../../../../electron/core/vouchers/voucher-book.ts';
import { openVoucherGround } from '../../../../electron/core/vouchers/voucher-ground.ts';
import type { DeviceId, OwnerId, TicketId } from '../../../../shared/ids.ts';
import type { GroundKind } from '../../../../shared/model/policy.ts';
import { testOwnerId, testPlotId, testRequestId } from '../../../fakes/test-ledger.ts';

/**
 * All books of one host in a file, as its thread of the books has them, and a program that can end at any moment:
 * before any write inside a call, or after the call and before anybody heard of it. What is opened then is what
 * lies on the disk at that very moment.
 */
export type EngineBooks = {
  readonly sql: Sql;
  readonly ledger: Ledger;
  readonly friends: FriendBook;
  readonly guests: GuestBook;
  readonly vouchers: VoucherBook;
  readonly kept: KeptBook;
  readonly mint: MintBook;
  readonly hosted: HostedBook;
  readonly counted: Counted;
};
/** What the books have counted, as they have it, and what the log of decisions says. */
export type Counted = {
  readonly uses: () => readonly Use[];
  readonly vouched: () => readonly Vouched[];
  readonly replayed: () => bigint;
};
export type Use = {
  readonly owner: OwnerId;
  readonly ground: GroundKind;
  readonly promised: bigint;
  readonly plots: bigint;
  readonly lent: bigint;
  readonly written: bigint;
};
type Vouched = {
  readonly introducer: OwnerId;
  readonly ground: GroundKind;
  readonly promised: bigint;
};
export type Engine = {
  readonly books: () => EngineBooks;
  /** In a transaction of its own; `isRepeatable`: whoever asked, and heard nothing, asks the same again. */
  readonly call: <T>(act: (books: EngineBooks) => T, isRepeatable?: boolean) => T;
  readonly close: () => void;
};

export const HOST = testOwnerId(900);
export const DEVICE = HOST as string as DeviceId;

class Crash extends Error {}

export function openTemplate(): { readonly folder: string; readonly file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'allotment-engine-'));
  const file = join(folder, 'template');
  open(file).close();
  return { folder, file };
}

function open(file: string): Sql {
  const opened = openDatabase(file);
  if (!opened.ok) throw new Error(`cannot open ${file}: ${opened.fault.code}`);
  // A program that is killed leaves what it has written to the system; only a power cut would need more.
  opened.value.pragma('synchronous = OFF');
  return opened.value;
}

export function openEngine(
  template: string,
  file: string,
  {
    crashes,
    crashed,
  }: {
    /** Before which write it ends; undefined: it does not. */
    readonly crashes: () => number | undefined;
    /** It was opened again; `isDone`: the call it was at had been done. */
    readonly crashed: (isDone: boolean) => void;
  },
): Engine {
  let present = `${file}-0`;
  let opens = 0;
  let ids = 0;
  let mark: ReturnType<MintMeans['mark']['read']>;
  /** Writes left until the program ends. */
  let fuse = Number.POSITIVE_INFINITY;
  copyFileSync(template, present);
  const newId = () => {
    ids += 1;
    return testPlotId(ids);
  };

  /** What a killed program leaves is copied while its transaction is still open. */
  function leave(): string {
    opens += 1;
    const next = `${file}-${opens}`;
    copyFileSync(present, next);
    if (existsSync(`${present}-wal`)) copyFileSync(`${present}-wal`, `${next}-wal`);
    return next;
  }

  let left: string | undefined;
  function fused(sql: Sql): Sql {
    const prepare = sql.prepare.bind(sql) as (text: string) => ReturnType<Sql['prepare']>;
    const counted = (text: string) => {
      const statement = prepare(text);
      type Run = (...args: unknown[]) => ReturnType<typeof statement.run>;
      const run = statement.run.bind(statement) as Run;
      statement.run = (...args: unknown[]) => {
        fuse -= 1;
        if (fuse === 0) {
          left = leave();
          throw new Crash('the program ends here');
        }
        return run(...args);
      };
      return statement;
    };
    sql.prepare = counted as typeof sql.prepare;
    return sql;
  }

  function openBooks(): EngineBooks {
    const sql = fused(open(present));
    const hosted = openHostedBook(sql);
    const log = openNoteLog(sql);
    const store = openMintStore(sql, {
      issuer: { owner: HOST, device: DEVICE },
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
      newPlotId: newId,
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
    return {
      sql,
      ledger,
      friends,
      guests: openGuestBook(sql, { friends, ledger }),
      vouchers: openVoucherBook(sql),
      kept: openKeptBook(sql),
      mint: openMintBook(sql, { store, log, totals: (call) => ledger.totals(call) }),
      hosted: hosted.book,
      counted: openCounted(sql),
    };
  }

  let books = openBooks();

  function transact<T>(act: (books: EngineBooks) => T): T {
    const { sql, mint } = books;
    const value = sql.transaction(() => act(books)).immediate();
    mint.confirm({ count: mint.count() });
    return value;
  }

  /** What it would have done next does not happen. */
  function reopen(next: string): void {
    fuse = Number.POSITIVE_INFINITY;
    left = undefined;
    books.sql.close();
    present = next;
    books = openBooks();
  }

  return {
    books: () => books,
    call: (act, isRepeatable = false) => {
      const at = crashes();
      if (at === undefined) return transact(act);
      fuse = at;
      try {
        const value = transact(act);
        reopen(leave());
        crashed(true);
        return isRepeatable ? transact(act) : value;
      } catch (error) {
        if (!(error instanceof Crash) || left === undefined) throw error;
        reopen(left);
        crashed(false);
        return transact(act);
      }
    },
    close: () => books.sql.close(),
  };
}

function openCounted(sql: Sql): Counted {
  const uses = sql.prepare<[], Use>('SELECT * FROM usage WHERE plots > 0');
  const vouched = sql.prepare<[], Vouched>('SELECT * FROM vouched WHERE plots > 0');
  const replayed = sql.prepare<[], { readonly sum: bigint }>(
    'SELECT coalesce(sum(promised_delta), 0) AS sum FROM decisions',
  );
  return {
    uses: () => uses.all(),
    vouched: () => vouched.all(),
    replayed: () => replayed.get()?.sum ?? 0n,
  };
}

export function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

let promises = 0;
/** 128 bits in base64url. */
export function newPromise(): string {
  promises += 1;
  return testRequestId(1_000_000 + promises);
}
