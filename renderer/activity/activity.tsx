import { useEffect, useMemo, useState } from 'react';
import type { AppSnapshot, Revisioned } from '../../shared/contract/views.ts';
import { announcer } from '../state/announce.ts';
import { useWindow } from '../state/store.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Empty, Failed, Loading } from '../ui/states.tsx';
import { useInView } from '../ui/use-in-view.ts';
import { rowCount } from './feed.ts';
import { AFTER_FEED, BEFORE_FEED, FeedList } from './feed-list.tsx';
import { FilterBar } from './filter-bar.tsx';
import { ANYTHING, type Filters, filtersAtFirst, isAnything, queryOf } from './filters.ts';
import { useCurrentRow } from './use-current-row.ts';
import { useFeed } from './use-feed.ts';
import './activity.css';

/** What was filtered for last, while the window is open: looking at a friend and coming back keeps it. */
let kept: Filters = ANYTHING;

/** Every decision in words, with the steps that led there. */
export function Activity({
  snapshot,
  owner,
}: {
  readonly snapshot: Revisioned & AppSnapshot;
  readonly owner?: string | undefined;
}) {
  const { friends, decisions } = snapshot;
  const [filters, setFilters] = useState(() => filtersAtFirst(owner, friends, kept));
  const choose = (chosen: Filters) => {
    setFilters(chosen);
    if (owner === undefined) kept = chosen;
  };
  const clear = () => {
    choose(ANYTHING);
    // The button goes; the focus stays among the filters.
    document.getElementById(BEFORE_FEED)?.focus();
  };
  const query = useMemo(() => queryOf(filters, Date.now()), [filters]);
  const { ref: top, isInView: isAtTop } = useInView<HTMLDivElement>();
  const row = useCurrentRow();
  const reading = useFeed(decisions, query, isAtTop);
  const { feed, phase, problem } = reading;
  const rows = rowCount(feed);
  const isNothing = rows === 0 && phase !== 'first' && problem === undefined;
  return (
    <>
      <header className="page-head">
        <h1 id="activity-title">{t('activity.title')}</h1>
        <p className="quiet">{t('activity.what')}</p>
      </header>
      <FilterBar
        filters={filters}
        friends={friends}
        onChange={choose}
        {...(isNothing ? {} : { onClear: clear })}
      />
      <div className="activity-log">
        <div ref={top} className="activity-top" />
        <NewRows
          count={feed.waiting.length}
          onShow={() => {
            const [newest] = feed.waiting;
            reading.showWaiting();
            scrollTo(0, 0);
            // The button goes; the focus with it to what it brought.
            if (newest !== undefined) row.goTo(newest.number);
          }}
        />
        {isNothing ? <Nothing filters={filters} onClear={clear} /> : null}
        {rows === 0 ? null : (
          <FeedList
            feed={feed}
            friends={friends}
            friend={filters.friend}
            row={row}
            isBusy={phase !== 'idle'}
          />
        )}
        <End reading={reading} rows={rows} asOfMs={snapshot.asOfMs} />
      </div>
    </>
  );
}

function NewRows({ count, onShow }: { readonly count: number; readonly onShow: () => void }) {
  useEffect(() => {
    if (count > 0) announcer.announce(t('activity.new-said', { count }));
  }, [count]);
  return (
    <div className="activity-new">
      {count === 0 ? null : (
        <Button look="primary" onPress={onShow}>
          {t('activity.new', { count })}
        </Button>
      )}
    </div>
  );
}

function Nothing({
  filters,
  onClear,
}: {
  readonly filters: Filters;
  readonly onClear: () => void;
}) {
  return isAnything(filters) ? (
    <Empty title={t('activity.empty-title')}>{t('activity.empty')}</Empty>
  ) : (
    <Empty
      title={t('activity.no-match-title')}
      action={<Button onPress={onClear}>{t('activity.clear')}</Button>}
    >
      {t('activity.no-match')}
    </Empty>
  );
}

/** What stands below the last row; coming near it reads on. */
function End({
  reading: { feed, phase, isRead, problem, loadOlder, retry },
  rows,
  asOfMs,
}: {
  readonly reading: ReturnType<typeof useFeed>;
  readonly rows: number;
  readonly asOfMs: number;
}) {
  const isOffline = useWindow(({ connection }) => connection !== 'live');
  const { ref, isInView } = useInView<HTMLDivElement>('1200px 0px', feed);
  const wants = isInView && problem === undefined;
  useEffect(() => {
    // Looks by itself whether there is anything left to be read.
    if (wants) loadOlder();
  }, [wants, loadOlder]);
  // Rows of the snapshot may stand above already; these are not all.
  const isReading = phase !== 'idle';
  return (
    <div ref={ref} id={AFTER_FEED} tabIndex={-1} className="activity-end">
      {problem !== undefined && isOffline ? (
        <p className="quiet">{t('activity.offline', { asOfMs })}</p>
      ) : null}
      {problem !== undefined && !isOffline ? <Failed problem={problem} onRetry={retry} /> : null}
      {problem === undefined && isReading ? <Loading what={t('activity.loading')} /> : null}
      {isRead && feed.isWhole && rows > 0 ? (
        <p className="quiet small">{t('activity.end', { count: rows })}</p>
      ) : null}
    </div>
  );
}
