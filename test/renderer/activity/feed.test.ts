import { describe, expect, test } from 'vitest';
import {
  BLOCK_ROWS,
  type Feed,
  feedOfPage,
  feedOfSlice,
  neighbour,
  oldest,
  PAGE_ROWS,
  rowCount,
  withLatest,
  withNewest,
  withOlder,
  withWaiting,
} from '../../../renderer/activity/feed.ts';
import { passes, type Query } from '../../../renderer/activity/filters.ts';
import type { DecisionView } from '../../../shared/contract/views.ts';
import { decision, friend } from '../worlds/world-parts.ts';
import { fc } from '../../fakes/properties.ts';

const ana = friend('Ana');
const ben = friend('Ben');
const SLICE_ROWS = 50;

/** A log as the core keeps it, newest first: every third decision is Ben's. */
function logOf(count: number): readonly DecisionView[] {
  return Array.from({ length: count }, (_, place) => {
    const number = count - place;
    return decision(number, number % 3 === 0 ? ben : ana);
  });
}

/** Newest first: by the clock within bounds of time, and as they happened otherwise. */
function matching(log: readonly DecisionView[], query: Query): readonly DecisionView[] {
  return log
    .filter((row) => passes(query, row))
    .toSorted(
      (one, other) =>
        (query.sinceMs === undefined ? 0 : other.atMs - one.atMs) || other.number - one.number,
    );
}

/** As the core answers: what stands below the row with the number `before`. */
function pageOf(log: readonly DecisionView[], query: Query, before?: number, limit = PAGE_ROWS) {
  const rows = matching(log, query);
  const from = rows.findIndex(({ number }) => number === before) + 1;
  return rows.slice(from, from + limit);
}

function begin(count: number, query: Query): Feed {
  const log = logOf(count);
  return feedOfPage(pageOf(log, query), log.slice(0, SLICE_ROWS), query);
}

const numbers = ({ blocks }: Feed) =>
  blocks.flatMap(({ rows }) => rows.map(({ number }) => number));
const waiting = (feed: Feed) => feed.waiting.map(({ number }) => number);

/** As the window does it: take the slice, and read the newest page where it does not reach down. */
function hear(feed: Feed, log: readonly DecisionView[], query: Query): Feed {
  const slice = log.slice(0, SLICE_ROWS);
  const next = withLatest(feed, slice, query);
  if (next === 'same') return feed;
  if (next !== 'gap') return next;
  const page = pageOf(log, query, undefined, 200);
  const joined = withNewest(feed, { page, limit: 200, slice });
  return joined ?? feedOfPage(pageOf(log, query), slice, query);
}

