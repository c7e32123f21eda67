import Database from 'better-sqlite3';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrations } from '../../../electron/core/database/migrations.ts';
import { openDatabase, problemOf } from '../../../electron/core/database/open-database.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'allotment-database-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('openDatabase()', () => {
  it('creates the schema once and finds it again', () => {
    const file = join(folder, 'a.sqlite');
    for (let time = 0; time < 2; time += 1) {
      const opened = openDatabase(file);
      if (!opened.ok) throw new Error(opened.fault.code);
      expect(Number(opened.value.pragma('user_version', { simple: true }))).toBe(migrations.length);
      expect(opened.value.pragma('synchronous', { simple: true })).toBe(2n);
      expect(opened.value.pragma('fullfsync', { simple: true })).toBe(1n);
      expect(opened.value.pragma('checkpoint_fullfsync', { simple: true })).toBe(1n);
      opened.value.close();
    }
  });

  it('leaves a database of a newer version alone', () => {
    const file = join(folder, 'a.sqlite');
    const opened = openDatabase(file);
    if (!opened.ok) throw new Error(opened.fault.code);
    opened.value.pragma(`user_version = ${migrations.length + 1}`);
    opened.value.close();
    expect(openDatabase(file)).toEqual({
      ok: false,
      fault: { code: 'database-newer', found: migrations.length + 1, known: migrations.length },
    });
  });

  it('says that a file is damaged instead of crashing', () => {
    const file = join(folder, 'a.sqlite');
    writeFileSync(file, Buffer.alloc(8192));
    writeFileSync(file, 'this is no database, it is a letter to a friend. '.repeat(200));
    expect(openDatabase(file)).toMatchObject({ ok: false, fault: { code: 'database-damaged' } });
  });

  it('does not call a file damaged where it is the disk that is full or fails', () => {
    const sqlite = (code: string) => problemOf(new Database.SqliteError('', code));
    const system = (code: string) =>
      problemOf(Object.assign(new Error(code), { code, syscall: 'write' }));
    expect(sqlite('SQLITE_FULL')).toEqual({ code: 'disk-full' });
    expect(sqlite('SQLITE_IOERR_SHMSIZE')).toEqual({ code: 'disk-full' });
    expect(sqlite('SQLITE_IOERR_FSYNC')).toMatchObject({ code: 'database-unreadable' });
    expect(sqlite('SQLITE_CORRUPT_INDEX')).toMatchObject({ code: 'database-damaged' });
    expect(system('ENOSPC')).toEqual({ code: 'disk-full' });
    for (const problem of ['EIO', 'EMFILE', 'EPERM', 'EBUSY'])
      expect(system(problem)).toEqual({ code: 'database-unreadable', problem });
    expect(sqlite('SQLITE_CONSTRAINT')).toBeUndefined();
    expect(problemOf(new TypeError('a bug'))).toBeUndefined();
  });

  it('says that a folder is missing', () => {
    expect(openDatabase(join(folder, 'none', 'a.sqlite'))).toEqual({
      ok: false,
      fault: { code: 'folder-missing' },
    });
  });
});
