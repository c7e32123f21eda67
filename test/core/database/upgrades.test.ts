import Database from 'better-sqlite3';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OwnerId, RequestId } from '../../../shared/ids.ts';
import { migrations } from '../../../electron/core/database/migrations.ts';
import { openDatabase, type Sql } from '../../../electron/core/database/open-database.ts';
import { openBooks } from '../../../electron/core/open-books.ts';
import { createTranslator } from '../../../electron/headless/translator.ts';
import { hashOf, openTestLedger, ROOMY, testRequest } from '../../fakes/test-ledger.ts';

/**
 * Databases of every version that anybody may have. `schemas/` holds each released schema as it was, with rows as an
 * installation of that version had them; a newer one is those before it and its own. None of these files is ever edited.
 */
const SCHEMAS = fileURLToPath(new URL('./schemas/', import.meta.url));
const released = readdirSync(SCHEMAS)
  .sort()
  .map((name) => readFileSync(join(SCHEMAS, name), 'utf8'));
const ROWS = '-- Rows.\n';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'allotment-upgrades-'));
  file = join(folder, 'allotment.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A home's database as version `version` left it. */
function homeOf(version: number): void {
  const old = new Database(file);
  old.pragma('journal_mode = WAL');
  old.pragma('foreign_keys = ON');
  for (const text of released.slice(0, version)) old.transaction(() => old.exec(text))();
  old.pragma(`user_version = ${version}`);
  old.close();
}

type Row = Readonly<Record<string, unknown>>;
type Contents = ReadonlyMap<string, readonly Row[]>;

function contentsOf(sql: Sql): Contents {
  sql.defaultSafeIntegers(true);
  const names = sql
    .prepare<[], string>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )
    .pluck()
    .all();
  return new Map(names.map((name) => [name, sql.prepare<[], Row>(`SELECT * FROM ${name}`).all()]));
}

function before(version: number): Contents {
  homeOf(version);
  const old = new Database(file);
  const contents = contentsOf(old);
  old.close();
  return contents;
}

function migrated(): Sql {
  const opened = openDatabase(file);
  if (!opened.ok) throw new Error(opened.fault.code);
  return opened.value;
}

/** Where a table's rows are now, if they moved. */
const MOVED: Readonly<Record<string, readonly string[]>> = {
  answers: ['answers', 'answers_before'],
};
/** What a migration after this version changes on purpose. */
function changedAfter(version: number, table: string, column: string): boolean {
  // Weights count halves since version 3, and `written` of uses came with version 13.
  const isWeight = table === 'friends' ? column === 'weight' : table === 'meta';
  return version < 3 && isWeight;
}

/** Rows of before, by the columns that they had. */
function lost(version: number, old: Contents, now: Contents): readonly string[] {
  const wrong: string[] = [];
  for (const [table, rows] of old) {
    const places = (MOVED[table] ?? [table]).filter((place) => now.has(place));
    const left = places.flatMap((place) => now.get(place) ?? []);
    if (table !== 'missing' && left.length < rows.length)
      wrong.push(`${table}: ${rows.length} rows became ${left.length}`);
    for (const row of rows) {
      const columns = Object.keys(row).filter((column) => !changedAfter(version, table, column));
      const isThere = left.some((each) =>
        columns.every((column) => textOf(each[column]) === textOf(row[column])),
      );
      if (!isThere) wrong.push(`${table}: ${columns.map((column) => textOf(row[column])).join()}`);
    }
  }
  return wrong;
}

function textOf(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString('hex') : String(value);
}

/** What triggers keep is what adding up gives. */
const SUMS: Readonly<Record<string, string>> = {
  'what everybody is promised': `SELECT (SELECT promised FROM totals), coalesce(sum(promised), 0) FROM plots WHERE state <> 'gone'`,
  'what everybody has written': `SELECT (SELECT written FROM totals), coalesce(sum(written), 0) FROM plots`,
  'what is lent': `SELECT (SELECT lent FROM totals), coalesce(sum(promised), 0) FROM plots WHERE state <> 'gone' AND class = 'borrowed'`,
  'what each is promised': `SELECT coalesce(sum(promised), 0), (SELECT promised FROM totals) FROM usage`,
  'what each has written': `SELECT coalesce(sum(written), 0), (SELECT written FROM totals) FROM usage`,
  'all weights': `SELECT (SELECT weights FROM totals), coalesce(sum(weight), 0) FROM friends WHERE departed = 0`,
  'what is charged to shares': `SELECT (SELECT fair FROM totals),
    coalesce((SELECT sum(promised) FROM usage JOIN friends USING (owner) WHERE ground = 'fair-share' AND weight > 0 AND departed = 0), 0)
    + coalesce((SELECT sum(promised) FROM vouched JOIN friends ON friends.owner = introducer WHERE ground = 'fair-share' AND weight > 0 AND departed = 0), 0)`,
  'what is missing': `SELECT coalesce(sum(missing), 0), (SELECT count(*) FROM missing) FROM plots`,
  'the log of promises': `SELECT coalesce(sum(promised_delta), 0),
    (SELECT coalesce(sum(promised), 0) FROM plots WHERE state <> 'gone' AND number <= 5) FROM decisions`,
  'objects and what is written': `SELECT coalesce(sum(size), 0),
    (SELECT coalesce(sum(written), 0) - coalesce(sum(trashed + papers_kept), 0) FROM plots)
    - (SELECT coalesce(sum(size), 0) FROM removals) - (SELECT coalesce(sum(size), 0) FROM papers) FROM objects`,
  'what lies in the trash': `SELECT (SELECT coalesce(sum(trashed), 0) FROM plots), coalesce(sum(size), 0) FROM trash`,
  'how many objects there are': `SELECT (SELECT coalesce(sum(object_count), 0) FROM plots),
    (SELECT count(*) FROM objects) + (SELECT count(*) FROM trash)`,
  'papers that are kept': `SELECT (SELECT coalesce(sum(papers_kept), 0) FROM plots), coalesce(sum(size), 0) FROM paper_versions`,
};

