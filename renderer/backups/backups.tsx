import { friendly } from '../friends/friendly.ts';
import { useEffect, useRef, useState } from 'react';
import type { AppSnapshot, JobView, Revisioned } from '../../shared/contract/views.ts';
import { Wishes } from '../friends/wishes.tsx';
import { announcer } from '../state/announce.ts';
import { later } from '../state/later.tsx';
import { href } from '../state/router.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Empty } from '../ui/states.tsx';
import { endedKey } from './ended-key.ts';
import { PhraseDialog, SetDialog, SheetDialog } from './dialogs-later.ts';
import { MyPlotsByFriend } from './my-plots.tsx';
import { Restores, restoreJobs } from './restores.tsx';
import { worstFirst } from './safety.ts';
import { SetCard } from './set-card.tsx';
import './backups.css';

const Recovered = later(async () => (await import('../recovery/recovered.tsx')).Recovered);

type Asking = 'phrase' | 'phrase-first' | 'set' | 'sheet' | { readonly edit: string };

/** What of mine is kept elsewhere: the sets, how they are doing, and the plots in which they lie. */
export function Backups({ snapshot }: { readonly snapshot: Revisioned & AppSnapshot }) {
  const [asking, setAsking] = useState<Asking>();
  const { sets, jobs, mine, friends, status, restores, recovery, asOfMs } = snapshot;
  useEndsAnnounced(jobs);
  const keepers = friendly(friends);
  // Hosting needs no recovery words; the first backup does (design §7).
  const begin = () => setAsking(status.phraseSaved ? 'set' : 'phrase-first');
  const close = () => setAsking(undefined);
  const edited =
    typeof asking === 'object' ? sets.find(({ name }) => name === asking.edit) : undefined;
  const shownElsewhere = restoreJobs(restores);
  return (
    <>
      <header className="page-head">
        <div className="row between">
          <h1>{t('backups.title')}</h1>
          {sets.length === 0 ? null : <Button onPress={begin}>{t('backups.new')}</Button>}
        </div>
        <p className="quiet">{t('backups.about')}</p>
        <p className="row">
          <a href={href({ page: 'restore' })}>{t('restore.from-disk')}</a>
          {status.phraseSaved ? (
            <Button look="link" onPress={() => setAsking('sheet')}>
              {t('sheet.open')}
            </Button>
          ) : null}
        </p>
      </header>
      {recovery.state === 'none' ? null : <Recovered snapshot={snapshot} />}
      <Restores restores={restores} />
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
          {worstFirst(sets).map((set) => (
            <SetCard
              key={set.name}
              set={set}
              jobs={jobs.filter(({ id }) => !shownElsewhere.has(id))}
              mine={mine}
              friends={friends}
              nowMs={asOfMs}
              onEdit={() => setAsking({ edit: set.name })}
            />
          ))}
        </ul>
      ) : keepers.length === 0 ? (
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
      {sets.length + mine.length === 0 ? null : (
        <MyPlotsByFriend mine={mine} friends={friends} nowMs={asOfMs} />
      )}
      {asking === 'phrase' || asking === 'phrase-first' ? (
        <PhraseDialog
          isFirst={asking === 'phrase-first'}
          onDone={() => setAsking(asking === 'phrase-first' ? 'set' : undefined)}
          onClose={close}
        />
      ) : null}
      {asking === 'set' ? <SetDialog friends={keepers} onClose={close} /> : null}
      {asking === 'sheet' ? <SheetDialog onClose={close} /> : null}
      {edited === undefined ? null : (
        <SetDialog key={edited.name} friends={keepers} set={edited} onClose={close} />
      )}
    </>
  );
}

/** Whoever listens instead of looking hears when a job that was under way has come to its end. */
function useEndsAnnounced(jobs: readonly JobView[]): void {
  const running = useRef<ReadonlySet<string>>(new Set());
  useEffect(() => {
    for (const job of jobs)
      if (running.current.has(job.id) && job.state !== 'running')
        announcer.announce(t(endedKey(job), { set: job.set }));
    running.current = new Set(jobs.filter(({ state }) => state === 'running').map(({ id }) => id));
  }, [jobs]);
}
