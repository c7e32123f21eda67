import type { BackupSetView } from '../../shared/contract/backup-views.ts';
import type { AppSnapshot } from '../../shared/contract/views.ts';
import { runningJob, setState } from '../../shared/words/set-state.ts';
import { say } from '../../shared/words/say.ts';
import { ProgressBar } from '../backups/job.tsx';
import { safetyWords } from '../backups/safety.ts';
import { namesWords } from '../state/names-words.ts';
import { href } from '../state/router.ts';
import { t } from '../state/words.ts';
import { Size } from '../ui/figures.tsx';
import { Tag } from '../ui/states.tsx';

/** Are my files safe: a card a set, the state first. */
export function SetCards({
  sets,
  jobs,
}: {
  readonly sets: AppSnapshot['sets'];
  readonly jobs: AppSnapshot['jobs'];
}) {
  return (
    <ul className="set-cards" aria-label={t('home.sets')}>
      {sets.map((set) => (
        <SetCard key={set.name} set={set} jobs={jobs} />
      ))}
    </ul>
  );
}

function SetCard({
  set,
  jobs,
}: {
  readonly set: BackupSetView;
  readonly jobs: AppSnapshot['jobs'];
}) {
  const { state, tone } = setState(set, { jobs });
  const job = runningJob(set, jobs);
  const { name, to, lastBytes, lastRunMs, lastFault } = set;
  return (
    <li className="card set-card">
      <Tag tone={tone}>{t(`backups.state-${state}`)}</Tag>
      <a className="set-name" href={href({ page: 'backups' })}>
        {name}
      </a>
      <span>{lastBytes === null ? null : <Size bytes={lastBytes} />}</span>
      <p className="set-more small quiet">
        {t('home.set-at', { friend: namesWords(to) })}
        {lastRunMs === null || job !== undefined ? '' : `, ${t('home.set-last', { lastRunMs })}`}
      </p>
      {job === undefined ? null : (
        <div className="set-more">
          <ProgressBar what={t(`phase.${job.progress.phase}`)} progress={job.progress} />
        </div>
      )}
      {set.safety === 'safe' || job !== undefined ? null : (
        <p className="set-more small">{say(t, safetyWords(set).what)}</p>
      )}
      {lastFault === null || job !== undefined ? null : (
        <p className={`set-more small ${lastFault.key === 'fault.waits' ? 'quiet' : 'fault'}`}>
          {say(t, lastFault)}
        </p>
      )}
    </li>
  );
}
