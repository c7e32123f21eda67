import Database from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrations } from '../../../electron/core/database/migrations.ts';
import { openDatabase } from '../../../electron/core/database/open-database.ts';
import { openFriendBook } from '../../../electron/core/friends/friend-book.ts';

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

const [ANA, CLEO] = ['a'.repeat(52), 'b'.repeat(52)];

describe('a database of version 4', () => {
  it('keeps its friends and their devices, which all began the friendship', () => {
    const devices = ['d', 'e'].map(
      (name, serial) =>
        `INSERT INTO devices (device, owner, instance, serial, statement, addresses, revoked, last_contact_ms)
         VALUES ('${name.repeat(52)}', '${ANA}', '${name}', ${serial}, '{}', '["10.0.0.1:7"]', ${serial}, 9);`,
    );
    const sql = migrated(
      4,
      `INSERT INTO friends (owner, name, pet_name, since_ms, last_contact_ms, blocked) VALUES
         ('${ANA}', 'Ana', 'Mum', 5, 9, 1), ('${CLEO}', 'Cleo', NULL, 6, NULL, 0);
       ${devices.join('\n')}`,
    );
    const [ana, cleo] = openFriendBook(sql).friends();
    const device = { addresses: ['10.0.0.1:7'], addedMs: 5, came: 'first', name: undefined };
    expect(ana).toMatchObject({
      name: 'Ana',
      petName: 'Mum',
      blocked: true,
      leavesMs: undefined,
      told: undefined,
      devices: [
        { ...device, revoked: true, kind: 'desktop', clashMs: undefined },
        { ...device, revoked: false, replaces: undefined },
      ],
    });
    expect(cleo).toMatchObject({ name: 'Cleo', departed: false, devices: [] });
    sql.close();
  });
});

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
