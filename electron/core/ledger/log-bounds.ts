import type { Moment } from '../../../shared/model/moment.ts';
import { DAY_MS } from '../../../shared/units.ts';
import type { Sql } from '../database/open-database.ts';

/** How much of a log stays. */
export type LogBound = {
  /** Rows that are younger stay, as long as there are not more than `most`; absent: age says nothing. */
  readonly keptMs?: number;
  /** So many of the newest stay however old a clock makes them. */
  readonly least?: number;
  readonly most: number;
};

/** What owners read: two years of everybody's doings, and no flood of somebody's for ever. */
export const SHOWN_LOG: LogBound = {
  keptMs: 2 * 365 * DAY_MS,
  least: 10_000,
  most: 1_000_000,
};
/** Nobody is shown these; they are there for whoever has to find out what happened. */
export const HIDDEN_LOG: LogBound = { most: 200_000 };

/** With each sweep: as many as nobody waits for. */
const DROPPED_AT_ONCE = 1000;
/** Whoever writes and removes locks all day makes tens of thousands in a minute; then an eighth of what is too much goes at once, a tenth of a second at most. */
const DROPPED_OF_FLOOD = 8;
const DROPPED_MOST = 50_000;

type Row = { readonly number: bigint; readonly at_ms: bigint };

/** Drops the oldest of a log, some at a time. */
export function openLogBound(
  sql: Sql,
  log: 'decisions' | 'transfers' | 'note_movements',
  { keptMs = Number.POSITIVE_INFINITY, least = 0, most }: LogBound,
): (moment: Pick<Moment, 'nowMs'>) => void {
  const readOldest = sql.prepare<[number], Row>(
    `SELECT number, at_ms FROM ${log} ORDER BY number LIMIT ?`,
  );
  const newest = sql.prepare<[], bigint>(`SELECT max(number) FROM ${log}`).pluck();
  const drop = sql.prepare(`DELETE FROM ${log} WHERE number <= ?`);

  // From the oldest on, up to the first that stays.
  return ({ nowMs }) => {
    const last = newest.get() ?? null;
    if (last === null) return;
    const isOver = ({ number, at_ms }: Row) => {
      const rank = Number(last - number);
      return rank >= most || (Number(at_ms) < nowMs - keptMs && rank >= least);
    };
    const [first] = readOldest.all(1);
    if (first === undefined || !isOver(first)) return;
    const flood = Math.ceil((Number(last - first.number) - most) / DROPPED_OF_FLOOD);
    const rows = readOldest.all(Math.min(DROPPED_MOST, Math.max(DROPPED_AT_ONCE, flood)));
    const stays = rows.findIndex((row) => !isOver(row));
    const end = rows.at(stays === -1 ? -1 : stays - 1);
    if (end !== undefined) drop.run(end.number);
  };
}

/** With each sweep: a row takes about as long as one of a log. */
const FORGOTTEN_AT_ONCE = 1000;

/**
 * Drops the rows of plots of whose end the log says nothing any more. Answers about them are gone before: whoever asked
 * must hear the same again for a while, and they are found by the plot.
 */
export function openPlotBound(sql: Sql): (call: { readonly endedBeforeS: number }) => void {
  const drop = sql.prepare(
    `DELETE FROM plots WHERE number IN (SELECT number FROM plots
       WHERE unlogged = 1 AND ended_service < ? AND number < (SELECT max(number) FROM plots)
       ORDER BY ended_service, number LIMIT ${FORGOTTEN_AT_ONCE})`,
  );
  return ({ endedBeforeS }) => void drop.run(endedBeforeS);
}
