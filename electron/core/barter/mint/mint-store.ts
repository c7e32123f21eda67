import { assert } from '../../../../shared/assert.ts';
import type { DenialCode } from '../../../../shared/denial.ts';
import type { OwnerId, PlotId } from '../../../../shared/ids.ts';
import { UNIT_BYTES } from '../../../../shared/model/notes.ts';
import type { Moment } from '../../../../shared/model/moment.ts';
import { DAY_MS, DAY_S, HOUR_MS } from '../../../../shared/units.ts';
import type { Claim } from '../../../../shared/wire/mint.ts';
import { type BookMark, markedBook } from '../../database/book-mark.ts';
import type { Sql } from '../../database/open-database.ts';
import type { CheckedNote } from './mint-book.ts';
import { type Issuer, keysetIdOf, unitsOf } from '../notes.ts';

/** What a mint is opened with. */
export type MintMeans = {
  readonly issuer: Issuer;
  readonly newKeys: () => { readonly secretKey: Uint8Array; readonly publicKey: Uint8Array };
  readonly newId: () => string;
  readonly mark: BookMark;
};

export type KeysetRow = {
  readonly id: string;
  readonly public: Buffer;
  readonly secret: Buffer;
  readonly expires_ms: bigint;
  readonly state: 'live' | 'ended' | 'closed';
  readonly issued: bigint;
  readonly redeemed: bigint;
};

export type TotalsRow = {
  readonly issued: bigint;
  readonly redeemed: bigint;
  readonly expired: bigint;
  readonly owed: bigint;
  readonly count: bigint;
};

/**
 * The tables of the mint, for the book that friends' calls go to and for the ground: what was issued, what came
 * back, what is owed.
 */
export type MintStore = {
  /** Closes what an older copy had issued, once; everything that reads or writes notes begins with it. */
  readonly trust: (moment: Moment) => void;
  readonly totals: () => TotalsRow;
  /** What notes and claims keep free, and what unused plots would give back beyond what they are promised. */
  readonly outstandingBytes: () => bigint;
  readonly live: (moment: Moment) => readonly KeysetRow[];
  /** The one that notes are made with now; a new one every 30 days. */
  readonly current: (moment: Moment) => KeysetRow;
  /** What speaks against taking these in. */
  readonly problemOf: (notes: readonly CheckedNote[], moment: Moment) => DenialCode | undefined;
  /** Takes notes in, for good or for a plot; they were looked at in the same savepoint. */
  readonly take: (notes: readonly CheckedNote[], plot: PlotId | undefined) => void;
  /** What was held for a plot is spent. */
  readonly spend: (plot: PlotId) => void;
  readonly owe: (debt: {
    readonly owner: OwnerId;
    readonly units: bigint;
    readonly keyset?: string | undefined;
    readonly plot?: PlotId | undefined;
    readonly why: Claim['why'];
    readonly order?: string | undefined;
    readonly part?: number | undefined;
    readonly moment: Moment;
  }) => string;
  /** Written before anything is issued or taken in. */
  readonly step: () => void;
  readonly confirm: (count: number) => void;
};

/** A keyset is used for 30 days, and its notes run for 90. */
const LIFE_S = 90 * DAY_S;
const USE_S = 30 * DAY_S;
/** A holder whose clock is late by less than this is not sent away. */
const SKEW_MS = HOUR_MS;

