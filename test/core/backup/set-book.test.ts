import { expect, it } from 'vitest';
import { openSetBook } from '../../../electron/core/backup/set-book.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import { PLAN_AT_FIRST } from '../../../shared/model/backup-plan.ts';
import { testOwnerId, openTestLedger } from '../../fakes/test-ledger.ts';

it('lets no words of a friend’s device out that an older version let in', () => {
  const { sql } = openTestLedger();
  const book = openSetBook(sql);
  book.create({
    name: 'all',
    folders: ['/a'],
    plan: PLAN_AT_FIRST,
    hosts: [testOwnerId(2)],
    atMs: 0,
  });
  const ran = (params: Readonly<Record<string, string>>) =>
    book.ran({ name: 'all', atMs: 1, bytes: undefined, fault: { key: 'fault.refused', params } });
  const known = { friend: 'Ben', denial: 'no-space', freeBytes: '7' };
  ran({ ...known, lngs: 'x', returnDetails: '1', context: 'full', shareBytes: '1' });
  expect(book.set('all')?.lastFault).toEqual({ key: 'fault.refused', params: known });
  ran({ folder: '/a' });
  expect(book.set('all')?.lastFault?.params).toEqual({ folder: '/a' });
  sql.close();
});

it('goes on without a friend who departed, even if nobody is left', () => {
  const { sql } = openTestLedger();
  const book = openSetBook(sql);
  const [ana, ben] = [testOwnerId(1), testOwnerId(2)];
  const create = (name: string, hosts: readonly OwnerId[]) =>
    book.create({ name, folders: ['/a'], plan: PLAN_AT_FIRST, hosts, atMs: 0 });
  create('both', [ana, ben]);
  create('one', [ben]);
  create('other', [ana]);
  book.forgetHost({ host: ben });
  book.forgetHost({ host: ben });
  expect(book.sets().map(({ name, hosts }) => [name, hosts])).toEqual([
    ['both', [ana]],
    ['one', []],
    ['other', [ana]],
  ]);
  sql.close();
});
