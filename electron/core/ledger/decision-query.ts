import type { OwnerId } from '../../../shared/ids.ts';
import {
  DECISION_KINDS,
  DECISION_OUTCOMES,
  type DecisionKind,
  type DecisionOutcome,
} from '../../../shared/model/decision-kinds.ts';
import type { Sql } from '../database/open-database.ts';
import type { DecisionQuery } from './ledger.ts';

/**
 * Finds decisions in a log of any length. Each pair of kind and outcome has a walk of its own along an
 * index, newest first, and the walks are merged; so the cost is what is shown and never what is passed
 * over, however rare the kind. All statements are fixed.
 *
 * Without bounds in time the order is the log's own. With them it is the clock's, because a clock that
 * was put back makes the two differ, and a span of time is then no stretch of the log.
 */
export const decisionStatements = {
  log: 'SELECT number, 0 AS at_ms FROM decisions WHERE number < ? ORDER BY number DESC LIMIT ?',
  byKind:
    'SELECT number, 0 AS at_ms FROM decisions WHERE kind = ? AND outcome = ? AND number < ? ORDER BY number DESC LIMIT ?',
  byOwnerKind:
    'SELECT number, 0 AS at_ms FROM decisions WHERE owner = ? AND kind = ? AND outcome = ? AND number < ? ORDER BY number DESC LIMIT ?',
  byKindTime: `SELECT number, at_ms FROM decisions WHERE kind = ? AND outcome = ? AND at_ms >= ? AND (at_ms, number) < (?, ?)
     ORDER BY at_ms DESC, number DESC LIMIT ?`,
  byOwnerKindTime: `SELECT number, at_ms FROM decisions WHERE owner = ? AND kind = ? AND outcome = ? AND at_ms >= ? AND (at_ms, number) < (?, ?)
     ORDER BY at_ms DESC, number DESC LIMIT ?`,
} as const;

type Place = { readonly number: bigint; readonly at_ms: bigint };
type Walk = (kind: DecisionKind, outcome: DecisionOutcome) => readonly Place[];

const NEVER = 2n ** 63n - 1n;

/** The numbers of the decisions that a query means, newest first. */
export function openDecisionQuery(sql: Sql): (query: DecisionQuery) => readonly bigint[] {
  const log = sql.prepare<[bigint, number], Place>(decisionStatements.log);
  const byKind = sql.prepare<[string, string, bigint, number], Place>(decisionStatements.byKind);
  const byOwnerKind = sql.prepare<[string, string, string, bigint, number], Place>(
    decisionStatements.byOwnerKind,
  );
  const byKindTime = sql.prepare<[string, string, number, bigint, bigint, number], Place>(
    decisionStatements.byKindTime,
  );
  const byOwnerKindTime = sql.prepare<
    [string, string, string, number, bigint, bigint, number],
    Place
  >(decisionStatements.byOwnerKindTime);
  const timeOf = sql.prepare<[bigint], { at_ms: bigint }>(
    'SELECT at_ms FROM decisions WHERE number = ?',
  );

  function inLogOrder(owner: OwnerId | undefined, before: bigint, limit: number): Walk {
    return owner === undefined
      ? (kind, outcome) => byKind.all(kind, outcome, before, limit)
      : (kind, outcome) => byOwnerKind.all(owner, kind, outcome, before, limit);
  }

  function inTimeOrder({ owner, sinceMs = 0, untilMs, before, limit }: DecisionQuery): Walk {
    const last = before === undefined ? undefined : timeOf.get(BigInt(before));
    // Exclusive: the page so far ended with `before`, and nothing after `untilMs` is wanted.
    let end: readonly [bigint, bigint] =
      untilMs === undefined ? [NEVER, NEVER] : [BigInt(untilMs) + 1n, 0n];
    if (before !== undefined && last !== undefined && last.at_ms < end[0])
      end = [last.at_ms, BigInt(before)];
    const [endMs, endNumber] = end;
    return owner === undefined
      ? (kind, outcome) => byKindTime.all(kind, outcome, sinceMs, endMs, endNumber, limit)
      : (kind, outcome) =>
          byOwnerKindTime.all(owner, kind, outcome, sinceMs, endMs, endNumber, limit);
  }

  return (query) => {
    const { owner, kinds, outcomes, sinceMs, untilMs, limit } = query;
    const before = query.before === undefined ? NEVER : BigInt(query.before);
    const isTimed = sinceMs !== undefined || untilMs !== undefined;
    if (owner === undefined && kinds === undefined && outcomes === undefined && !isTimed)
      return log.all(before, limit).map(({ number }) => number);
    const walk = isTimed ? inTimeOrder(query) : inLogOrder(owner, before, limit);
    const found: Place[] = [];
    for (const kind of new Set(kinds ?? DECISION_KINDS))
      for (const outcome of new Set(outcomes ?? DECISION_OUTCOMES))
        found.push(...walk(kind, outcome));
    found.sort((one, other) => {
      const later = isTimed ? other.at_ms - one.at_ms : 0n;
      return Number(later === 0n ? other.number - one.number : later);
    });
    return found.slice(0, limit).map(({ number }) => number);
  };
}
