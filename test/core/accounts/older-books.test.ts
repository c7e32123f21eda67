import { describe, expect, it } from 'vitest';
import { GB } from '../../../shared/units.ts';
import { ben, family, reserve, settled, settle, compare, ticket, code } from './keeper-talk.ts';
import { ACCOUNT, chargedOf, EVE, openCopy, openKeeper, type TestKeeper } from './world.ts';

describe('books that were restored from an older copy', () => {
  function confirm({ book }: TestKeeper): void {
    book.confirm({ count: book.count() });
  }

  function copyOf({ sql, mark }: TestKeeper): () => TestKeeper {
    const bytes = sql.serialize();
    return () => openKeeper(openCopy(bytes), mark);
  }

  it('close every account until its keeper has looked at it', () => {
    const keeper = family();
    confirm(keeper);
    const restore = copyOf(keeper);
    keeper.book.setAccount({ account: ACCOUNT, members: [EVE] });
    confirm(keeper);
    const older = restore();
    expect(older.book.account(ACCOUNT)).toMatchObject({ closed: true, restored: true });
    expect(code(reserve(older, 'a', GB))).toBe('account-closed');
    older.book.setAccount({ account: ACCOUNT, members: [EVE], closed: false });
    expect(older.book.account(ACCOUNT)).toMatchObject({ closed: false, restored: false });
    expect(code(reserve(older, 'a', GB, ben, EVE))).toBe('yes');
  });

  it('are closed also where the mark did not come along, on another machine', () => {
    const keeper = family();
    const bytes = keeper.sql.serialize();
    expect(openKeeper(openCopy(bytes)).book.account(ACCOUNT)?.closed).toBe(true);
  });

  it('are known by tickets and reservations too, as soon as those were confirmed', () => {
    const keeper = family();
    confirm(keeper);
    const restore = copyOf(keeper);
    ticket(keeper, 1);
    confirm(keeper);
    expect(restore().book.account(ACCOUNT)?.restored).toBe(true);
  });

  it('are trusted when they are the very same, also after a crash that took back the last step', () => {
    const keeper = family();
    confirm(keeper);
    const restore = copyOf(keeper);
    expect(restore().book.account(ACCOUNT)?.closed).toBe(false);
    // Set aside and lost with the program, before anybody was answered.
    reserve(keeper, 'a', GB);
    expect(restore().book.account(ACCOUNT)?.closed).toBe(false);
  });

  it('are closed once: what is opened again stays open', () => {
    const keeper = family();
    confirm(keeper);
    const restore = copyOf(keeper);
    keeper.book.setAccount({ account: ACCOUNT, planBytes: GB });
    confirm(keeper);
    const older = restore();
    older.book.setAccount({ account: ACCOUNT, closed: false });
    confirm(older);
    expect(copyOf(older)().book.account(ACCOUNT)?.closed).toBe(false);
  });

  it('learn from the hosts’ comparisons what lies there', () => {
    const keeper = family();
    confirm(keeper);
    const restore = copyOf(keeper);
    settle(keeper, [settled(1, 1, 5n * GB)]);
    keeper.book.setAccount({ account: ACCOUNT, planBytes: 50n * GB });
    confirm(keeper);
    const older = restore();
    compare(older, 2, [{ plot: 1, bytes: 5n * GB }]);
    expect(chargedOf(older)).toBe(5n * GB);
  });
});
