import { expect, it } from 'vitest';
import { openSetBook } from '../../../electron/core/backup/set-book.ts';
import { testOwnerId, openTestLedger } from '../../fakes/test-ledger.ts';

it('lets no words of a friend’s device out that an older version let in', () => {
  const { sql } = openTestLedger();
  const book = openSetBook(sql);
  book.create({ name: 'all', folders: ['/a'], exclude: [], hosts: [testOwnerId(2)], atMs: 0 });
  const ran = (params: Readonly<Record<string, string>>) =>
    book.ran({ name: 'all', atMs: 1, bytes: undefined, fault: { key: 'fault.refused', params } });
  const known = { friend: 'Ben', denial: 'no-space', freeBytes: '7' };
  ran({ ...known, lngs: 'x', returnDetails: '1', context: 'full', shareBytes: '1' });
  expect(book.set('all')?.lastFault).toEqual({ key: 'fault.refused', params: known });
  ran({ folder: '/a' });
  expect(book.set('all')?.lastFault?.params).toEqual({ folder: '/a' });
  sql.close();
});
