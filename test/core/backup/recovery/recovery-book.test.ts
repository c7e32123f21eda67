import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  type AddressBook,
  type BookSet,
  bookText,
} from '../../../../electron/core/backup/recovery/address-book.ts';
import type { SeenBook } from '../../../../electron/core/backup/recovery/judge-books.ts';
import { otherSets } from '../../../../electron/core/backup/recovery/other-sets.ts';
import {
  openRecoveryBook,
  type RecoveryBook,
} from '../../../../electron/core/backup/recovery/recovery-book.ts';
import { openSetBook, type SetBook } from '../../../../electron/core/backup/set-book.ts';
import {
  type HoldingsBook,
  openHoldingsBook,
} from '../../../../electron/core/client/holdings/holdings-book.ts';
import { openDatabase, type Sql } from '../../../../electron/core/database/open-database.ts';
import type { OwnerId, PlotId } from '../../../../shared/ids.ts';
import { PLAN_AT_FIRST } from '../../../../shared/model/backup-plan.ts';
import { UNTIL_TOLD_MS } from '../../../../shared/model/until-told.ts';

const ben = `${'b'.repeat(51)}a` as OwnerId;
const plotOf = (letter: string) => `${letter.repeat(25)}a` as PlotId;

const setOf = (name: string, more: Partial<BookSet> = {}): BookSet => ({
  name,
  folders: [`/home/ana/${name}`],
  hosts: [ben],
  plan: { ...PLAN_AT_FIRST, copies: 2 },
  repository: 'f'.repeat(64),
  sequence: 3,
  ...more,
});

const bookOf = (sets: readonly BookSet[], more: Partial<AddressBook> = {}): AddressBook => ({
  v: 1,
  owner: 'a'.repeat(52) as OwnerId,
  instance: '1'.repeat(32),
  before: [],
  sequence: 7,
  atMs: 1,
  host: 'Laptop',
  friends: [],
  plots: sets.map(({ name }, at) => ({
    plot: plotOf('cdefg'[at] ?? 'h'),
    host: ben,
    class: 'guaranteed',
    size: 5n,
    untilMs: 9,
    graceS: 4,
    set: name,
  })),
  sets: [...sets],
  ...more,
});

let sets: SetBook;
let holdings: HoldingsBook;
let book: RecoveryBook;
const atMs = 1_790_000_000_000;

let sql: Sql;
beforeEach(() => {
  const opened = openDatabase(':memory:');
  if (!opened.ok) throw new Error('not opened');
  sql = opened.value;
  sets = openSetBook(sql);
  holdings = openHoldingsBook(sql);
  book = openRecoveryBook(sql, { sets, holdings });
});

describe('a set that is taken over', () => {
  test('keeps its plan, its repository and its plots, and waits until it is told to run', () => {
    const set = setOf('Documents');
    expect(book.takeOver({ from: bookOf([set]), set, atMs })).toBe('Documents');
    expect(sets.set('Documents')).toMatchObject({
      folders: ['/home/ana/Documents'],
      hosts: [ben],
      repository: 'f'.repeat(64),
      sequence: 3,
      pause: { sinceMs: atMs, untilMs: UNTIL_TOLD_MS },
    });
    expect(sets.set('Documents')?.plan.copies).toBe(2);
    expect(holdings.holdings()).toMatchObject([
      { plot: plotOf('c'), host: ben, set: 'Documents', sizeBytes: 5n },
    ]);
  });

  test('comes with what opens it, unless that is known here', () => {
    const text = (bytes: string) => Buffer.from(bytes).toString('base64');
    const openingOf = (keyFile: string) => ({
      config: text('config'),
      keyName: '8'.repeat(64),
      keyFile: text(keyFile),
    });
    const known = () =>
      book.openings().map(({ keyFile, ...rest }) => ({
        ...rest,
        config: Buffer.from(rest.config).toString(),
        keyFile: Buffer.from(keyFile).toString(),
      }));
    const set = setOf('Documents', { opening: openingOf('a key') });
    book.takeOver({ from: bookOf([set]), set, atMs });
    const first = {
      set: 'Documents',
      repository: 'f'.repeat(64),
      config: 'config',
      keyName: '8'.repeat(64),
      keyFile: 'a key',
    };
    expect(known()).toEqual([first]);
    const other = setOf('Documents', { opening: openingOf('another') });
    book.takeOver({ from: bookOf([other]), set: other, atMs });
    expect(known()).toEqual([first]);
    // Another repository has another one.
    const anew = setOf('Documents', { repository: null, opening: openingOf('another') });
    sets.drop('Documents');
    book.takeOver({ from: bookOf([anew]), set: anew, atMs });
    expect(known()).toEqual([]);
  });

  test('follows a newer book while it waits, and no longer when it goes on here', () => {
    const set = setOf('Documents');
    book.takeOver({ from: bookOf([set]), set, atMs });
    const newer = setOf('Documents', { folders: ['/home/ana/Papers'], sequence: 9 });
    book.takeOver({ from: bookOf([newer]), set: newer, atMs });
    expect(sets.sets()).toMatchObject([{ folders: ['/home/ana/Papers'], sequence: 9 }]);
    sets.pause({ name: 'Documents', pause: undefined });
    book.takeOver({ from: bookOf([set]), set, atMs });
    expect(sets.sets()).toMatchObject([
      { folders: ['/home/ana/Papers'], sequence: 9, pause: undefined },
    ]);
  });

  test('never takes the name of one that is here', () => {
    const create = (name: string) =>
      sets.create({ name, folders: ['/x'], hosts: [], plan: PLAN_AT_FIRST, atMs });
    create('Documents');
    create('Documents (Lap-top)');
    const set = setOf('Documents');
    const from = bookOf([set], { host: 'Lap/top' });
    expect(book.takeOver({ from, set, atMs })).toBe('Documents (2)');
    expect(book.takeOver({ from, set, atMs })).toBe('Documents (2)');
    expect(sets.set('Documents')?.folders).toEqual(['/x']);
    expect(holdings.holdings()).toMatchObject([{ set: 'Documents (2)' }]);
  });

  test('that has never run is one set, however often its book is read', () => {
    const set = setOf('Documents', { repository: null });
    for (let count = 0; count < 3; count += 1) book.takeOver({ from: bookOf([set]), set, atMs });
    expect(sets.sets().map(({ name }) => name)).toEqual(['Documents']);
  });
});

