import { startTransition, useCallback, useEffect, useRef, useState } from 'react';
import type { InputOf } from '../../shared/contract/contract.ts';
import type { DecisionView } from '../../shared/contract/views.ts';
import { useWindow } from '../state/store.ts';
import { faultWords, useDoor } from '../state/use-call.ts';
import {
  type Feed,
  feedOfPage,
  feedOfSlice,
  oldest,
  PAGE_ROWS,
  withLatest,
  withNewest,
  withOlder,
  withWaiting,
} from './feed.ts';
import type { Query } from './filters.ts';

type State = {
  readonly feed: Feed;
  /** `first`: the first page of these filters is on its way; `older`: the next one. */
  readonly phase: 'first' | 'older' | 'idle';
  /** Rows came from the core, not only from the snapshot. */
  readonly isRead: boolean;
  readonly problem: string | undefined;
};
type SetState = (change: (before: State) => State) => void;

/** After a gap as many as the core gives at once. */
const NEWEST_MAX = 200;

/** Reads the log page by page, and takes in what happens meanwhile. */
export function useFeed(
  slice: readonly DecisionView[],
  query: Query,
  isAtTop: boolean,
): State & {
  readonly loadOlder: () => void;
  readonly showWaiting: () => void;
  readonly retry: () => void;
} {
  const [state, setState] = useState<State>(() => atFirst(slice, query));
  const [attempt, setAttempt] = useState(0);
  const reload = useCallback(() => setAttempt((count) => count + 1), []);
  useFirstPage({ setState, slice, query, attempt });
  useLatest({ state, setState, slice, query, reload });
  const loadOlder = useOlder({ state, setState, query });
  const retry = () => {
    if (state.isRead) loadOlder();
    else reload();
  };
  useBackAgain(state.problem !== undefined, retry);

  const showWaiting = useCallback(
    () => setState((before) => ({ ...before, feed: withWaiting(before.feed) })),
    [],
  );
  const isWaiting = isAtTop && state.feed.waiting.length > 0;
  useEffect(() => {
    if (isWaiting) showWaiting();
  }, [isWaiting, showWaiting]);
  return { ...state, loadOlder, showWaiting, retry };
}

function useFirstPage({
  setState,
  slice,
  query,
  attempt,
}: {
  readonly setState: SetState;
  readonly slice: readonly DecisionView[];
  readonly query: Query;
  /** Counted up to ask the same once more. */
  readonly attempt: number;
}): void {
  const door = useDoor();
  const latest = useRef(slice);
  useEffect(() => {
    latest.current = slice;
  }, [slice]);
  useEffect(() => {
    const known = latest.current;
    let isOver = false;
    setState(() => atFirst(known, query));
    void door('decisions.list', pageOf(query, { limit: PAGE_ROWS })).then((result) => {
      if (isOver) return;
      setState((before) =>
        result.ok
          ? { ...before, feed: feedOfPage(result.value, known, query), phase: 'idle', isRead: true }
          : { ...before, phase: 'idle', problem: faultWords(result.fault) },
      );
    });
    return () => {
      isOver = true;
    };
  }, [door, query, attempt, setState]);
}

/** Takes in the snapshot's latest rows; reads the newest page where they don't reach down to ours. */
function useLatest({
  state: { feed, phase, isRead },
  setState,
  slice,
  query,
  reload,
}: {
  readonly state: State;
  readonly setState: SetState;
  readonly slice: readonly DecisionView[];
  readonly query: Query;
  readonly reload: () => void;
}): void {
  const door = useDoor();
  const isReading = useRef(false);
  useEffect(() => {
    if (!isRead || isReading.current) return;
    const next = withLatest(feed, slice, query);
    if (next === 'same') return;
    if (next !== 'gap')
      return setState((before) => {
        // Once more, because a page of older rows may have come in between.
        const now = withLatest(before.feed, slice, query);
        return typeof now === 'string' ? before : { ...before, feed: now };
      });
    // A page that was asked for before these rows happened would hide those among them that belong to it.
    if (phase === 'older') return;
    isReading.current = true;
    void door('decisions.list', pageOf(query, { limit: NEWEST_MAX })).then((result) => {
      isReading.current = false;
      if (!result.ok) return;
      const joined = withNewest(feed, { page: result.value, limit: NEWEST_MAX, slice });
      if (joined === undefined) reload();
      // A page of older rows came in between: the next round finds the gap again.
      else setState((before) => ({ ...before, feed: before.feed === feed ? joined : before.feed }));
    });
  }, [door, feed, phase, isRead, slice, query, setState, reload]);
}

function useOlder({
  state: { feed, phase, isRead },
  setState,
  query,
}: {
  readonly state: State;
  readonly setState: SetState;
  readonly query: Query;
}): () => void {
  const door = useDoor();
  return () => {
    const before = oldest(feed);
    if (phase !== 'idle' || !isRead || feed.isWhole || before === undefined) return;
    setState((now) => ({ ...now, phase: 'older', problem: undefined }));
    void door('decisions.list', pageOf(query, { before, limit: PAGE_ROWS })).then((result) =>
      startTransition(() =>
        setState((now) => {
          // Other filters, or the same asked anew: this page belongs to rows that are gone.
          if (oldest(now.feed) !== before || now.phase !== 'older') return now;
          return result.ok
            ? { ...now, feed: withOlder(now.feed, result.value), phase: 'idle' }
            : { ...now, phase: 'idle', problem: faultWords(result.fault) };
        }),
      ),
    );
  };
}

/** What failed while the core was away is asked again when it is back; once, not for ever. */
function useBackAgain(hasProblem: boolean, retry: () => void): void {
  const connection = useWindow((state) => state.connection);
  const was = useRef(connection);
  useEffect(() => {
    const isBack = connection === 'live' && was.current !== 'live';
    was.current = connection;
    if (isBack && hasProblem) retry();
  }, [connection, hasProblem, retry]);
}

function atFirst(slice: readonly DecisionView[], query: Query): State {
  return { feed: feedOfSlice(slice, query), phase: 'first', isRead: false, problem: undefined };
}

function pageOf(
  { kinds, outcomes, ...rest }: Query,
  cursor: { readonly before?: number; readonly limit: number },
): InputOf<'decisions.list'> {
  return {
    ...rest,
    ...cursor,
    // The contract's lists are not read-only.
    ...(kinds === undefined ? {} : { kinds: [...kinds] }),
    ...(outcomes === undefined ? {} : { outcomes: [...outcomes] }),
  };
}
