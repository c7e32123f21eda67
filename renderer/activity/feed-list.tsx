import {
  type KeyboardEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { FriendView } from '../../shared/contract/views.ts';
import { currentRegion, currentUnits } from '../state/words.ts';
import { Entry } from './entry.tsx';
import { type Block, type Feed, neighbour, rowCount } from './feed.ts';
import { mountedBlocks, spacePx } from './mounted.ts';
import type { CurrentRow } from './use-current-row.ts';
import { useNear, type Watcher } from './use-near.ts';

/** Where Control with Home and End lead: what stands before and after the feed. */
export const BEFORE_FEED = 'activity-before';
export const AFTER_FEED = 'activity-after';

/**
 * The rows as a feed (the pattern of the ARIA practices guide): Page Down and Page Up go from row to
 * row, Control with End or Home leaves it. Only blocks near the view are drawn.
 */
export function FeedList({
  feed,
  friends,
  friend,
  row: { ref, current, goTo, onFocus, onBlur },
  isBusy,
}: {
  readonly feed: Feed;
  readonly friends: readonly FriendView[];
  /** The one that is filtered for: rows need not link to that page again and again. */
  readonly friend: string;
  readonly row: CurrentRow;
  readonly isBusy: boolean;
}) {
  const { near, watcher } = useNear();
  const { open, onOpen } = useOpenRows();
  const names = useMemo(() => new Map(friends.map(({ owner, name }) => [owner, name])), [friends]);
  const keptBlock = feed.blocks.find(({ rows }) => rows.some(({ number }) => number === current));
  const mounted = mountedBlocks(feed.blocks, { near, kept: keptBlock?.id });
  const inView = feed.blocks.find(({ id }) => near.has(id) && mounted.has(id)) ?? feed.blocks[0];
  const tabStop = keptBlock === undefined ? inView?.rows[0]?.number : current;
  const count = rowCount(feed);

  const onKeyDown = (event: KeyboardEvent) => {
    const { key, ctrlKey } = event;
    const isLeaving = ctrlKey && (key === 'Home' || key === 'End');
    const isMoving = key === 'PageUp' || key === 'PageDown';
    if (!isLeaving && !isMoving) return;
    event.preventDefault();
    if (isLeaving)
      return document.getElementById(key === 'Home' ? BEFORE_FEED : AFTER_FEED)?.focus();
    if (current === undefined) return;
    const next = neighbour(feed, current, key === 'PageDown' ? 1 : -1);
    if (next !== undefined) goTo(next);
  };

  let position = 0;
  return (
    <div
      ref={ref}
      role="feed"
      className="feed"
      aria-labelledby="activity-title"
      aria-busy={isBusy}
      onKeyDown={onKeyDown}
      onFocus={onFocus}
      onBlur={onBlur}
    >
      {feed.blocks.map((block) => {
        const isDrawn = mounted.has(block.id);
        const above = position;
        position += block.rows.length;
        return (
          <BlockFrame key={block.id} block={block} isDrawn={isDrawn} watcher={watcher}>
            {isDrawn
              ? block.rows.map((row, place) => (
                  <Entry
                    key={row.number}
                    decision={row}
                    name={names.get(row.owner) ?? row.friend}
                    hasLink={row.owner !== friend && names.has(row.owner)}
                    position={above + place + 1}
                    total={feed.isWhole ? count : -1}
                    isOpen={open.has(row.number)}
                    isTabStop={row.number === tabStop}
                    wording={`${currentRegion()} ${currentUnits()}`}
                    onOpen={onOpen}
                  />
                ))
              : null}
          </BlockFrame>
        );
      })}
    </div>
  );
}

/** Holds a block's place: with its rows, or without them as high as they were. */
function BlockFrame({
  block,
  isDrawn,
  watcher,
  children,
}: {
  readonly block: Block;
  readonly isDrawn: boolean;
  readonly watcher: Watcher;
  readonly children: ReactNode;
}) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => (ref.current === null ? undefined : watcher.watch(ref.current)), [watcher]);
  const measured = { measuredPx: watcher.heightPx(block.id), rowPx: watcher.rowPx() };
  return (
    <div
      ref={ref}
      data-block={block.id}
      data-drawn={isDrawn ? block.rows.length : 0}
      style={isDrawn ? undefined : { height: spacePx(block, measured) }}
    >
      {children}
    </div>
  );
}

/** Kept above the rows, so that one that was scrolled away comes back as it was left. */
function useOpenRows() {
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const onOpen = useCallback(
    (number: number, isOpen: boolean) =>
      setOpen((before) => {
        if (before.has(number) === isOpen) return before;
        const after = new Set(before);
        if (isOpen) after.add(number);
        else after.delete(number);
        return after;
      }),
    [],
  );
  return { open, onOpen };
}