test('plots outside of sets come along, what is known of a plot here stands', () => {
  const from = bookOf([setOf('Documents')]);
  const free = { ...(from.plots[0] as AddressBook['plots'][number]), plot: plotOf('d'), set: null };
  holdings.remember({
    plot: free.plot,
    host: ben,
    class: 'guaranteed',
    sizeBytes: 77n,
    untilMs: 8,
    graceS: 1,
    set: 'Own',
  });
  book.takePlots({ from: { ...from, plots: [...from.plots, free] }, atMs });
  expect(holdings.holdings()).toMatchObject([{ plot: free.plot, sizeBytes: 77n, set: 'Own' }]);
});

test('of one installation the highest sequence counts, whatever comes when', () => {
  const note = (sequence: number, instance = '1') =>
    book.note({ book: bookOf([], { sequence, instance: instance.repeat(32) }), atMs });
  expect([note(5), note(4), note(5), note(6), note(1, '2')]).toEqual([
    true,
    false,
    false,
    true,
    true,
  ]);
  expect(book.books().map(({ sequence }) => sequence)).toEqual([6, 1]);
});

describe('sets of other computers', () => {
  const own = { instance: '9'.repeat(32), replaces: undefined, sets: [], holdings: [] };
  const names = (books: readonly AddressBook[], here: Partial<typeof own> = {}) =>
    otherSets(books, { ...own, ...here }).map(({ name }) => name);

  test('are named after them, two of one name by their installation', () => {
    const laptop = bookOf([setOf('Documents')], { atMs: 2 });
    const other = bookOf([setOf('Documents', { repository: '2'.repeat(64) })], {
      instance: '2'.repeat(32),
    });
    expect(names([laptop, other])).toEqual(['Laptop/Documents', 'Laptop 222222/Documents']);
  });

  test('whose place somebody took, or that go on here, are no others', () => {
    const laptop = bookOf([setOf('Documents')]);
    const successor = bookOf([], { instance: '2'.repeat(32), before: [laptop.instance] });
    expect(names([laptop, successor])).toEqual([]);
    expect(names([bookOf([setOf('Mine')], { instance: own.instance })])).toEqual([]);
    const held = [{ plot: plotOf('c') }] as unknown as (typeof own)['holdings'];
    expect(names([laptop], { holdings: held })).toEqual([]);
    const repository = [{ repository: 'f'.repeat(64) }] as unknown as (typeof own)['sets'];
    expect(names([laptop], { sets: repository })).toEqual([]);
  });

  test('of two books about one repository the newer counts', () => {
    const old = bookOf([setOf('Documents')]);
    const newer = bookOf([setOf('Papers')], { instance: '2'.repeat(32), host: 'Desk', atMs: 5 });
    expect(names([old, newer])).toEqual(['Desk/Papers']);
  });
});

