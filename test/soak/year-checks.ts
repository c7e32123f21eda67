import { DAY_S } from '../../shared/units.ts';
import type { Sql } from '../../electron/core/database/open-database.ts';

/**
 * What must hold in a home's books on every day, added up anew from their rows; what is not so is said in words. Beside
 * it what must not be there any more: whatever has an end must go when that has come.
 */
const SUMS: Readonly<Record<string, string>> = {
  'what is promised': `SELECT (SELECT promised FROM totals), (SELECT coalesce(sum(promised), 0) FROM plots WHERE state <> 'gone')`,
  'what is written': `SELECT (SELECT written FROM totals),
    (SELECT coalesce(sum(size), 0) FROM objects) + (SELECT coalesce(sum(size), 0) FROM removals)`,
  'what is lent': `SELECT (SELECT lent FROM totals),
    (SELECT coalesce(sum(promised), 0) FROM plots WHERE state <> 'gone' AND class = 'borrowed')`,
  'what each is charged': `SELECT (SELECT coalesce(sum(promised), 0) FROM usage), (SELECT promised FROM totals)`,
  'the log of decisions': `SELECT (SELECT promised FROM totals),
    (SELECT coalesce(sum(promised_delta), 0) FROM decisions) + (SELECT promised FROM log_before)`,
  'what accounts hold': `SELECT (SELECT coalesce(sum(held), 0) FROM accounts), (SELECT coalesce(sum(bytes), 0) FROM account_held)`,
};
/** Nothing of it may be there. `?`: this second of service time, less the days that things are kept and one to tidy up in. */
const LEFT_OVER: Readonly<Record<string, string>> = {
  'promised beyond the plot': 'SELECT count(*) FROM plots WHERE written + reserved > promised',
  'accounts beyond their plan': 'SELECT count(*) FROM accounts WHERE open + held > plan',
  'refusals that were kept': 'SELECT count(*) FROM answers WHERE plot IS NULL AND at_service < ?',
  'answers about plots that ended':
    'SELECT count(*) FROM answers JOIN plots ON plots.number = answers.plot WHERE ended_service < ?',
  'answers of before': 'SELECT count(*) FROM answers_before',
  'answers to whole batches': 'SELECT count(*) FROM batches WHERE at_service < ?',
  'requests that wait for nobody':
    'SELECT count(*) FROM waiting WHERE open = 1 AND polled_service < ?',
  'objects of plots that are gone':
    "SELECT count(*) FROM objects JOIN plots ON plots.number = objects.plot WHERE state = 'gone'",
  'requests on accounts that nobody decided': 'SELECT count(*) FROM account_intents',
};
const KEPT_S = 8 * DAY_S;

export function wrongIn(sql: Sql, serviceS: number): readonly string[] {
  const wrong: string[] = [];
  for (const [what, query] of Object.entries(SUMS)) {
    const [kept, added] = sql.prepare<[], bigint[]>(query).raw().get() ?? [];
    if (kept !== added) wrong.push(`${what}: ${kept} is kept, ${added} is there`);
  }
  for (const [what, query] of Object.entries(LEFT_OVER)) {
    const statement = sql.prepare<number[], bigint>(query).pluck();
    const left = query.includes('?') ? statement.get(serviceS - KEPT_S) : statement.get();
    if (left !== 0n) wrong.push(`${what}: ${left}`);
  }
  return wrong;
}

/** Rows of each table, and the bytes of the whole. */
export type Sizes = { readonly rows: ReadonlyMap<string, number>; readonly bytes: number };

export function sizesOf(sql: Sql): Sizes {
  const tables = sql
    .prepare<[], string>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )
    .pluck()
    .all();
  const count = (table: string) =>
    Number(sql.prepare<[], bigint>(`SELECT count(*) FROM ${table}`).pluck().get());
  const of = (name: string) => Number(sql.pragma(name, { simple: true }));
  return {
    rows: new Map(tables.map((table) => [table, count(table)])),
    bytes: (of('page_count') - of('freelist_count')) * of('page_size'),
  };
}
