import { beforeEach, expect, it } from 'vitest';
import { type CopyBook, openCopyBook } from '../../../../electron/core/backup/copies/book.ts';
import { openSetBook } from '../../../../electron/core/backup/set-book.ts';
import { PLAN_AT_FIRST } from '../../../../shared/model/backup-plan.ts';
import { openTestLedger, testOwnerId } from '../../../fakes/test-ledger.ts';

const ben = testOwnerId(1);
const cleo = testOwnerId(2);
const set = 'all';
let book: CopyBook;
let sets: ReturnType<typeof openSetBook>;

beforeEach(() => {
  const { sql } = openTestLedger();
  sets = openSetBook(sql);
  book = openCopyBook(sql);
  sets.create({ name: set, folders: ['/a'], plan: PLAN_AT_FIRST, hosts: [ben, cleo], atMs: 0 });
  for (const host of [ben, cleo]) book.begin({ set, host, atMs: 1 });
});

const name = (digit: number) => `${digit}`.repeat(64);
const copyAt = (host: string) => book.copiesOf(set).find((each) => each.host === host);

it('counts a set on, and notes it with those that have everything', () => {
  expect(book.advance({ set, hosts: [ben, cleo], completeMs: 5 })).toBe(1);
  expect(book.advance({ set, hosts: [ben] })).toBe(2);
  expect(copyAt(ben)).toMatchObject({ sequence: 2, completeMs: 5 });
  expect(copyAt(cleo)).toMatchObject({ sequence: 1, completeMs: 5 });
  expect(book.advance({ set, hosts: [ben], above: 40 })).toBe(41);
  expect(sets.set(set)?.sequence).toBe(41);
});

it('a copy that caught up has no fault any more and is not apart', () => {
  book.setApart({ set, hosts: [cleo] });
  book.noteFault({ set, host: cleo, fault: { key: 'fault.unreachable', params: {} }, atMs: 2 });
  expect(copyAt(cleo)).toMatchObject({ isApart: true, seenMs: 1 });
  book.caughtUp({ set, host: cleo, sequence: 7, atMs: 9, completeMs: 8 });
  expect(copyAt(cleo)).toMatchObject({ isApart: false, seenMs: 9, sequence: 7, completeMs: 8 });
  expect(copyAt(cleo)?.lastFault).toBeUndefined();
});

it('a plot in place of one that is gone begins with nothing', () => {
  book.advance({ set, hosts: [ben], completeMs: 5 });
  book.noteVerified({ set, host: ben, atMs: 6 });
  book.noteGone({ set, host: ben, atMs: 7 });
  book.noteGone({ set, host: ben, atMs: 8 });
  expect(copyAt(ben)?.goneMs).toBe(7);
  book.begin({ set, host: ben, atMs: 9 });
  expect(copyAt(ben)).toMatchObject({ sequence: 0, seenMs: 9 });
  expect(copyAt(ben)?.completeMs).toBeUndefined();
  expect(copyAt(ben)?.verifiedMs).toBeUndefined();
});

it('remembers removals in order, and forgets whole sequences when there are too many', () => {
  const first = { sequence: 1, type: 'data', name: name(1) } as const;
  const second = { sequence: 2, type: 'index', name: name(2) } as const;
  book.noteRemovals({ set, removals: [second, first, first] });
  expect(book.removals(set)).toEqual({ removals: [first, second], trimmed: 0 });
  book.takeBackRemovals({ set, names: [name(2)] });
  expect(book.removals(set).removals).toEqual([first]);
  const many = Array.from({ length: 100_000 }, (_, at) => ({
    sequence: 3,
    type: 'data' as const,
    name: at.toString(16).padStart(64, '0'),
  }));
  book.noteRemovals({ set, removals: many });
  expect(book.removals(set).trimmed).toBe(1);
  expect(book.removals(set).removals).toHaveLength(100_000);
});

it('damage is found once and repaired once, and the time of the repair is kept', () => {
  const objects = [
    { type: 'data', name: name(1) },
    { type: 'index', name: name(2) },
  ] as const;
  book.noteDamage({ set, host: ben, objects, atMs: 3 });
  book.noteDamage({ set, host: ben, objects, atMs: 4 });
  expect(book.damage(set).map(({ foundMs }) => foundMs)).toEqual([3, 3]);
  expect(copyAt(ben)?.damagedObjects).toBe(2);
  book.noteRepaired({ set, host: cleo, objects, atMs: 5 });
  expect(copyAt(cleo)?.repairedMs).toBeUndefined();
  book.noteRepaired({ set, host: ben, objects, atMs: 6 });
  expect(copyAt(ben)).toMatchObject({ damagedObjects: 0, repairedMs: 6 });
});

it('a damaged lock is nobody’s loss', () => {
  book.noteDamage({ set, host: ben, objects: [{ type: 'locks', name: name(1) }], atMs: 3 });
  expect(book.damage(set)).toEqual([]);
});

it('forgets the copies of friends who keep the set no more, with their damage', () => {
  book.noteDamage({ set, host: ben, objects: [{ type: 'data', name: name(1) }], atMs: 3 });
  book.retain({ set, hosts: [cleo] });
  expect(book.copiesOf(set).map(({ host }) => host)).toEqual([cleo]);
  expect(book.damage(set)).toEqual([]);
});

it('a set that was dropped meanwhile is no accident', () => {
  sets.drop(set);
  book.begin({ set, host: ben, atMs: 1 });
  book.noteDamage({ set, host: ben, objects: [{ type: 'data', name: name(1) }], atMs: 3 });
  book.noteRemovals({ set, removals: [{ sequence: 1, type: 'data', name: name(1) }] });
  expect(book.advance({ set, hosts: [ben] })).toBe(0);
  expect(book.copies()).toEqual([]);
});