describe('a released schema', () => {
  it('is what it was: whoever changes it would change nobody’s database', () => {
    const now = migrations.slice(0, released.length).map((text) => text.trim());
    const then = released.map((text) =>
      text.slice(text.indexOf('\n') + 1, text.indexOf(ROWS)).trim(),
    );
    for (const [at, text] of then.entries()) expect(now[at], `schema ${at + 1}`).toBe(text);
  });

  it('has rows of its own for every table that came with it', () => {
    homeOf(released.length);
    const empty = [...contentsOf(new Database(file))].filter(([, rows]) => rows.length === 0);
    expect(empty.map(([table]) => table)).toEqual([]);
  });
});

describe.each(released.map((_text, at) => at + 1))('a database of version %i', (version) => {
  it('becomes the newest with all that was in it', () => {
    const old = before(version);
    const sql = migrated();
    expect(Number(sql.pragma('user_version', { simple: true }))).toBe(migrations.length);
    expect(sql.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(sql.pragma('foreign_key_check')).toEqual([]);
    expect(lost(version, old, contentsOf(sql))).toEqual([]);
    for (const [what, query] of Object.entries(SUMS)) {
      const [kept, added] = sql.prepare<[], bigint[]>(query).raw().get() ?? [];
      expect(kept, what).toBe(added);
    }
    sql.close();
  });

  it('is what a new one is, table by table', () => {
    homeOf(version);
    const sql = migrated();
    const fresh = openDatabase(':memory:');
    if (!fresh.ok) throw new Error(fresh.fault.code);
    const schema =
      "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY 1";
    expect(sql.prepare(schema).pluck().all()).toEqual(fresh.value.prepare(schema).pluck().all());
    sql.close();
  });

  it('goes on where it was: plots, totals, and the answer to a request that is repeated', () => {
    homeOf(version);
    const { sql, ledger } = openTestLedger(file);
    const moment = { nowMs: 1_800_000_000_000, serviceS: 5000 };
    const plots = ledger.plots({ owner: undefined, moment });
    expect(plots.find(({ plot }) => plot === 'a'.repeat(26))).toMatchObject({
      sizeBytes: 10_000_000_000n,
      writtenBytes: 1510n,
      reservedBytes: 40n,
      missingObjects: 1,
      state: 'active',
      renewals: 3,
    });
    expect(ledger.offer()).toMatchObject({ folder: '/srv/spare', offerBytes: 900_000_000_000n });
    expect(ledger.unsettled()).toMatchObject({ uploads: [{ sizeBytes: 40n }], removals: [{}] });
    const request = testRequest(10_000_000_000n, {
      requestId: '1'.padStart(22, 'r') as RequestId,
    });
    const call = { owner: 'a'.repeat(52) as OwnerId, request, moment, disk: ROOMY };
    const bodyHash = Buffer.from('1'.padStart(64, '0'), 'hex');
    const again = ledger.allocate({ ...call, bodyHash }).answer;
    expect(again).toMatchObject({ type: 'granted', plot: 'a'.repeat(26) });
    const other = ledger.allocate({ ...call, bodyHash: hashOf('another body') }).answer;
    expect(other).toMatchObject({ type: 'denied', reasons: [{ code: 'request-reused' }] });
    sql.close();
  });
});

it('what was issued in keysets that an older version has forgotten goes, and nothing else', () => {
  homeOf(17);
  const old = new Database(file);
  old.exec(`UPDATE mint_keysets SET secret = zeroblob(32) WHERE id = '${'b'.repeat(26)}'`);
  old.close();
  const sql = migrated();
  const left = sql.prepare('SELECT keyset FROM mint_issues').pluck().all();
  expect(left).toEqual(['a'.repeat(26)]);
  sql.close();
});

describe('a database of a version that is not known here', () => {
  it('is refused with a sentence, and not a byte of it is touched', async () => {
    homeOf(released.length);
    migrated().close();
    const newer = new Database(file);
    newer.pragma(`user_version = ${migrations.length + 1}`);
    newer.exec('CREATE TABLE of_tomorrow (column)');
    newer.close();
    const all = () => readdirSync(folder).map((name) => [name, digestOf(join(folder, name))]);
    const was = all();
    const keyPem = '';
    const opened = await openBooks({
      file,
      keyPem,
      issuer: {} as never,
      mark: join(folder, 'mark'),
      accountMark: join(folder, 'account-mark'),
    });
    if (opened.ok) throw new Error('it was opened');
    expect(opened.fault.code).toBe('database-newer');
    const t = await createTranslator();
    expect(t(`fault.${opened.fault.code}`, opened.fault.params)).toMatch(
      /written by a newer Allotment .* Nothing was touched/,
    );
    expect(all()).toEqual(was);
  });

  it('keeps its last changes too, which lie beside it where the newer program was killed', () => {
    homeOf(released.length);
    const newer = new Database(file);
    newer.pragma('wal_autocheckpoint = 0');
    newer.exec('CREATE TABLE of_tomorrow (column)');
    newer.pragma(`user_version = ${migrations.length + 1}`);
    const copy = join(folder, 'copy.sqlite');
    for (const end of ['', '-wal']) copyFileSync(`${file}${end}`, `${copy}${end}`);
    const was = contentsOf(newer);
    newer.close();
    expect(openDatabase(copy)).toMatchObject({ ok: false, fault: { code: 'database-newer' } });
    const now = new Database(copy);
    expect(contentsOf(now)).toEqual(was);
    now.close();
  });
});

function digestOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
