import type { OwnerId } from '../../../shared/ids.ts';
import type { Sql } from '../database/open-database.ts';
import { numberOf } from '../database/number-of.ts';

/** How an issuer has honoured his notes, as this device has seen it; nobody else's word counts. */
export type Reputation = {
  readonly issuer: OwnerId;
  readonly honoured: number;
  readonly refused: number;
  readonly lastHonouredMs: number | undefined;
  readonly lastRefusedMs: number | undefined;
  /** Refusals since notes of his were last honoured. */
  readonly refusedInARow: number;
  /** What the owner says that one of his units is worth; undefined: as it comes. */
  readonly ownRate: number | undefined;
};

/**
 * Fed by payments and swaps. A refusal counts against the issuer only where he had given the notes himself or had
 * swapped them before: what a third person sent and what then turns out to be spent is that person's doing.
 */
export type ReputationBook = {
  readonly honoured: (call: { readonly issuer: OwnerId; readonly atMs: number }) => void;
  readonly refused: (call: { readonly issuer: OwnerId; readonly atMs: number }) => void;
  /** Null takes the owner's word back. */
  readonly setOwnRate: (call: { readonly issuer: OwnerId; readonly rate: number | null }) => void;
  readonly reputations: () => readonly Reputation[];
};

type Row = {
  readonly issuer: OwnerId;
  readonly honoured: bigint;
  readonly refused: bigint;
  readonly last_honoured_ms: bigint | null;
  readonly last_refused_ms: bigint | null;
  readonly refused_in_a_row: bigint;
  readonly own_rate: number | null;
};

export function openReputationBook(sql: Sql): ReputationBook {
  const honoured = sql.prepare(
    `INSERT INTO note_issuers (issuer, honoured, last_honoured_ms) VALUES (?, 1, ?)
     ON CONFLICT (issuer) DO UPDATE SET honoured = honoured + 1, refused_in_a_row = 0,
       last_honoured_ms = excluded.last_honoured_ms`,
  );
  const refused = sql.prepare(
    `INSERT INTO note_issuers (issuer, refused, refused_in_a_row, last_refused_ms) VALUES (?, 1, 1, ?)
     ON CONFLICT (issuer) DO UPDATE SET refused = refused + 1, refused_in_a_row = refused_in_a_row + 1,
       last_refused_ms = excluded.last_refused_ms`,
  );
  const setRate = sql.prepare(
    `INSERT INTO note_issuers (issuer, own_rate) VALUES (?, ?)
     ON CONFLICT (issuer) DO UPDATE SET own_rate = excluded.own_rate`,
  );
  const read = sql.prepare<[], Row>('SELECT * FROM note_issuers ORDER BY issuer');
  return {
    honoured: ({ issuer, atMs }) => void honoured.run(issuer, atMs),
    refused: ({ issuer, atMs }) => void refused.run(issuer, atMs),
    setOwnRate: ({ issuer, rate }) => void setRate.run(issuer, rate),
    reputations: () => read.all().map(toReputation),
  };
}

function toReputation(row: Row): Reputation {
  return {
    issuer: row.issuer,
    honoured: Number(row.honoured),
    refused: Number(row.refused),
    lastHonouredMs: numberOf(row.last_honoured_ms),
    lastRefusedMs: numberOf(row.last_refused_ms),
    refusedInARow: Number(row.refused_in_a_row),
    ownRate: row.own_rate ?? undefined,
  };
}
