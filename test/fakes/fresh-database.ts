import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { migrations } from '../../electron/core/database/migrations.ts';
import { openDatabase, type Sql } from '../../electron/core/database/open-database.ts';

/**
 * Databases as a new home has them. All migrations cost a tenth of a second of a processor, and tests make thousands, in some
 * hundred files: what came of them is kept as long as they stay the same, and copied. They have tests of their own
 * (`core/database`).
 */
let template: Buffer | undefined;
const PLACE = fileURLToPath(new URL('../../.cache/books', import.meta.url));

/** What would lie in the file of a new home. */
export function freshDatabase(): Buffer {
  template ??= kept();
  return template;
}

function kept(): Buffer {
  const all = migrations.join('\n');
  const file = join(PLACE, createHash('sha256').update(all).digest('hex'));
  if (existsSync(file)) return readFileSync(file);
  const bytes = migrated();
  mkdirSync(PLACE, { recursive: true });
  // Other files of tests look for it at the same time: it is there whole, or not yet.
  const written = `${file}.${randomBytes(8).toString('hex')}`;
  writeFileSync(written, bytes);
  renameSync(written, file);
  return bytes;
}

function migrated(): Buffer {
  const opened = openDatabase(':memory:');
  if (!opened.ok) throw new Error(`no test database: ${opened.fault.code}`);
  const bytes = opened.value.serialize();
  opened.value.close();
  return bytes;
}

export function openFresh(): Sql {
  return openCopy(freshDatabase());
}

/** A database as it was copied, in memory. */
export function openCopy(bytes: Buffer): Sql {
  const sql = new Database(bytes);
  sql.defaultSafeIntegers(true);
  sql.pragma('foreign_keys = ON');
  sql.pragma('trusted_schema = OFF');
  sql.pragma('temp_store = MEMORY');
  return sql;
}