describe('books that were seen in plots', () => {
  const place = { plot: plotOf('c'), fromMs: 50, isFirst: true };
  const digestOf = (seen: AddressBook) => createHash('sha256').update(bookText(seen)).digest('hex');
  const see = (call: SeenBook, by = book) => by.saw({ ...call, digest: digestOf(call.book) });

  test('are kept once, with the earliest time that was told, and no more of them than anybody writes', () => {
    const seen = bookOf([setOf('Documents')]);
    see({ ...place, book: seen });
    see({ ...place, fromMs: 20, book: seen });
    see({ ...place, fromMs: 90, isFirst: false, book: seen });
    expect(book.seen()).toEqual([{ ...place, fromMs: 20, book: seen, digest: digestOf(seen) }]);
    for (let sequence = 100; sequence < 400; sequence += 1)
      see({ ...place, book: bookOf([], { sequence }) });
    expect(book.seen()).toHaveLength(128);
    expect(book.hasSeenAll(place.plot)).toBe(false);
    book.sawAll(place.plot);
    expect(book.hasSeenAll(place.plot)).toBe(true);
  });

  test('that came before this machine’s eyes make room, so that what another computer writes is heard for good', () => {
    see({ ...place, book: bookOf([setOf('Documents')]) });
    for (let sequence = 100; sequence < 400; sequence += 1)
      see({ ...place, fromMs: sequence, isFirst: false, book: bookOf([], { sequence }) });
    const sequences = book.seen().map((each) => each.book.sequence);
    expect(sequences).toHaveLength(128);
    expect(sequences[0]).toBe(7);
    expect(sequences.at(-1)).toBe(399);
    see({ ...place, fromMs: 500, isFirst: false, book: bookOf([], { sequence: 399 }) });
    expect(book.seen()).toHaveLength(128);
  });

  test('of one plot take only so many bytes, and those of another are heard all the same', () => {
    const large = setOf('Documents', { folders: ['/'.padEnd(4_000_000, 'x')] });
    for (let sequence = 100; sequence < 112; sequence += 1)
      see({ ...place, book: bookOf([large], { sequence }) });
    const sequences = () => book.seen().map((each) => each.book.sequence);
    const kept = sequences();
    expect(kept).toHaveLength(8);
    // What was there first is what stays.
    expect(kept[0]).toBe(100);
    see({ ...place, plot: plotOf('d'), book: bookOf([large], { sequence: 7 }) });
    expect(sequences()).toContain(7);
    // Nor does a large one come in the place of a small one.
    see({ ...place, book: bookOf([], { sequence: 99 }) });
    see({ ...place, fromMs: 20, book: bookOf([large], { sequence: 99 }) });
    expect(book.seen().find((each) => each.book.sequence === 99)).toMatchObject(place);
  });

  test('of all plots take only so many bytes, and whoever fills many takes nothing from one that has little', () => {
    const small = openRecoveryBook(sql, { sets, holdings, seenBytesMax: 100_000 });
    const large = setOf('Documents', { folders: ['/'.padEnd(10_000, 'x')] });
    for (const sequence of [7, 8]) see({ ...place, book: bookOf([], { sequence }) }, small);
    for (const letter of ['d', 'e', 'f', 'g'])
      for (let at = 0; at < 6; at += 1) {
        const sequence = 100 + at;
        const plot = plotOf(letter);
        see({ plot, fromMs: at, isFirst: true, book: bookOf([large], { sequence }) }, small);
      }
    const byPlot = Map.groupBy(small.seen(), ({ plot }) => plot);
    const sequencesAt = (letter: string) =>
      byPlot.get(plotOf(letter))?.map((each) => each.book.sequence);
    expect(sequencesAt('c')).toEqual([7, 8]);
    // Each has its part, and what was there first is what stays.
    for (const letter of ['d', 'e', 'f', 'g'])
      expect(sequencesAt(letter)?.slice(0, 2)).toEqual([100, 101]);
    expect(small.seen().length).toBeLessThan(12);
  });

  test('of an owner with many plots go from the middle: what lies there now, and what lay there first, is heard of each', () => {
    const small = openRecoveryBook(sql, { sets, holdings, seenBytesMax: 400_000 });
    const documents = setOf('Documents', { folders: ['/'.padEnd(1200, 'x')] });
    const letters = ['d', 'e', 'f', 'g'];
    for (const letter of letters)
      for (let at = 0; at < 100; at += 1) {
        const lain = { plot: plotOf(letter), fromMs: at, isFirst: true };
        see({ ...lain, book: bookOf([documents], { sequence: 100 + at }) }, small);
      }
    // Another computer goes on writing its own there.
    const later = { plot: plotOf('d'), fromMs: 1000, isFirst: false };
    see({ ...later, book: bookOf([documents], { sequence: 500 }) }, small);
    const byPlot = Map.groupBy(small.seen(), ({ plot }) => plot);
    const sequencesAt = (letter: string) =>
      byPlot.get(plotOf(letter))?.map((each) => each.book.sequence) ?? [];
    for (const letter of letters) {
      expect(sequencesAt(letter).slice(0, 2)).toEqual([100, 101]);
      expect(sequencesAt(letter).at(-1)).toBe(letter === 'd' ? 500 : 199);
    }
    expect(small.seen().length).toBeLessThan(320);
  });

  test('are not all counted for each that comes: whoever has many plots could keep this machine busy for hours', () => {
    let counts = 0;
    const counted = new Proxy(sql, {
      get: (real, name) =>
        name === 'prepare'
          ? (text: string) => {
              const prepared = real.prepare(text);
              if (!/sum[^]*FROM seen_books$/.test(text)) return prepared;
              const { get } = prepared;
              prepared.get = (...given) => {
                counts += 1;
                return get.apply(prepared, given);
              };
              return prepared;
            }
          : Reflect.get(real, name),
    });
    const small = openRecoveryBook(counted, { sets, holdings, seenBytesMax: 200_000 });
    for (const letter of ['d', 'e', 'f', 'g'])
      for (let at = 0; at < 100; at += 1)
        see(
          {
            plot: plotOf(letter),
            fromMs: at,
            isFirst: true,
            book: bookOf([], { sequence: at + 1 }),
          },
          small,
        );
    expect(small.seen()).toHaveLength(400);
    expect(counts).toBeGreaterThan(0);
    expect(counts).toBeLessThan(20);
  });

  test('and bear the same number are kept beside each other, each with the earliest time that was told, whichever was read first', () => {
    const right = bookOf([setOf('Documents')]);
    const forged = bookOf([]);
    see({ ...place, fromMs: 90, book: forged });
    see({ ...place, fromMs: 20, book: right });
    see({ ...place, fromMs: 30, book: forged });
    expect(book.seen()).toEqual([
      { ...place, fromMs: 20, book: right, digest: digestOf(right) },
      { ...place, fromMs: 30, book: forged, digest: digestOf(forged) },
    ]);
  });

  test('and bear the same number take no more room than others', () => {
    const variant = (at: number) => bookOf([setOf(`${at}`)]);
    see({ ...place, book: variant(0) });
    for (let at = 1; at < 300; at += 1)
      see({ ...place, fromMs: 50 + at, isFirst: false, book: variant(at) });
    expect(book.seen()).toHaveLength(128);
    const names = book.seen().flatMap((each) => each.book.sets.map(({ name }) => name));
    expect([names[0], names.at(-1)]).toEqual(['0', '299']);
    const bytes = bookText(variant(0)).length;
    const small = openRecoveryBook(sql, { sets, holdings, seenBytesMax: 20 * bytes });
    for (let at = 300; at < 330; at += 1)
      see({ plot: plotOf('d'), fromMs: at, isFirst: true, book: variant(at) }, small);
    expect(small.seen().length).toBeLessThan(21);
    expect(small.seen().map((each) => each.book.sets[0]?.name)).toContain('0');
  });

  test('by an earlier version, which kept no digests, are the same when they are read again, and others are not', () => {
    const [right, forged] = [bookOf([setOf('Documents')]), bookOf([])];
    see({ ...place, book: right });
    sql.exec("UPDATE seen_books SET digest = ''");
    expect(book.seen()).toEqual([{ ...place, book: right, digest: undefined }]);
    see({ ...place, fromMs: 60, book: forged });
    see({ ...place, fromMs: 40, book: right });
    expect(book.seen()).toEqual([
      { ...place, fromMs: 40, book: right, digest: digestOf(right) },
      { ...place, fromMs: 60, book: forged, digest: digestOf(forged) },
    ]);
  });

  test('are doubted and believed as the person says', () => {
    expect(book.doubts()).toEqual({ stolenMs: undefined, believed: new Set() });
    book.setStolen({ atMs: 7 });
    book.setStolen({ atMs: 9 });
    book.believe({ owner: ben });
    book.believe({ owner: ben });
    expect(book.doubts()).toEqual({ stolenMs: 9, believed: new Set([ben]) });
    book.setStolen({ atMs: undefined });
    expect(book.doubts()).toEqual({ stolenMs: undefined, believed: new Set([ben]) });
    book.setStolen({ atMs: 9 });
    book.believe({ owner: undefined });
    expect(book.doubts()).toEqual({ stolenMs: 9, believed: 'all' });
  });
});
