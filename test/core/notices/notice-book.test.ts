import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../electron/core/database/open-database.ts';
import { openNoticeBook } from '../../../electron/core/notices/notice-book.ts';
import { scratch } from '../../fakes/homes.ts';
import {
  ANA,
  DAY_MS,
  NOON_MS,
  quiet,
  someFriend,
  someRequest,
  someSet,
} from '../../fakes/notice-facts.ts';
import { openTestLedger } from '../../fakes/test-ledger.ts';

const refused = quiet({ requests: [someRequest(4)] });

describe('the book of notices', () => {
  it('remembers across a restart what was told and what was put away', async () => {
    const place = await scratch();
    const file = join(place.folder, 'books.sqlite');
    const first = openTestLedger(file).sql;
    const book = openNoticeBook(first);
    const told = book.look({ facts: refused, nowMs: NOON_MS });
    expect(told).toMatchObject({ decision: 4, notices: [{ id: `request-refused:${ANA}` }] });
    expect(book.dismiss(`request-refused:${ANA}`)).toMatchObject([{ dismissed: true }]);
    first.close();
    const second = openTestLedger(file).sql;
    const again = openNoticeBook(second);
    expect(again.decision()).toBe(4);
    expect(again.notices()).toMatchObject([{ dismissed: true, atMs: NOON_MS }]);
    const later = again.look({ facts: refused, nowMs: NOON_MS + 1 });
    expect(later.notices).toEqual(again.notices());
    second.close();
    await place.remove();
  });

  it('writes nothing while nothing is new', () => {
    const { sql } = openTestLedger();
    const book = openNoticeBook(sql);
    const facts = quiet({ friends: [someFriend({ isUndecided: true })] });
    book.look({ facts, nowMs: NOON_MS });
    const changes = () => sql.prepare('SELECT total_changes() AS n').get();
    const before = changes();
    book.look({ facts, nowMs: NOON_MS + 1000 });
    expect(changes()).toEqual(before);
    sql.close();
  });

  it('begins after what was decided before it was there', () => {
    const opened = openDatabase(':memory:');
    if (!opened.ok) throw new Error(opened.fault.code);
    expect(openNoticeBook(opened.value).decision()).toBe(0);
    opened.value.close();
  });

  it('lets no words of a friend’s device out that an older version let in', () => {
    const { sql } = openTestLedger();
    const book = openNoticeBook(sql);
    const params = { friend: 'Ben', denial: 'no-space', freeBytes: '7' };
    const lastFault = { code: 'refused', params: { ...params, lngs: 'x', returnDetails: '1' } };
    book.look({ facts: quiet({ sets: [someSet({ lastFault })] }), nowMs: NOON_MS });
    const [notice] = book.notices();
    expect(notice?.kind).toBe('share-full');
    expect(notice?.params).toEqual({ ...params, set: someSet().name, fault: 'refused' });
    sql.close();
  });

  it('forgets what it can’t read, and nothing else', () => {
    const { sql } = openTestLedger();
    const book = openNoticeBook(sql);
    book.look({ facts: refused, nowMs: NOON_MS });
    sql
      .prepare(
        "UPDATE notices SET memory = json_set(memory, '$.thresholds', 7, '$.notices[0].kind', 'x')",
      )
      .run();
    expect(book.notices()).toEqual([]);
    // It was told today; a damaged list does not tell it again.
    const next = quiet({ requests: [someRequest(5)] });
    expect(book.look({ facts: next, nowMs: NOON_MS + 1 }).notices).toEqual([]);
    expect(
      book.look({ facts: quiet({ requests: [someRequest(6)] }), nowMs: NOON_MS + DAY_MS }).notices,
    ).toHaveLength(1);
    sql.close();
  });
});
