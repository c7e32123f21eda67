import Database from 'better-sqlite3';
import { openDatabase, type Sql } from '../../electron/core/database/open-database.ts';

/**
 * Databases as a new home has them. All migrations cost a tenth of a second of a processor, and tests make thousands: they
 * run once for each file of tests, and what came of them is copied. The migrations have tests of their own (`core/database`).
 */
let template: Buffer | undefined;

/** What would lie in the file of a new home. */
export function freshDatabase(): Buffer {
  template ??= migrated();
  return template;
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
