import Database from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrations } from '../../../electron/core/database/migrations.ts';
import { openDatabase } from '../../../electron/core/database/open-database.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'allotment-migrations-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A database as an older version left it, with `rows` in it, opened by this one. */
function migrated(version: number, rows: string) {
  const file = join(folder, 'a.sqlite');
  const old = new Database(file);
  for (const migration of migrations.slice(0, version)) old.exec(migration);
  old.exec(rows);
  old.pragma(`user_version = ${version}`);
  old.close();
  const opened = openDatabase(file);
  if (!opened.ok) throw new Error(opened.fault.code);
  return opened.value;
}

const PLOT = `INSERT INTO plots (number, id, owner, ground, class, state, size, promised, from_ms, until_service, grace_s)
  VALUES (1, 'aaaaaaaaaaaaaaaaaaaaaaaaaa', 'ana', 'always', 'guaranteed', 'active', 10, 20, 0, 1, 1);`;

function transfer(kind: string, name: number, size = 5): string {
  return `INSERT INTO transfers (at_ms, plot, kind, type, name, size)
    VALUES (0, 1, '${kind}', 4, x'${name.toString(16).padStart(64, '0')}', ${size});`;
}

describe('a database of version 2', () => {
  it('keeps its weights, counted in halves', () => {
    const sql = migrated(
      2,
      `INSERT INTO meta VALUES ('default-weight', '3');
       INSERT INTO friends (owner, name, since_ms) VALUES ('${'a'.repeat(52)}', 'Ana', 0);
       UPDATE friends SET weight = 2;`,
    );
    expect(sql.prepare('SELECT weight FROM friends').pluck().all()).toEqual([4n]);
    // Whoever comes now gets the default, in the same measure.
    sql.exec(`INSERT INTO friends (owner, name, since_ms) VALUES ('${'b'.repeat(52)}', 'Cleo', 1)`);
    expect(sql.prepare('SELECT weight FROM friends').pluck().all()).toEqual([4n, 6n]);
    sql.close();
  });

  it('knows what its disk had lost', () => {
    const sql = migrated(
      2,
      [
        PLOT,
        transfer('post', 1),
        transfer('missing', 1),
        transfer('missing', 2),
        transfer('post', 2),
        transfer('missing', 3),
        transfer('found', 3),
        transfer('post', 4),
      ].join('\n'),
    );
    expect(sql.prepare('SELECT missing FROM plots').pluck().get()).toBe(1n);
    sql.close();
  });
});