export function openMintStore(sql: Sql, { issuer, newKeys, newId, mark }: MintMeans): MintStore {
  const readTotals = sql.prepare<[], TotalsRow>(
    'SELECT issued, redeemed, expired, owed, count FROM mint_totals',
  );
  const readOutstanding = sql.prepare<[], { units: bigint }>(
    'SELECT issued - redeemed - expired + owed AS units FROM mint_totals',
  );
  // A long lease costs more than it keeps free: unused, all of it would come back as notes.
  const readHeldOver = sql.prepare<[bigint], { bytes: bigint }>(
    `SELECT coalesce(sum(max(0, held.units * ? - plots.promised)), 0) AS bytes FROM (
       SELECT plot, sum(units) AS units FROM mint_plot_holds JOIN mint_keysets ON mint_keysets.id = keyset
       WHERE state = 'live' GROUP BY plot
     ) AS held JOIN plots ON plots.id = held.plot`,
  );
  const setCount = sql.prepare('UPDATE mint_totals SET count = ?');
  const setClosed = sql.prepare('UPDATE mint_totals SET closed_ms = ?');
  const readClosedMs = sql.prepare<[], { closed_ms: bigint | null }>(
    'SELECT closed_ms FROM mint_totals',
  );
  const closeKeysets = sql.prepare("UPDATE mint_keysets SET state = 'closed' WHERE state = 'live'");
  const voidClaims = sql.prepare("UPDATE mint_claims SET state = 'void' WHERE state = 'open'");
  const dropHolds = sql.prepare('DELETE FROM mint_plot_holds');
  const readLive = sql.prepare<[number], KeysetRow>(
    "SELECT * FROM mint_keysets WHERE state = 'live' AND expires_ms > ? ORDER BY expires_ms DESC",
  );
  const readKeyset = sql.prepare<[string], KeysetRow>('SELECT * FROM mint_keysets WHERE id = ?');
  const readEnd = sql.prepare<[number], { id: string }>(
    'SELECT id FROM mint_keysets WHERE expires_ms = ?',
  );
  const insertKeyset = sql.prepare(
    'INSERT INTO mint_keysets (id, public, secret, begun_ms, expires_ms) VALUES (?, ?, ?, ?, ?)',
  );
  const readSpent = sql.prepare<[string, Uint8Array], { state: string }>(
    'SELECT state FROM mint_spent WHERE keyset = ? AND nullifier = ?',
  );
  const insertSpent = sql.prepare(
    'INSERT INTO mint_spent (keyset, nullifier, units, state, plot) VALUES (?, ?, ?, ?, ?)',
  );
  const spendHeld = sql.prepare(
    "UPDATE mint_spent SET state = 'spent' WHERE plot = ? AND state = 'held'",
  );
  const insertClaim = sql.prepare(
    `INSERT INTO mint_claims (id, owner, units, keyset, plot, why, order_id, part, made_ms, made_service)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );

  const marked = markedBook({
    mark,
    read: () => Number(totals().count),
    write: (count) => void setCount.run(count),
  });

  function totals(): TotalsRow {
    const row = readTotals.get();
    assert(row !== undefined, 'the totals are a row of the schema');
    return row;
  }

  function trust({ nowMs }: Moment): void {
    if (!marked.isOlder()) return;
    closeKeysets.run();
    voidClaims.run();
    dropHolds.run();
    setClosed.run(nowMs);
    marked.begin();
  }

  function live({ nowMs }: Moment): readonly KeysetRow[] {
    return readLive.all(nowMs - SKEW_MS);
  }

  function current(moment: Moment): KeysetRow {
    const { nowMs } = moment;
    const inUse = readLive.all(nowMs).find(({ expires_ms }) => {
      const leftS = (Number(expires_ms) - nowMs) / 1000;
      return leftS > LIFE_S - USE_S && leftS <= LIFE_S + 2 * DAY_S;
    });
    if (inUse !== undefined) return inUse;
    const { publicKey, secretKey } = newKeys();
    // Ends with a day, so that it says nothing about when or for whom it was begun.
    const endMs = (fromMs: number) => Math.ceil((fromMs + LIFE_S * 1000) / DAY_MS) * DAY_MS;
    let expiresMs = endMs(nowMs);
    // An older copy that was closed today may have forgotten one that was begun today.
    if (endMs(Number(readClosedMs.get()?.closed_ms ?? 0n)) === expiresMs) expiresMs += DAY_MS;
    while (readEnd.get(expiresMs) !== undefined) expiresMs += DAY_MS;
    const id = keysetIdOf(issuer, publicKey, expiresMs);
    insertKeyset.run(id, publicKey, secretKey, nowMs, expiresMs);
    const made = readKeyset.get(id);
    assert(made !== undefined, 'what was written is there');
    return made;
  }

  function problemOf(notes: readonly CheckedNote[], moment: Moment): DenialCode | undefined {
    const runs = new Set(live(moment).map(({ id }) => id));
    const seen = new Set<string>();
    for (const { keyset, secret, unseen } of notes) {
      const row = readKeyset.get(keyset);
      if (row === undefined) return 'notes-bad';
      if (!runs.has(keyset) || unseen === true) return 'keyset-expired';
      const name = `${keyset}.${Buffer.from(secret).toString('hex')}`;
      if (seen.has(name) || readSpent.get(keyset, secret) !== undefined) return 'notes-spent';
      seen.add(name);
    }
    return undefined;
  }

  return {
    trust,
    totals,
    outstandingBytes: () =>
      (readOutstanding.get()?.units ?? 0n) * UNIT_BYTES +
      (readHeldOver.get(UNIT_BYTES)?.bytes ?? 0n),
    live,
    current,
    problemOf,
    take: (notes, plot) => {
      for (const { keyset, k, secret } of notes)
        insertSpent.run(
          keyset,
          secret,
          unitsOf(k),
          plot === undefined ? 'spent' : 'held',
          plot ?? null,
        );
    },
    spend: (plot) => void spendHeld.run(plot),
    owe: ({ owner, units, keyset, plot, why, order, part, moment }) => {
      const id = newId();
      insertClaim.run(
        id,
        owner,
        units,
        keyset ?? null,
        plot ?? null,
        why,
        order ?? null,
        part ?? null,
        moment.nowMs,
        moment.serviceS,
      );
      return id;
    },
    step: marked.step,
    confirm: marked.confirm,
  };
}
