import { useEffect, useRef, useState } from 'react';
import type { AppSnapshot, JobView, Revisioned } from '../../shared/contract/views.ts';
import { MyPlots } from '../friends/plots.tsx';
import { Wishes } from '../friends/wishes.tsx';
import { announcer } from '../state/announce.ts';
import { href } from '../state/router.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Person } from '../ui/figures.tsx';
import { Empty } from '../ui/states.tsx';
import { NewSetDialog } from './new-set-dialog.tsx';
import { PhraseDialog } from './phrase-dialog.tsx';
import { SetCard } from './set-card.tsx';
import './backups.css';

/** What of mine is kept elsewhere: the sets, how they are doing, and the plots in which they lie. */
export function Backups({ snapshot }: { readonly snapshot: Revisioned & AppSnapshot }) {
  const [asking, setAsking] = useState<'phrase' | 'phrase-first' | 'set'>();
  const { sets, jobs, mine, friends, status, asOfMs } = snapshot;
  useEndsAnnounced(jobs);
  const friendly = friends.filter(({ blocked, departed }) => !blocked && !departed);
  // Hosting needs no recovery words; the first backup does (design §7).
  const begin = () => setAsking(status.phraseSaved ? 'set' : 'phrase-first');
  const close = () => setAsking(undefined);
  return (
    <>
      <header className="page-head">
        <div className="row between">
          <h1>{t('backups.title')}</h1>
          {sets.length === 0 ? null : <Button onPress={begin}>{t('backups.new')}</Button>}
        </div>
        <p className="quiet">{t('backups.about')}</p>
      </header>
      {status.phraseSaved ? null : (
        <article className="card row between">
          <div className="phrase-reminder">
            <p className="strong">{t('phrase.reminder')}</p>
            <p className="quiet">{t('phrase.reminder-why')}</p>
          </div>
          <Button onPress={() => setAsking('phrase')}>{t('phrase.begin')}</Button>
        </article>
      )}
      {sets.length > 0 ? (
        <ul className="stack" aria-label={t('backups.sets')}>
          {sets.map((set) => (
            <SetCard key={set.name} set={set} jobs={jobs} mine={mine} nowMs={asOfMs} />
          ))}
        </ul>
      ) : friendly.length === 0 ? (
        <Empty
          title={t('backups.no-friends')}
          action={<a href={href({ page: 'friends' })}>{t('backups.to-friends')}</a>}
        >
          {t('backups.no-friends-next')}
        </Empty>
      ) : (
        <Empty
          title={t('backups.empty')}
          action={
            <Button look="primary" onPress={begin}>
              {t('backups.new')}
            </Button>
          }
        >
          {t('backups.empty-next')}
        </Empty>
      )}
      <Wishes wishes={snapshot.wishes} nowMs={asOfMs} />
      <Plots mine={mine} friends={friends} nowMs={asOfMs} />
      {asking === 'phrase' || asking === 'phrase-first' ? (
        <PhraseDialog
          snapshot={snapshot}
          isFirst={asking === 'phrase-first'}
          onDone={() => setAsking(asking === 'phrase-first' ? 'set' : undefined)}
          onClose={close}
        />
      ) : null}
      {asking === 'set' ? <NewSetDialog friends={friendly} onClose={close} /> : null}
    </>
  );
}

function Plots({
  mine,
  friends,
  nowMs,
}: Pick<AppSnapshot, 'mine' | 'friends'> & { readonly nowMs: number }) {
  // Where I am somebody's guest, there is no page of his.
  const hasPage = (owner: string) =>
    friends.some((friend) => friend.owner === owner && !friend.departed);
  return (
    <section className="section" aria-labelledby="plots-title">
      <h2 id="plots-title">{t('backups.plots')}</h2>
      {mine.length === 0 ? <p className="quiet">{t('backups.plots-empty')}</p> : null}
      {[...Map.groupBy(mine, ({ owner }) => owner)].map(([owner, plots]) => (
        <div className="stack tight" key={owner}>
          <h3>
            {hasPage(owner) ? (
              <a className="plain" href={href({ page: 'friend', owner })}>
                <Person name={plots[0]?.friend ?? ''} />
              </a>
            ) : (
              <Person name={plots[0]?.friend ?? ''} />
            )}
          </h3>
          <MyPlots plots={plots} name={plots[0]?.friend ?? ''} nowMs={nowMs} />
        </div>
      ))}
    </section>
  );
}

/** Whoever listens instead of looking hears when a job that was under way has come to its end. */
function useEndsAnnounced(jobs: readonly JobView[]): void {
  const running = useRef<ReadonlySet<string>>(new Set());
  useEffect(() => {
    for (const { id, kind, set, state } of jobs)
      if (running.current.has(id) && state !== 'running')
        announcer.announce(t(`backups.ended-${kind}-${state}`, { set }));
    running.current = new Set(jobs.filter(({ state }) => state === 'running').map(({ id }) => id));
  }, [jobs]);
}
