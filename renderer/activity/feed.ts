import type { DecisionView } from '../../shared/contract/views.ts';
import { isTimed, passes, type Query } from './filters.ts';

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
  /**
   * Within bounds of time the core sorts by the clock, otherwise by the log. A clock that was put back
   * makes the two differ.
   */
  readonly isByClock: boolean;
  readonly blocks: readonly Block[];
  /** New ones that the person has not asked to see yet, newest first. */
  readonly waiting: readonly DecisionView[];
  /** New ones whose place lies below what was read: they are shown with the page that reaches them. */
  readonly below: readonly DecisionView[];
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
  const isByClock = isTimed(query);
  const rows = inOrder(
    slice.filter((row) => passes(query, row)),
    isByClock,
  );
  return { ...NOTHING, isByClock, blocks: inBlocks(rows), seen: highest(slice) };
}

/** `slice`: the snapshot's latest when the page was asked for; nothing newer can be missing in it. */
export function feedOfPage(
  page: readonly DecisionView[],
  slice: readonly DecisionView[],
  query: Query,
): Feed {
  return {
    ...NOTHING,
    isByClock: isTimed(query),
    blocks: inBlocks(page),
    seen: Math.max(highest(page), highest(slice)),
    isWhole: page.length < PAGE_ROWS,
  };
}

export function withOlder(feed: Feed, page: readonly DecisionView[]): Feed {
  const { isByClock } = feed;
  const known = numbersOf(feed);
  const fresh = page.filter(({ number }) => !known.has(number));
  const last = page.at(-1);
  // A page of nothing new would be asked for without end: whatever it means, there is no way on from it.
  const isWhole = page.length < PAGE_ROWS || fresh.length === 0;
  const isReached = (row: DecisionView) =>
    isWhole || (last !== undefined && !isBelow(row, last, isByClock));
  const read = new Map([...feed.below.filter(isReached), ...fresh].map((row) => [row.number, row]));
  return {
    ...feed,
    blocks: [...feed.blocks, ...inBlocks(inOrder([...read.values()], isByClock))],
    below: feed.below.filter((row) => !isReached(row)),
    isWhole,
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
  return { ...withFresh(feed, fresh), seen: first.number };
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
  if (page.length === limit && !reachesDown(feed, page, fresh)) return undefined;
  return {
    ...withFresh(feed, fresh),
    seen: Math.max(feed.seen, highest(fresh), highest(slice)),
  };
}

/** In the log's order the first known row ends what is new; by the clock new ones may lie anywhere among them. */
function reachesDown(
  { blocks, isByClock, isWhole }: Feed,
  page: readonly DecisionView[],
  fresh: readonly DecisionView[],
): boolean {
  if (!isByClock) return fresh.length < page.length;
  const [last, end] = [page.at(-1), blocks.at(-1)?.rows.at(-1)];
  return !isWhole && last !== undefined && end !== undefined && !isBelow(end, last, isByClock);
}

/** New rows wait, or lie below what was read so far. */
function withFresh(feed: Feed, rows: readonly DecisionView[]): Feed {
  const { isByClock, isWhole } = feed;
  const known = numbersOf(feed);
  const fresh = rows.filter(({ number }) => !known.has(number));
  const end = feed.blocks.at(-1)?.rows.at(-1);
  const lies = (row: DecisionView) => !isWhole && end !== undefined && isBelow(row, end, isByClock);
  return {
    ...feed,
    waiting: inOrder([...fresh.filter((row) => !lies(row)), ...feed.waiting], isByClock),
    below: [...fresh.filter(lies), ...feed.below],
  };
}

/** The person is at the top, or wants to see them. Each goes to the block that it belongs to. */
export function withWaiting(feed: Feed): Feed {
  if (feed.waiting.length === 0) return feed;
  const { isByClock } = feed;
  let rest = feed.waiting;
  const blocks = feed.blocks.flatMap((block) => {
    const end = block.rows.at(-1);
    const mine = rest.filter((row) => end !== undefined && !isBelow(row, end, isByClock));
    if (mine.length === 0) return [block];
    rest = rest.slice(mine.length);
    return inBlocksFromBelow(inOrder([...mine, ...block.rows], isByClock));
  });
  return { ...feed, blocks: [...blocks, ...inBlocksFromBelow(rest)], waiting: [] };
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

const NOTHING = { blocks: [], waiting: [], below: [], seen: 0, isWhole: false } as const;

/** Of what is shown or waits. By the clock a page may bring rows that the snapshot brings later. */
function numbersOf({ blocks, waiting }: Feed): ReadonlySet<number> {
  const rows = [...waiting, ...blocks.flatMap((block) => block.rows)];
  return new Set(rows.map(({ number }) => number));
}

function highest(rows: readonly DecisionView[]): number {
  return rows.reduce((most, { number }) => Math.max(most, number), 0);
}

function isBelow(row: DecisionView, other: DecisionView, isByClock: boolean): boolean {
  return compare(row, other, isByClock) > 0;
}

function inOrder(rows: readonly DecisionView[], isByClock: boolean): readonly DecisionView[] {
  return rows.toSorted((one, other) => compare(one, other, isByClock));
}

/** Newest first, as the core sorts. */
function compare(one: DecisionView, other: DecisionView, isByClock: boolean): number {
  const later = isByClock ? other.atMs - one.atMs : 0;
  return later === 0 ? other.number - one.number : later;
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
