import type { Moment } from '../../../shared/model/moment.ts';
import { DAY_S } from '../../../shared/units.ts';
import type { Sql } from '../database/open-database.ts';

/** How much of the logs stays. */
export type LogBounds = {
  /** Decisions that are younger stay, as long as there are not more than `decisionsMost`. */
  readonly decisionsKeptMs: number;
  /** So many of the newest stay however old a clock makes them. */
  readonly decisionsLeast: number;
  readonly decisionsMost: number;
  /** Nobody is shown these; they are there for whoever has to find out what happened. */
  readonly transfersMost: number;
};

/** Two years of everybody's requests, and no flood of somebody's for ever. */
const BOUNDS: LogBounds = {
  decisionsKeptMs: 2 * 365 * DAY_S * 1000,
  decisionsLeast: 10_000,
  decisionsMost: 1_000_000,
  transfersMost: 200_000,
};
/** With each sweep: as many as nobody waits for. */
const DROPPED_AT_ONCE = 1000;
/** Whoever writes and removes locks all day makes tens of thousands in a minute; then an eighth of what is too much goes at once, a tenth of a second at most. */
const DROPPED_OF_FLOOD = 8;
const DROPPED_MOST = 50_000;

type Row = { readonly number: bigint; readonly at_ms: bigint };

/** Drops the oldest of both logs, some at a time. */
export function openLogBounds(sql: Sql, bounds = BOUNDS): (moment: Moment) => void {
  const readers = {
    decisions: sql.prepare<[number], Row>(
      'SELECT number, at_ms FROM decisions ORDER BY number LIMIT ?',
    ),
    transfers: sql.prepare<[number], Row>(
      'SELECT number, at_ms FROM transfers ORDER BY number LIMIT ?',
    ),
  };
  const newest = {
    decisions: sql.prepare<[], bigint>('SELECT max(number) FROM decisions').pluck(),
    transfers: sql.prepare<[], bigint>('SELECT max(number) FROM transfers').pluck(),
  };
  const drop = {
    decisions: sql.prepare('DELETE FROM decisions WHERE number <= ?'),
    transfers: sql.prepare('DELETE FROM transfers WHERE number <= ?'),
  };

  /** From the oldest on, up to the first that stays. */
  function cut(
    log: keyof typeof drop,
    most: number,
    goes: (row: Row, rank: number) => boolean,
  ): void {
    const last = newest[log].get() ?? null;
    if (last === null) return;
    const isOver = (row: Row) => goes(row, Number(last - row.number));
    const [first] = readers[log].all(1);
    if (first === undefined || !isOver(first)) return;
    const flood = Math.ceil((Number(last - first.number) - most) / DROPPED_OF_FLOOD);
    const rows = readers[log].all(Math.min(DROPPED_MOST, Math.max(DROPPED_AT_ONCE, flood)));
    const stays = rows.findIndex((row) => !isOver(row));
    const end = rows.at(stays === -1 ? -1 : stays - 1);
    if (end !== undefined) drop[log].run(end.number);
  }

  return ({ nowMs }) => {
    const { decisionsKeptMs, decisionsLeast, decisionsMost, transfersMost } = bounds;
    cut('decisions', decisionsMost, ({ at_ms: atMs }, rank) => {
      const isOld = Number(atMs) < nowMs - decisionsKeptMs;
      return rank >= decisionsMost || (isOld && rank >= decisionsLeast);
    });
    cut('transfers', transfersMost, (_row, rank) => rank >= transfersMost);
  };
}
