import { useState } from 'react';
import type { BackupSetView } from '../../shared/contract/backup-views.ts';
import type { JobView, MyPlotView } from '../../shared/contract/views.ts';
import { say } from '../../shared/words/say.ts';
import { copiesOf, setState } from '../../shared/words/set-state.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { firstEndMs, isLent } from '../friends/lending.ts';
import { useCall } from '../state/use-call.ts';
import { dateTime, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Size } from '../ui/figures.tsx';
import { Problem } from '../ui/problem.tsx';
import { Tag } from '../ui/states.tsx';
import { JobEnd, JobProblems, JobProgress } from './job.tsx';
import { namesWords } from './names-words.ts';
import { Snapshots } from './snapshots.tsx';

/** One set: how it is doing, what is in it, who keeps it, and what can be done about it. */
export function SetCard({
  set,
  jobs,
  mine,
  nowMs,
}: {
  readonly set: BackupSetView;
  readonly jobs: readonly JobView[];
  readonly mine: readonly MyPlotView[];
  readonly nowMs: number;
}) {
  const { call, busy, problem } = useCall();
  const [isOpen, setOpen] = useState(false);
  const { name, folders, lastBytes, lastRunMs, lastFault } = set;
  const { state, tone } = setState(set, { jobs, mine }, nowMs);
  const lent = copiesOf(set, mine).filter(isLent);
  const own = jobs.filter((job) => job.set === name);
  const running = own.filter((job) => job.state === 'running');
  const ended = own.filter((job) => job.state !== 'running');
  const lastRun = ended.find(({ kind }) => kind === 'backup');
  const lastOther = ended.find(({ kind }) => kind !== 'backup');
  return (
    <li className="card set" aria-label={name}>
      <div className="set-head">
        <Tag tone={tone}>{t(`backups.state-${state}`)}</Tag>
        <h2 className="set-title">{name}</h2>
        {lastBytes === null ? null : <Size bytes={lastBytes} />}
      </div>
      <div className="small quiet">
        <ul className="set-folders" aria-label={t('backups.folders')}>
          {folders.map((folder) => (
            <li key={folder} title={folder}>
              {folder}
            </li>
          ))}
        </ul>
        <p>
          {keptWords(set, mine)}
          {' · '}
          {lastRunMs === null ? (
            t('backups.never')
          ) : (
            <time
              dateTime={new Date(lastRunMs).toISOString()}
              title={dateTime(lastRunMs, { dateStyle: 'full', timeStyle: 'short' })}
            >
              {t('backups.last', { lastRunMs })}
            </time>
          )}
        </p>
      </div>
      {lent.length === 0 ? null : (
        <ul className="small">
          {lent.map((plot) => (
            <li key={plot.plot}>{lentWords(plot, nowMs)}</li>
          ))}
        </ul>
      )}
      {lastFault === null || state === 'running' || lastFault.key === 'fault.cancelled' ? null : (
        // What waits is asked again by itself: nothing has failed.
        <p className={lastFault.key === 'fault.waits' ? 'quiet' : 'fault'}>{say(t, lastFault)}</p>
      )}
      {running.map((job) => (
        <JobProgress key={job.id} job={job} />
      ))}
      {lastRun === undefined || state === 'running' ? null : (
        <JobProblems problems={lastRun.problems} />
      )}
      {lastOther === undefined ? null : <JobEnd job={lastOther} />}
      <div className="row">
        {state === 'running' ? null : (
          <Button
            disabled={busy}
            label={t('backups.run-what', { set: name })}
            onPress={() => void call('sets.run', { name })}
          >
            {t('backups.run')}
          </Button>
        )}
        {running.some(({ kind }) => kind === 'check') || lastRunMs === null ? null : (
          <Button
            disabled={busy}
            label={t('backups.check-what', { set: name })}
            onPress={() => void call('sets.check', { name })}
          >
            {t('backups.check')}
          </Button>
        )}
        {lastRunMs === null ? null : (
          <Button
            label={t(isOpen ? 'backups.snapshots-hide-what' : 'backups.snapshots-what', {
              set: name,
            })}
            expanded={isOpen}
            onPress={() => setOpen(!isOpen)}
          >
            {isOpen ? t('backups.snapshots-hide') : t('backups.snapshots')}
          </Button>
        )}
      </div>
      <Problem>{problem}</Problem>
      {isOpen ? <Snapshots set={name} /> : null}
    </li>
  );
}

/** An extra copy may be lent, and has to go when somebody waits for the room. */
function lentWords(plot: MyPlotView, nowMs: number): string {
  const untilMs = firstEndMs([plot], nowMs);
  const name = nameInSentence(plot.friend);
  return untilMs === undefined
    ? t('backups.lent-copy-over', { name })
    : t('backups.lent-copy', { name, untilMs });
}

/** Who keeps it now; before the first run, and when nobody does any more, who will. */
function keptWords(set: BackupSetView, mine: readonly MyPlotView[]): string {
  const keepers = copiesOf(set, mine).map(({ friend }) => friend);
  if (keepers.length > 0) return t('backups.kept', { friends: namesWords([...new Set(keepers)]) });
  if (set.to.length === 0) return t('backups.goes-to-nobody');
  const friends = namesWords(set.to);
  return set.lastRunMs === null
    ? t('backups.will-keep', { friends })
    : t('backups.kept-by-nobody', { friends });
}
