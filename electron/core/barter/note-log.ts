import type { NoteMovement } from '../../../shared/contract/barter-views.ts';
import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import type { Sql } from '../database/open-database.ts';
import { openLogBound, SHOWN_LOG } from '../ledger/log-bounds.ts';

/** A movement of notes, written in the very transaction that moves them. */
export type NoteEntry = {
  readonly movement: NoteMovement;
  /** Whose notes. `self`: mine. */
  readonly issuer: OwnerId | 'self';
  /** With whom; undefined: nobody else was there. */
  readonly with: OwnerId | undefined;
  readonly units: bigint;
  /** What was paid for, or came back. */
  readonly plot?: PlotId | undefined;
  readonly atMs: number;
};

export type NoteLine = NoteEntry & { readonly number: number };

/** The append-only log of note movements; the mint and the wallet write it, the owner reads it. */
export type NoteLog = {
  readonly append: (entry: NoteEntry) => void;
  /** The newest first, those before a number. */
  readonly page: (query: {
    readonly before?: number | undefined;
    readonly limit: number;
  }) => readonly NoteLine[];
  /** What was paid for room since then, by whose notes; some of it may have come back. */
  readonly paid: (query: { readonly sinceMs: number }) => readonly {
    readonly issuer: OwnerId;
    readonly units: bigint;
  }[];
  /** Drops the oldest, as of the log of decisions. */
  readonly tidy: (at: { readonly nowMs: number }) => void;
};

type Row = {
  readonly number: bigint;
  readonly at_ms: bigint;
  readonly movement: NoteMovement;
  readonly issuer: OwnerId | 'self';
  readonly counterpart: OwnerId | null;
  readonly units: bigint;
  readonly plot: PlotId | null;
};

export function openNoteLog(sql: Sql): NoteLog {
  const insert = sql.prepare(
    'INSERT INTO note_movements (at_ms, movement, issuer, counterpart, units, plot) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const read = sql.prepare<[number, number], Row>(
    'SELECT * FROM note_movements WHERE number < ? ORDER BY number DESC LIMIT ?',
  );
  const readPaid = sql.prepare<[number], { issuer: OwnerId; units: bigint }>(
    `SELECT issuer, sum(units) AS units FROM note_movements
     WHERE movement = 'paid' AND issuer <> 'self' AND at_ms > ? GROUP BY issuer`,
  );
  return {
    append: ({ movement, issuer, with: counterpart, units, plot, atMs }) =>
      void insert.run(atMs, movement, issuer, counterpart ?? null, units, plot ?? null),
    tidy: openLogBound(sql, 'note_movements', SHOWN_LOG),
    paid: ({ sinceMs }) => readPaid.all(sinceMs),
    page: ({ before = Number.MAX_SAFE_INTEGER, limit }) => read.all(before, limit).map(toLine),
  };
}

function toLine(row: Row): NoteLine {
  return {
    number: Number(row.number),
    atMs: Number(row.at_ms),
    movement: row.movement,
    issuer: row.issuer,
    with: row.counterpart ?? undefined,
    units: row.units,
    plot: row.plot ?? undefined,
  };
}
