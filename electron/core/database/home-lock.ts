import Database from 'better-sqlite3';
import { failed, ok, type Result } from '../../../shared/result.ts';

/**
 * Makes sure that one process at a time works on a home. SQLite's own exclusive lock on an empty
 * database is held by the operating system, so it ends with the process however that ends; a file
 * with a process id in it would not.
 */
export function lockHome(
  file: string,
): Result<{ readonly release: () => void }, 'already-running'> {
  const sql = new Database(file, { timeout: 0 });
  try {
    // Else a file is begun beside it, for which a full disk has no room.
    sql.pragma('journal_mode = MEMORY');
    sql.exec('BEGIN EXCLUSIVE');
    return ok({ release: () => sql.close() });
  } catch (error) {
    sql.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY'))
      return failed('already-running');
    throw error;
  }
}
