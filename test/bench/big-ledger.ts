import Database from 'better-sqlite3';
import { encodeJson } from '../../shared/wire/json.ts';
import { POLICY_OF_ALL } from './all-grounds.ts';

/**
 * Fills the books of a home that is off with friends, plots and spent notes by the million, in seconds: by SQL
 * and with the counters worked out at the end, not one by one as they come about.
 */
export type BigLedger = {
  readonly friends: number;
  readonly plots: number;
  readonly spentNotes: number;
};

/** A number as letters that ids are made of, in the last ten of them. */
const letters = (number: string) =>
  Array.from('abcdefghij').reduce(
    (text, letter, digit) => `replace(${text}, '${digit}', '${letter}')`,
    `printf('%010d', ${number})`,
  );
const owner = (number: string) => `('${'f'.repeat(41)}' || ${letters(number)} || 'a')`;
const plot = (number: string) => `('${'p'.repeat(15)}' || ${letters(number)} || 'a')`;
const numbers = (count: number) =>
  `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`;

/** What each plot holds: promised and written alike, so that the disk has room beside them. */
const PLOT_BYTES = 1_000_000;
/** Far from now, so that no sweep has more to do than it would have. */
const LATER_S = 10_000_000;

export function fillLedger(file: string, { friends, plots, spentNotes }: BigLedger): void {
  const sql = new Database(file);
  sql.pragma('journal_mode = WAL');
  // Whoever fills it can fill it again.
  sql.pragma('synchronous = OFF');
  sql.pragma('cache_size = -400000');
  const counting = sql
    .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql IS NOT NULL")
    .all() as readonly { readonly name: string; readonly sql: string }[];
  const indexes = sql
    .prepare(
      "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('plots', 'decisions', 'answers')",
    )
    .all() as readonly { readonly name: string; readonly sql: string }[];
  sql.exec('BEGIN');
  for (const { name } of counting) sql.exec(`DROP TRIGGER ${name}`);
  for (const { name } of indexes) sql.exec(`DROP INDEX ${name}`);
  sql.exec(`
    ${numbers(friends)} INSERT INTO friends (owner, name, since_ms, weight)
      SELECT ${owner('i')}, 'Friend ' || i, 0, 2 FROM n;
    ${numbers(friends)} INSERT INTO devices (device, owner, instance, serial, statement)
      SELECT ${owner('i')}, ${owner('i')}, 'instance ' || i, 1, '' FROM n;
    ${numbers(plots)} INSERT INTO plots
      (id, owner, ground, class, state, size, promised, written, from_ms, until_service, grace_s, ended_service, begun)
      SELECT ${plot('i')}, ${owner(`(i % ${friends}) + 1`)},
        iif(i % 10 < 7, 'fair-share', iif(i % 10 = 7, 'notes', iif(i % 10 = 8, 'account', 'always'))),
        iif(i % 20 = 0, 'borrowed', 'guaranteed'),
        iif(i % 33 = 1, 'gone', iif(i % 50 = 2, 'grace', 'active')),
        ${PLOT_BYTES}, ${PLOT_BYTES} + 1, iif(i % 33 = 1, 0, ${PLOT_BYTES} + 1), 0, ${LATER_S} + i, 1209600,
        iif(i % 33 = 1, 0, NULL), 1 FROM n;
    ${numbers(plots)} INSERT INTO decisions
      (at_ms, owner, kind, outcome, plot, ground, requested, requested_s, promised_delta, params, steps)
      SELECT ${Date.now() - plots} + i, ${owner(`(i % ${friends}) + 1`)}, 'allocate', 'granted', ${plot('i')}, 'fair-share',
        ${PLOT_BYTES}, 86400, ${PLOT_BYTES} + 1, '{}', '[]' FROM n;
    ${numbers(plots)} INSERT INTO answers
      (owner, request_id, body_hash, status, answer, plot, until_service, at_service)
      SELECT ${owner(`(i % ${friends}) + 1`)}, 'request-' || printf('%014d', i), zeroblob(32), 200, '{}',
        (SELECT number FROM plots WHERE id = ${plot('i')}), ${LATER_S} + i, 0 FROM n;
    INSERT INTO mint_keysets (id, public, secret, begun_ms, expires_ms, issued, redeemed)
      VALUES ('${'k'.repeat(25)}a', zeroblob(32), zeroblob(32), 0, 4102444800000, ${spentNotes}, ${spentNotes});
    ${numbers(spentNotes)} INSERT INTO mint_spent (keyset, nullifier, units, state)
      SELECT '${'k'.repeat(25)}a', randomblob(32), 1, 'spent' FROM n;
    UPDATE mint_totals SET issued = issued + ${spentNotes}, redeemed = redeemed + ${spentNotes};
    INSERT INTO usage (owner, ground, promised, plots, lent, written)
      SELECT owner, ground, sum(promised), count(*), sum(iif(class = 'borrowed', promised, 0)), sum(written)
      FROM plots WHERE state <> 'gone' GROUP BY owner, ground;
    UPDATE totals SET
      promised = (SELECT sum(promised) FROM usage), written = (SELECT sum(written) FROM usage),
      lent = (SELECT sum(lent) FROM usage), weights = (SELECT sum(weight) FROM friends),
      fair = (SELECT sum(promised) FROM usage WHERE ground = 'fair-share');
  `);
  sql
    .prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('default-policy', ?)")
    .run(encodeJson(POLICY_OF_ALL));
  for (const { sql: text } of indexes) sql.exec(text);
  for (const { sql: text } of counting) sql.exec(text);
  sql.exec('COMMIT');
  sql.pragma('wal_checkpoint(TRUNCATE)');
  sql.close();
}

/** So many empty files of a guest's: what is looked for among them costs the same as among full ones. */
export function fillObjects(file: string, objects: number): void {
  const sql = new Database(file);
  sql.pragma('synchronous = OFF');
  sql.exec(`${numbers(objects)} INSERT INTO objects (plot, type, name, size)
    SELECT (SELECT min(number) FROM plots), 5, CAST(printf('%032d', i) AS BLOB), 0 FROM n`);
  sql.pragma('wal_checkpoint(TRUNCATE)');
  sql.close();
}
