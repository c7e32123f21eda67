import type { Statement } from 'better-sqlite3';
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
  const steps = stepsOf(sql);
  const outcomes: Outcome[] = [];
  try {
    steps.begin.run();
    for (const call of calls) {
      steps.save.run();
      try {
        outcomes.push({ ok: true, value: call() });
      } catch (thrown) {
        // A full disk can end the whole transaction; then nothing of the batch holds.
        if (!sql.inTransaction) throw thrown;
        steps.undo.run();
        outcomes.push({ ok: false, thrown });
      }
      steps.release.run();
    }
    steps.commit.run();
    return outcomes;
  } catch (thrown) {
    if (sql.inTransaction) steps.rollback.run();
    return calls.map(() => ({ ok: false, thrown }));
  }
}

type Steps = Readonly<
  Record<'begin' | 'save' | 'undo' | 'release' | 'commit' | 'rollback', Statement>
>;

/** Prepared once for each database: every call goes through them, and most calls take no longer than that. */
const prepared = new WeakMap<Sql, Steps>();

function stepsOf(sql: Sql): Steps {
  const known = prepared.get(sql);
  if (known !== undefined) return known;
  const steps = {
    begin: sql.prepare('BEGIN IMMEDIATE'),
    save: sql.prepare('SAVEPOINT one_call'),
    undo: sql.prepare('ROLLBACK TO one_call'),
    release: sql.prepare('RELEASE one_call'),
    commit: sql.prepare('COMMIT'),
    rollback: sql.prepare('ROLLBACK'),
  };
  prepared.set(sql, steps);
  return steps;
}
