import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { failed, ok, type Result } from '../../../shared/result.ts';
import { migrations } from './migrations.ts';

export type Sql = Database.Database;

export type DatabaseFault =
  /** Written by a newer Allotment: nothing was touched. */
  | { readonly code: 'database-newer'; readonly found: number; readonly known: number }
  | { readonly code: 'database-damaged'; readonly problem: string }
  /** The disk failed: what is in the file may well be sound. */
  | { readonly code: 'database-unreadable'; readonly problem: string }
  | { readonly code: 'disk-full' }
  | { readonly code: 'folder-read-only' }
  | { readonly code: 'folder-missing' };

/**
 * Opens the database at `file` (or ':memory:'), creating and migrating it as needed. Every commit is
 * on the disk before it returns: WAL with `synchronous = FULL` (design §4). Integers are `bigint`.
 */
export function openDatabase(file: string): Result<Sql, DatabaseFault> {
  if (file !== ':memory:' && !existsSync(dirname(file))) return failed({ code: 'folder-missing' });
  let sql: Sql | undefined;
  try {
    sql = new Database(file);
    sql.defaultSafeIntegers(true);
    // Before anything else, which might write.
    const newer = isNewer(sql);
    if (newer !== undefined) {
      sql.close();
      return failed(newer);
    }
    sql.pragma('journal_mode = WAL');
    sql.pragma('synchronous = FULL');
    // On macOS a plain flush ends in the drive's own memory; other systems know no other.
    sql.pragma('fullfsync = ON');
    sql.pragma('checkpoint_fullfsync = ON');
    sql.pragma('foreign_keys = ON');
    // Another program reading (a backup tool) must not make a promise fail.
    sql.pragma('busy_timeout = 5000');
    sql.pragma('trusted_schema = OFF');
    // What a savepoint would put back is kept in memory; else every call of a batch writes it to a file for nothing.
    sql.pragma('temp_store = MEMORY');
    migrate(sql);
    return ok(sql);
  } catch (error) {
    sql?.close();
    return failed(asFault(error));
  }
}

function isNewer(sql: Sql): DatabaseFault | undefined {
  const found = versionOf(sql);
  if (found <= migrations.length) return undefined;
  return { code: 'database-newer', found, known: migrations.length };
}

function versionOf(sql: Sql): number {
  return Number(sql.pragma('user_version', { simple: true }));
}

function migrate(sql: Sql): void {
  for (let version = versionOf(sql); version < migrations.length; version += 1) {
    sql.transaction(() => {
      sql.exec(migrations[version] ?? '');
      sql.pragma(`user_version = ${version + 1}`);
    })();
  }
}

/** What a disk or a damaged file does to SQLite; anything else is a bug and is thrown on. */
function asFault(error: unknown): DatabaseFault {
  const problem = problemOf(error);
  if (problem === undefined) throw error;
  return problem;
}

/** `undefined`: it is nothing that the disk did. */
export function problemOf(error: unknown): DatabaseFault | undefined {
  const code = error instanceof Database.SqliteError ? error.code : '';
  // What lies beside the books (`book-mark.ts`) is on the same disk.
  const { code: said, syscall } = error as NodeJS.ErrnoException;
  if (said === 'ENOSPC' || said === 'EDQUOT') return { code: 'disk-full' };
  if (said === 'EROFS') return { code: 'folder-read-only' };
  if (said !== undefined && syscall !== undefined)
    return { code: 'database-unreadable', problem: said };
  // The second one: there was no room for the index of its log.
  if (code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_SHMSIZE') return { code: 'disk-full' };
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_CANTOPEN')
    return { code: 'folder-read-only' };
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB')
    return { code: 'database-damaged', problem: code };
  if (code.startsWith('SQLITE_IOERR')) return { code: 'database-unreadable', problem: code };
  return undefined;
}
