import type { Sql } from './open-database.ts';

/** The outcome of one call of a batch; `thrown` is a bug or a database error, never an expected refusal. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly thrown: unknown };

/**
 * Runs a batch of calls in one transaction with a savepoint for each, so that one disk flush serves
 * all of them and a call that throws undoes only itself (design §3.2). No answer may leave before
 * this returns; if the commit itself fails, every call of the batch has failed.
 */
export function runTogether(sql: Sql, calls: readonly (() => unknown)[]): readonly Outcome[] {
  const outcomes: Outcome[] = [];
  try {
    sql.exec('BEGIN IMMEDIATE');
    for (const call of calls) {
      try {
        // Inside a transaction better-sqlite3 makes this a savepoint.
        outcomes.push({ ok: true, value: sql.transaction(call)() });
      } catch (thrown) {
        // A full disk can end the whole transaction; then nothing of the batch holds.
        if (!sql.inTransaction) throw thrown;
        outcomes.push({ ok: false, thrown });
      }
    }
    sql.exec('COMMIT');
    return outcomes;
  } catch (thrown) {
    if (sql.inTransaction) sql.exec('ROLLBACK');
    return calls.map(() => ({ ok: false, thrown }));
  }
}
