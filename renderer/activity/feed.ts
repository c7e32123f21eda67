import type { DecisionView } from '../../shared/contract/views.ts';
import { passes, type Query } from './filters.ts';

/**
 * The rows that were read so far, newest first. They stand in blocks that keep their rows for good, so
 * that a block far from the view can be replaced by a space of its height. Pure.
 */
export type Block = {
  /** The number of its oldest row: it does not change when newer ones are put on top. */
  readonly id: number;
  readonly rows: readonly DecisionView[];
};

export type Feed = {
  readonly blocks: readonly Block[];
  /** New ones that the person has not asked to see yet, newest first. */
  readonly waiting: readonly DecisionView[];
  /** The highest number that was looked at, whether it passed the filters or not. */
  readonly seen: number;
  /** The very first decision is among the rows. */
  readonly isWhole: boolean;
};

/** Read at once. */
export const PAGE_ROWS = 50;
/** Drawn at once: few enough that nobody notices. */
export const BLOCK_ROWS = 25;

/** What the snapshot holds, until the core has answered; and all there is while it can't. */
export function feedOfSlice(slice: readonly DecisionView[], query: Query): Feed {
  const rows = slice.filter((row) => passes(query, row));
  return { blocks: inBlocks(rows), waiting: [], seen: slice[0]?.number ?? 0, isWhole: false };
}

/** `slice`: the snapshot's latest when the page was asked for; nothing newer can be missing in it. */
export function feedOfPage(page: readonly DecisionView[], slice: readonly DecisionView[]): Feed {
  return {
    blocks: inBlocks(page),
    waiting: [],
    seen: Math.max(page[0]?.number ?? 0, slice[0]?.number ?? 0),
    isWhole: page.length < PAGE_ROWS,
  };
}

export function withOlder(feed: Feed, page: readonly DecisionView[]): Feed {
  const before = oldest(feed);
  // Asked twice by accident: what is there already is not taken again.
  const rows = before === undefined ? page : page.filter(({ number }) => number < before);
  return {
    ...feed,
    blocks: [...feed.blocks, ...inBlocks(rows)],
    isWhole: page.length < PAGE_ROWS,
  };
}

/**
 * The snapshot's latest rows have come. `gap`: more has happened than they hold, so the newest must be
 * read once more.
 */
export function withLatest(
  feed: Feed,
  slice: readonly DecisionView[],
  query: Query,
): Feed | 'gap' | 'same' {
  const [first] = slice;
  if (first === undefined || first.number <= feed.seen) return 'same';
  const last = slice.at(-1) ?? first;
  if (last.number > feed.seen + 1) return 'gap';
  const fresh = slice.filter((row) => row.number > feed.seen && passes(query, row));
  return { ...feed, waiting: [...fresh, ...feed.waiting], seen: first.number };
}

/**
 * After a gap: the newest rows, asked with the same filters after `slice` had come. `undefined`: even
 * they don't reach down to what is shown.
 */
export function withNewest(
  feed: Feed,
  {
    page,
    limit,
    slice,
  }: {
    readonly page: readonly DecisionView[];
    readonly limit: number;
    readonly slice: readonly DecisionView[];
  },
): Feed | undefined {
  const fresh = page.filter(({ number }) => number > feed.seen);
  if (fresh.length === limit) return undefined;
  return {
    ...feed,
    waiting: [...fresh, ...feed.waiting],
    seen: Math.max(feed.seen, fresh[0]?.number ?? 0, slice[0]?.number ?? 0),
  };
}

/** The person is at the top, or wants to see them. */
export function withWaiting(feed: Feed): Feed {
  if (feed.waiting.length === 0) return feed;
  const [head, ...rest] = feed.blocks;
  const room = head === undefined ? 0 : BLOCK_ROWS - head.rows.length;
  const onTop = feed.waiting.slice(Math.max(0, feed.waiting.length - Math.max(0, room)));
  const above = feed.waiting.slice(0, feed.waiting.length - onTop.length);
  const filled = head === undefined ? [] : [{ ...head, rows: [...onTop, ...head.rows] }];
  return { ...feed, blocks: [...inBlocksFromBelow(above), ...filled, ...rest], waiting: [] };
}

/** The cursor for the next page. */
export function oldest({ blocks }: Feed): number | undefined {
  return blocks.at(-1)?.id;
}

export function rowCount({ blocks }: Feed): number {
  return blocks.reduce((sum, { rows }) => sum + rows.length, 0);
}

/** The row that stands `step` places below (above, if negative) the one with this number. */
export function neighbour({ blocks }: Feed, number: number, step: 1 | -1): number | undefined {
  const rows = blocks.flatMap((block) => block.rows);
  const at = rows.findIndex((row) => row.number === number);
  return at < 0 ? undefined : rows[at + step]?.number;
}

function inBlocks(rows: readonly DecisionView[]): readonly Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < rows.length; at += BLOCK_ROWS)
    blocks.push(...blockOf(rows.slice(at, at + BLOCK_ROWS)));
  return blocks;
}

/** The newest block is the one that is not full: newer rows still find room in it. */
function inBlocksFromBelow(rows: readonly DecisionView[]): readonly Block[] {
  const rest = rows.length % BLOCK_ROWS;
  return [...blockOf(rows.slice(0, rest)), ...inBlocks(rows.slice(rest))];
}

function blockOf(rows: readonly DecisionView[]): readonly Block[] {
  const last = rows.at(-1);
  return last === undefined ? [] : [{ id: last.number, rows }];
}