describe('the rows of the log', () => {
  test('are, whatever happens, exactly those that match, without a hole, newest first', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ do: fc.constant('happen' as const), count: fc.integer({ min: 1, max: 400 }) }),
        fc.record({ do: fc.constantFrom('scroll' as const, 'show' as const) }),
      ),
      { maxLength: 12 },
    );
    const queries = fc.constantFrom<Query>({}, { friend: ben.owner }, { kinds: ['renew'] });
    fc.assert(
      fc.property(fc.nat(300), queries, steps, (count, query, all) => {
        let log = logOf(count);
        let feed = feedOfPage(pageOf(log, query), log.slice(0, SLICE_ROWS), query);
        for (const step of all) {
          if (step.do === 'happen') log = logOf(log.length + step.count);
          if (step.do === 'happen') feed = hear(feed, log, query);
          if (step.do === 'scroll' && !feed.isWhole)
            feed = withOlder(feed, pageOf(log, query, oldest(feed)));
          if (step.do === 'show') feed = withWaiting(feed);
          const held = [...waiting(feed), ...numbers(feed)];
          const lowest = feed.isWhole ? 0 : (oldest(feed) ?? Infinity);
          const wanted = log.filter((row) => row.number >= lowest && passes(query, row));
          expect(held).toEqual(wanted.map(({ number }) => number));
          for (const { rows } of feed.blocks) {
            expect(rows.length).toBeGreaterThan(0);
            expect(rows.length).toBeLessThanOrEqual(BLOCK_ROWS);
          }
        }
      }),
    );
  });

  test('are read whole within bounds of time too, whatever the clock did', () => {
    // Few hours, so that many rows say the same time, and some lie before the bound.
    const clocks = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 40 });
    const steps = fc.array(
      fc.oneof(
        fc.record({ do: fc.constant('happen' as const), count: fc.integer({ min: 1, max: 300 }) }),
        fc.record({
          do: fc.constantFrom('scroll' as const, 'late' as const, 'show' as const),
          count: fc.integer({ min: 1, max: 40 }),
        }),
      ),
      { maxLength: 10 },
    );
    const queries = fc.constantFrom<Query>({ sinceMs: 1 }, { sinceMs: 2, friend: ben.owner });
    fc.assert(
      fc.property(fc.nat(200), queries, clocks, steps, (count, query, hours, all) => {
        const dated = (length: number) =>
          logOf(length).map((row) => ({ ...row, atMs: hours[row.number % hours.length] ?? 0 }));
        let log = dated(count);
        let feed = feedOfPage(pageOf(log, query), log.slice(0, SLICE_ROWS), query);
        const shown = () => [...waiting(feed), ...numbers(feed)];
        const wanted = () => matching(log, query).map(({ number }) => number);
        for (const step of all) {
          const page = pageOf(log, query, oldest(feed));
          const isOpen = !feed.isWhole && oldest(feed) !== undefined;
          // Late: more happens while the page is on its way, few enough for the snapshot to hold.
          if (step.do === 'happen' || (step.do === 'late' && isOpen)) {
            log = dated(log.length + step.count);
            feed = hear(feed, log, query);
          }
          if ((step.do === 'scroll' || step.do === 'late') && isOpen) feed = withOlder(feed, page);
          if (step.do === 'show') feed = withWaiting(feed);
          const all = shown();
          expect(new Set(all).size).toBe(all.length);
          for (const { rows } of feed.blocks) expect(rows.length).toBeLessThanOrEqual(BLOCK_ROWS);
          expect(new Set(feed.blocks.map(({ id }) => id)).size).toBe(feed.blocks.length);
        }
        for (let pages = 0; !feed.isWhole; pages += 1) {
          expect(pages).toBeLessThan(100);
          feed = withOlder(feed, pageOf(log, query, oldest(feed)));
        }
        feed = withWaiting(feed);
        expect(numbers(feed)).toEqual(wanted());
      }),
    );
  });

  test('below a stretch that a clock dated ahead are read on, by the clock', () => {
    const ahead = (row: DecisionView) => (row.number <= 60 ? 1000 : 0) + row.number;
    const log = logOf(160).map((row) => ({ ...row, atMs: ahead(row) }));
    const query = { sinceMs: 0 };
    let feed = feedOfPage(pageOf(log, query), log.slice(0, SLICE_ROWS), query);
    expect(numbers(feed).at(-1)).toBe(11);
    for (let pages = 0; pages < 3; pages += 1)
      feed = withOlder(feed, pageOf(log, query, oldest(feed)));
    expect(feed.isWhole).toBe(true);
    expect(numbers(feed)).toEqual(matching(log, query).map(({ number }) => number));
  });

  test('that are given a second time end the reading instead of repeating it', () => {
    const feed = begin(160, {});
    const again = withOlder(feed, pageOf(logOf(160), {}));
    expect(again.isWhole).toBe(true);
    expect(numbers(again)).toEqual(numbers(feed));
  });

  test('wait until the person wants to see them', () => {
    const feed = hear(begin(100, {}), logOf(103), {});
    expect(waiting(feed)).toEqual([103, 102, 101]);
    expect(numbers(feed)[0]).toBe(100);
    const shown = withWaiting(feed);
    expect(waiting(shown)).toEqual([]);
    expect(numbers(shown).slice(0, 4)).toEqual([103, 102, 101, 100]);
  });

  test('keep their blocks when new ones come on top, so that spaces stay where they are', () => {
    const feed = begin(100, {});
    const shown = withWaiting(hear(feed, logOf(110), {}));
    expect(shown.blocks.map(({ id }) => id)).toEqual([101, ...feed.blocks.map(({ id }) => id)]);
    const more = withWaiting(hear(shown, logOf(112), {}));
    expect(more.blocks.map(({ id }) => id)).toEqual(shown.blocks.map(({ id }) => id));
  });

  test('that do not match are passed over and not looked at again', () => {
    const query: Query = { friend: ben.owner };
    const feed = hear(begin(99, query), logOf(101), query);
    expect(waiting(feed)).toEqual([]);
    expect(withLatest(feed, logOf(101).slice(0, SLICE_ROWS), query)).toBe('same');
  });

  test('of the snapshot stand there before the core has answered', () => {
    const feed = feedOfSlice(logOf(200).slice(0, SLICE_ROWS), { friend: ben.owner });
    expect(numbers(feed).every((number) => number % 3 === 0)).toBe(true);
    expect(feed.isWhole).toBe(false);
  });

  test('are read on behind the oldest; a page that is not full is the last', () => {
    const log = logOf(70);
    const feed = begin(70, {});
    expect(oldest(feed)).toBe(21);
    const whole = withOlder(feed, pageOf(log, {}, 21));
    expect(whole.isWhole).toBe(true);
    expect(rowCount(whole)).toBe(70);
  });

  test('have neighbours above and below, and none beyond the ends', () => {
    const feed = begin(60, {});
    expect(neighbour(feed, 60, 1)).toBe(59);
    expect(neighbour(feed, 36, 1)).toBe(35);
    expect(neighbour(feed, 35, -1)).toBe(36);
    expect(neighbour(feed, 60, -1)).toBeUndefined();
    expect(neighbour(feed, 1000, 1)).toBeUndefined();
  });
});
