import { z } from 'zod';
import { assert } from '../../../../shared/assert.ts';
import type { DeviceId, OwnerId, PlotId, RequestId } from '../../../../shared/ids.ts';
import type { NoteMovement } from '../../../../shared/contract/barter-views.ts';
import { DAY_MS } from '../../../../shared/units.ts';
import { denomination, keysetId } from '../../../../shared/wire/mint.ts';
import type { Keyset } from '../../../../shared/wire/mint.ts';
import type { Sql } from '../../database/open-database.ts';
import type { NoteLog } from '../note-log.ts';
import { base64url, type Issuer, keysetIdOf, type Note, unitsOf } from '../notes.ts';
import type { OrderBook } from '../orders/order-book.ts';
import type { OrderId } from '../orders/orders.ts';
import type { ReputationBook } from '../reputation-book.ts';
import type { Blind, Errand, ErrandEnd, HeldNote, WalletBook } from './wallet-book.ts';

type KeysetRow = {
  readonly id: string;
  readonly owner: OwnerId;
  readonly device: DeviceId;
  readonly public: Buffer;
  readonly expires_ms: bigint;
};
type NoteRow = KeysetRow & {
  readonly secret: Buffer;
  readonly keyset: string;
  readonly k: bigint;
  readonly output: Buffer;
};
type ErrandRow = {
  readonly request_id: RequestId;
  readonly kind: Errand['kind'];
  readonly owner: OwnerId;
  readonly device: DeviceId;
  readonly partner: OwnerId | null;
  readonly blinds: string;
  readonly message: string;
  readonly units: bigint;
  readonly plot: PlotId | null;
  readonly began_ms: bigint;
  readonly state: 'open' | ErrandEnd;
  readonly asked_hash: Buffer | null;
  readonly order_id: string | null;
};

const bytes = z.string().transform((text) => Buffer.from(text, 'base64url'));
const blindsSchema = z.array(
  z.object({ keyset: keysetId, k: denomination, secret: bytes, blind: bytes, point: bytes }),
);

/** An issuer shows no more at once; whoever makes a key for everybody he knows is not believed. */
const KEYSETS_MAX = 16;
/** Gifts of one friend whose issuer has not answered yet; each is asked for again and again. */
const ASKED_MOST = 32n;
/** Who asked for something may ask again for its end for as long. */
const DONE_KEPT_MS = 30 * DAY_MS;

