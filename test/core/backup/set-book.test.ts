import { describe, expect, it } from 'vitest';
import { planText } from '../../../electron/core/backup/plan-text.ts';
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

it('is left by a friend, who comes back to his place, whatever was changed meanwhile', () => {
  const { sql } = openTestLedger();
  const book = openSetBook(sql);
  const [ana, ben, cleo, dora] = [1, 2, 3, 4].map((number) => testOwnerId(number)) as [
    OwnerId,
    OwnerId,
    OwnerId,
    OwnerId,
  ];
  const hosts = () => book.set('all')?.hosts;
  const who = { name: 'all', folders: ['/a'], plan: PLAN_AT_FIRST, hosts: [ana, ben, cleo] };
  book.create({ ...who, atMs: 0 });
  expect(book.leave({ name: 'all', host: ben })).toBe(1);
  expect(book.leave({ name: 'all', host: ben })).toBeUndefined();
  book.leave({ name: 'all', host: cleo });
  book.join({ name: 'all', host: dora });
  book.join({ name: 'all', host: ben, at: 1 });
  book.join({ name: 'all', host: ben, at: 0 });
  expect(hosts()).toEqual([ana, ben, dora]);
  book.join({ name: 'another', host: ben });
  expect(book.leave({ name: 'another', host: ben })).toBeUndefined();
  expect(book.sets()).toHaveLength(1);
  sql.close();
});

describe('a set that is changed', () => {
  const begin = () => {
    const { sql } = openTestLedger();
    const book = openSetBook(sql);
    const [ana, ben] = [testOwnerId(1), testOwnerId(2)];
    for (const name of ['photos', 'letters'])
      book.create({ name, folders: ['/a'], plan: PLAN_AT_FIRST, hosts: [ana], atMs: 5 });
    return { sql, book, ana, ben, photos: () => book.set('photos') };
  };

  it('changes only what is named', () => {
    const { sql, book, ana, ben, photos } = begin();
    book.edit({ name: 'photos', hosts: [ana, ben] });
    expect(photos()).toMatchObject({ folders: ['/a'], hosts: [ana, ben] });
    book.edit({ name: 'photos', folders: ['/b'], plan: { ...PLAN_AT_FIRST, copies: 2 } });
    expect(photos()).toMatchObject({ folders: ['/b'], hosts: [ana, ben], plan: { copies: 2 } });
    expect(book.set('letters')).toMatchObject({ folders: ['/a'], plan: { copies: 1 } });
    sql.close();
  });

  it('does not keep out twice what an older version kept out', () => {
    const { sql, book, photos } = begin();
    sql.prepare('UPDATE sets SET exclude = ?').run('["*.tmp"]');
    const plan = photos()?.plan;
    expect(plan?.rules.exclude).toEqual(['*.tmp']);
    if (plan !== undefined) book.edit({ name: 'photos', plan: planText(plan) });
    expect(photos()?.plan.rules.exclude).toEqual(['*.tmp']);
    sql.close();
  });

  it('is gone with all that is known of its copies when it is dropped', () => {
    const { sql, book, ana, photos } = begin();
    sql.prepare('INSERT INTO copies (set_name, host) VALUES (?, ?)').run('photos', ana);
    expect(book.drop('photos')).toBe(true);
    expect(photos()).toBeUndefined();
    expect(sql.prepare('SELECT * FROM copies').all()).toEqual([]);
    expect(book.drop('photos')).toBe(false);
    sql.close();
  });

  it('is paused alone or with all others', () => {
    const { sql, book, photos } = begin();
    const letters = () => book.set('letters')?.pause;
    book.pause({ name: 'photos', pause: { sinceMs: 1, untilMs: 9 } });
    expect([photos()?.pause, letters()]).toEqual([{ sinceMs: 1, untilMs: 9 }, undefined]);
    book.pause({ name: undefined, pause: { sinceMs: 2, untilMs: 8 } });
    expect([photos()?.pause, letters()]).toEqual(Array(2).fill({ sinceMs: 2, untilMs: 8 }));
    book.pause({ name: undefined, pause: undefined });
    expect([photos()?.pause, letters()]).toEqual([undefined, undefined]);
    sql.close();
  });

  it('counts its failures in a row, but neither waiting nor what was stopped by hand', () => {
    const { sql, book, photos } = begin();
    const ran = (code: string | undefined, atMs: number) => {
      const fault = code === undefined ? undefined : { key: `fault.${code}`, params: {} };
      book.ran({ name: 'photos', atMs, bytes: undefined, fault });
      return photos()?.failures;
    };
    expect(ran('unreachable', 10)).toBe(1);
    expect(ran('plot-full', 20)).toBe(2);
    expect(ran('waits', 30)).toBe(2);
    expect(ran('cancelled', 40)).toBe(2);
    expect(photos()).toMatchObject({ lastRunMs: undefined, lastTryMs: 40 });
    expect(ran(undefined, 50)).toBe(0);
    expect(photos()).toMatchObject({ lastRunMs: 50, lastTryMs: 50, lastFault: undefined });
    sql.close();
  });

  it('remembers what was done with it', () => {
    const { sql, book, photos } = begin();
    book.tried({ name: 'photos', atMs: 1 });
    book.notePruned({ name: 'photos', atMs: 2 });
    book.noteDrilled({ name: 'photos', atMs: 3 });
    book.setRepository({ name: 'photos', repository: 'f00' });
    book.setSequence({ name: 'photos', sequence: 7 });
    book.setSequence({ name: 'photos', sequence: 6 });
    book.setFalls({ name: 'photos', falls: { days: 0, atMs: 99 } });
    expect(photos()).toMatchObject({
      lastTryMs: 1,
      prunedMs: 2,
      drilledMs: 3,
      repository: 'f00',
      sequence: 7,
      falls: { days: 0, atMs: 99 },
    });
    book.setFalls({ name: 'photos', falls: undefined });
    expect(photos()?.falls).toBeUndefined();
    sql.close();
  });
});
