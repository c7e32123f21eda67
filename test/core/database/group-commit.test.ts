import { describe, expect, it } from 'vitest';
import { runTogether } from '../../../electron/core/database/group-commit.ts';
import { openDatabase, type Sql } from '../../../electron/core/database/open-database.ts';

function openEmpty(): Sql {
  const opened = openDatabase(':memory:');
  if (!opened.ok) throw new Error(opened.fault.code);
  return opened.value;
}

function keys(sql: Sql): readonly string[] {
  return sql
    .prepare<[], { key: string }>('SELECT key FROM meta ORDER BY key')
    .all()
    .map((row) => row.key);
}

function put(sql: Sql, key: string): void {
  sql.prepare("INSERT INTO meta (key, value) VALUES (?, '')").run(key);
}

describe('runTogether()', () => {
  it('commits a batch at once and answers each call', () => {
    const sql = openEmpty();
    const outcomes = runTogether(sql, [() => put(sql, 'a'), () => 7]);
    expect(outcomes).toEqual([
      { ok: true, value: undefined },
      { ok: true, value: 7 },
    ]);
    expect(sql.inTransaction).toBe(false);
    expect(keys(sql)).toEqual(['a']);
  });

  it('undoes only the call that threw', () => {
    const sql = openEmpty();
    const bug = new Error('bug');
    const outcomes = runTogether(sql, [
      () => put(sql, 'a'),
      () => {
        put(sql, 'b');
        throw bug;
      },
      () => put(sql, 'c'),
    ]);
    expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, false, true]);
    expect(keys(sql)).toEqual(['a', 'c']);
  });

  it('fails every call when the commit itself fails', () => {
    const sql = openEmpty();
    sql.pragma('defer_foreign_keys = ON');
    const outcomes = runTogether(sql, [
      () => put(sql, 'a'),
      () => {
        sql.pragma('defer_foreign_keys = ON');
        sql
          .prepare(
            "INSERT INTO devices (device, owner, instance, serial, statement) VALUES (?, 'nobody', '', 0, '')",
          )
          .run('d'.repeat(52));
      },
    ]);
    expect(outcomes.map((outcome) => outcome.ok)).toEqual([false, false]);
    expect(keys(sql)).toEqual([]);
  });
});