/** See `wallet-book.ts`. */
export function openWalletBook(
  sql: Sql,
  {
    log,
    reputation,
    orders,
  }: {
    readonly log: Pick<NoteLog, 'append'>;
    readonly reputation: Pick<ReputationBook, 'honoured' | 'refused'>;
    /** Where instalments of standing orders are counted. */
    readonly orders: Pick<OrderBook, 'came'>;
  },
): WalletBook {
  const readKeyset = sql.prepare<[string], KeysetRow>('SELECT * FROM wallet_keysets WHERE id = ?');
  const countKeysets = sql.prepare<[string, number], { keysets: bigint }>(
    'SELECT count(*) AS keysets FROM wallet_keysets WHERE device = ? AND expires_ms > ?',
  );
  const insertKeyset = sql.prepare(
    `INSERT OR IGNORE INTO wallet_keysets (id, owner, device, public, expires_ms, seen_ms)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const readIssuers = sql.prepare<[number], { owner: OwnerId }>(
    'SELECT DISTINCT owner FROM wallet_keysets WHERE expires_ms > ? ORDER BY owner',
  );
  const readPurses = sql.prepare<
    [number],
    { owner: OwnerId; state: 'free' | 'held'; units: bigint; expires_ms: bigint }
  >(
    `SELECT owner, state, sum(1 << k) AS units, min(expires_ms) AS expires_ms
     FROM wallet_notes JOIN wallet_keysets ON wallet_keysets.id = keyset
     WHERE state IN ('free', 'held') AND expires_ms > ? GROUP BY owner, state ORDER BY owner`,
  );
  const readFree = sql.prepare<[string, number], NoteRow>(
    `SELECT * FROM wallet_notes JOIN wallet_keysets ON wallet_keysets.id = keyset
     WHERE owner = ? AND state = 'free' AND expires_ms > ? ORDER BY expires_ms, k DESC, secret`,
  );
  const readState = sql.prepare<[Uint8Array], { state: string }>(
    'SELECT state FROM wallet_notes WHERE secret = ?',
  );
  const hold = sql.prepare(
    "UPDATE wallet_notes SET state = 'held', errand = ? WHERE secret = ? AND state = 'free'",
  );
  const readCosts = sql.prepare<[string], { secret: Buffer }>(
    "SELECT secret FROM wallet_notes WHERE errand = ? AND state = 'held' ORDER BY secret",
  );
  const readHeld = sql.prepare<[string], NoteRow>(
    `SELECT * FROM wallet_notes JOIN wallet_keysets ON wallet_keysets.id = keyset
     WHERE errand = ? AND state = 'held' ORDER BY secret`,
  );
  const settleCosts = sql.prepare(
    "UPDATE wallet_notes SET state = ?, errand = NULL WHERE errand = ? AND state = 'held'",
  );
  const insertNote = sql.prepare(
    "INSERT INTO wallet_notes (secret, keyset, k, output, state) VALUES (?, ?, ?, ?, 'free')",
  );
  const insertErrand = sql.prepare(
    `INSERT INTO wallet_errands (request_id, kind, owner, device, partner, blinds, message, units, plot, began_ms,
       asked_by, asked_id, asked_hash, order_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const readErrand = sql.prepare<[string], ErrandRow>(
    'SELECT * FROM wallet_errands WHERE request_id = ?',
  );
  const readAsked = sql.prepare<[string, string], ErrandRow>(
    'SELECT * FROM wallet_errands WHERE asked_by = ? AND asked_id = ?',
  );
  const countAsked = sql.prepare<[string], { open: bigint }>(
    "SELECT count(*) AS open FROM wallet_errands WHERE state = 'open' AND asked_by = ?",
  );
  const readOpen = sql.prepare<[], ErrandRow>(
    "SELECT * FROM wallet_errands WHERE state = 'open' ORDER BY began_ms, request_id",
  );
  // What only I knew of it is in the notes now, or worth nothing.
  const endErrand = sql.prepare(
    "UPDATE wallet_errands SET state = ?, ended_ms = ?, blinds = '[]', message = 'null' WHERE request_id = ?",
  );
  const expireNotes = sql.prepare<[number], { keyset: string; k: bigint }>(
    `UPDATE wallet_notes SET state = 'expired' WHERE state = 'free' AND keyset IN
       (SELECT id FROM wallet_keysets WHERE expires_ms <= ?) RETURNING keyset, k`,
  );
  const dropErrands = sql.prepare(
    "DELETE FROM wallet_errands WHERE state <> 'open' AND ended_ms < ?",
  );
  const dropNotes = sql.prepare(
    `DELETE FROM wallet_notes WHERE state IN ('spent', 'expired') AND keyset IN
       (SELECT id FROM wallet_keysets WHERE expires_ms < ?)`,
  );

  function toErrand(row: ErrandRow): Errand {
    return {
      requestId: row.request_id,
      kind: row.kind,
      issuer: { owner: row.owner, device: row.device },
      with: row.partner ?? undefined,
      costs: readCosts.all(row.request_id).map(({ secret }) => secret),
      blinds: blindsSchema.parse(JSON.parse(row.blinds)),
      message: JSON.parse(row.message) as unknown,
      units: row.units,
      plot: row.plot ?? undefined,
      order: row.order_id ?? undefined,
      beganMs: Number(row.began_ms),
    };
  }

  function pin(issuer: Issuer, { keyset, key, expiresMs }: Keyset, nowMs: number): boolean {
    const publicKey = Buffer.from(key, 'base64url');
    if (keysetIdOf(issuer, publicKey, expiresMs) !== keyset) return false;
    if (readKeyset.get(keyset) !== undefined) return true;
    if ((countKeysets.get(issuer.device, nowMs)?.keysets ?? 0n) >= BigInt(KEYSETS_MAX))
      return false;
    return (
      insertKeyset.run(keyset, issuer.owner, issuer.device, publicKey, expiresMs, nowMs).changes ===
      1
    );
  }

  return {
    pin: ({ issuer, keysets, nowMs }) => keysets.filter((each) => pin(issuer, each, nowMs)),
    keyset: (id) => {
      const row = readKeyset.get(id);
      return row === undefined ? undefined : toKeyset(row);
    },
    issuers: ({ nowMs }) => readIssuers.all(nowMs).map(({ owner }) => owner),
    purses: ({ nowMs }) => {
      const purses = new Map<OwnerId, { free: bigint; held: bigint; expiresMs: number }>();
      for (const { owner, state, units, expires_ms } of readPurses.all(nowMs)) {
        const purse = purses.get(owner) ?? { free: 0n, held: 0n, expiresMs: Number(expires_ms) };
        purse[state] += units;
        purse.expiresMs = Math.min(purse.expiresMs, Number(expires_ms));
        purses.set(owner, purse);
      }
      return [...purses].map(([owner, { free, held, expiresMs }]) => ({
        owner,
        freeUnits: free,
        heldUnits: held,
        expiresMs,
      }));
    },
    free: ({ owner, nowMs }) => readFree.all(owner, nowMs).map(toNote),
    begin: (errand) => {
      if (!errand.costs.every((secret) => readState.get(secret)?.state === 'free')) return false;
      const { asked } = errand;
      if (asked !== undefined && readAsked.get(asked.by, asked.id) !== undefined) return false;
      if (asked !== undefined && (countAsked.get(asked.by)?.open ?? 0n) >= ASKED_MOST) return false;
      write(errand);
      return true;
    },
    instead: ({ requestId, errands, verdict, atMs }) => {
      const row = readErrand.get(requestId);
      if (row?.state !== 'open') return false;
      if (verdict !== undefined) reputation.refused({ issuer: row.owner, atMs });
      settleCosts.run('free', requestId);
      endErrand.run('undone', atMs, requestId);
      for (const errand of errands) write(errand);
      return true;
    },
    held: (requestId) => readHeld.all(requestId).map(toNote),
    open: () => readOpen.all().map(toErrand),
    errand: (requestId) => {
      const row = readErrand.get(requestId);
      return row === undefined ? undefined : toErrand(row);
    },
    asked: ({ by, id, hash }) => {
      const row = readAsked.get(by, id);
      if (row === undefined) return undefined;
      if (row.asked_hash === null || Buffer.compare(row.asked_hash, hash) !== 0) return 'reused';
      return { requestId: row.request_id, state: row.state };
    },
    end: ({ requestId, end, brought, verdict, atMs }) => {
      const row = readErrand.get(requestId);
      // Tried twice at once, and both have come to an end: the first one counts.
      if (row === undefined || row.state !== 'open') return;
      settleCosts.run(end === 'undone' ? 'free' : 'spent', requestId);
      for (const { secret, keyset, k, output } of brought)
        insertNote.run(secret, keyset, k, output);
      endErrand.run(end, atMs, requestId);
      if (verdict === 'honoured') reputation.honoured({ issuer: row.owner, atMs });
      if (verdict === 'refused') reputation.refused({ issuer: row.owner, atMs });
      const { owner: friend, order_id: order, units } = row;
      if (end === 'done' && order !== null)
        orders.came({ id: order as OrderId, friend, units, atMs });
      const movement = movementOf(row, end);
      if (movement === undefined) return;
      log.append({
        movement,
        issuer: row.owner,
        with: row.partner ?? undefined,
        units: row.units,
        plot: row.plot ?? undefined,
        atMs,
      });
    },
    tidy: ({ nowMs }) => {
      const gone = new Map<string, bigint>();
      for (const { keyset, k } of expireNotes.all(nowMs))
        gone.set(keyset, (gone.get(keyset) ?? 0n) + unitsOf(Number(k)));
      for (const [keyset, units] of gone) {
        const issuer = readKeyset.get(keyset)?.owner;
        if (issuer === undefined) continue;
        log.append({ movement: 'expired', issuer, with: undefined, units, atMs: nowMs });
      }
      dropErrands.run(nowMs - DONE_KEPT_MS);
      dropNotes.run(nowMs - DONE_KEPT_MS);
    },
  };

  function write(errand: Errand): void {
    const { requestId, issuer, asked } = errand;
    for (const secret of errand.costs)
      assert(hold.run(requestId, secret).changes === 1, 'what is set aside was free');
    insertErrand.run(
      requestId,
      errand.kind,
      issuer.owner,
      issuer.device,
      errand.with ?? null,
      JSON.stringify(errand.blinds.map(toText)),
      JSON.stringify(errand.message),
      errand.units,
      errand.plot ?? null,
      errand.beganMs,
      asked?.by ?? null,
      asked?.id ?? null,
      asked?.hash ?? null,
      errand.order ?? null,
    );
  }
}

/** What a person reads of it afterwards. */
function movementOf(
  { kind, partner }: Pick<ErrandRow, 'kind' | 'partner'>,
  end: ErrandEnd,
): NoteMovement | undefined {
  if (end === 'undone') return undefined;
  switch (kind) {
    case 'withdraw':
      return end === 'done' ? 'withdrawn' : undefined;
    case 'change':
      return end === 'done' ? 'returned' : undefined;
    case 'swap':
      return 'swapped';
    case 'receive':
      return end === 'done' ? 'received' : undefined;
    case 'send':
      return 'sent';
    case 'pay':
      return 'paid';
    default:
      // Taken back: nothing has moved. Spent: what they were set aside for has come about.
      if (end !== 'spent') return undefined;
      return partner === null ? 'paid' : 'sent';
  }
}

function toText({ keyset, k, secret, blind, point }: Blind): unknown {
  return {
    keyset,
    k,
    secret: base64url(secret),
    blind: base64url(blind),
    point: base64url(point),
  };
}

function toKeyset(row: KeysetRow): Keyset & Issuer {
  const { owner, device } = row;
  return {
    keyset: row.id,
    key: base64url(row.public),
    expiresMs: Number(row.expires_ms),
    owner,
    device,
  };
}

function toNote(row: NoteRow): HeldNote {
  const { owner, device, secret, keyset, output } = row;
  const note: Note = { keyset, k: Number(row.k), secret, output };
  return { ...note, owner, device, expiresMs: Number(row.expires_ms) };
}
