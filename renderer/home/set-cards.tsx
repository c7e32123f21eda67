import type { BackupSetView } from '../../shared/contract/backup-views.ts';
import type { AppSnapshot, JobView } from '../../shared/contract/views.ts';
import { runningJob, setState } from '../../shared/words/set-state.ts';
import { say } from '../../shared/words/say.ts';
import { shortNames } from '../../shared/words/short-name.ts';
import { safetyWords } from '../backups/safety.ts';
import { href } from '../state/router.ts';
import { sayCounted } from '../state/say-counted.ts';
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
        {t('home.set-at', { friend: shortNames(to.join(', ')) })}
        {lastRunMs === null || job !== undefined ? '' : `, ${t('home.set-last', { lastRunMs })}`}
      </p>
      {job === undefined ? null : <Progress job={job} />}
      {set.safety === 'safe' || job !== undefined ? null : (
        <p className="set-more small">{sayCounted(safetyWords(set).what)}</p>
      )}
      {lastFault === null || job !== undefined ? null : (
        <p className={`set-more small ${lastFault.key === 'fault.waits' ? 'quiet' : 'fault'}`}>
          {say(t, lastFault)}
        </p>
      )}
    </li>
  );
}

function Progress({ job }: { readonly job: JobView }) {
  const { bytesDone, bytesTotal, phase } = job.progress;
  const words = t(`phase.${phase}`);
  return (
    <div className="set-more">
      {bytesTotal === null ? (
        <progress aria-label={words} />
      ) : (
        <progress
          aria-label={words}
          max={Number(bytesTotal) || 1}
          value={Math.min(Number(bytesDone), Number(bytesTotal))}
        />
      )}
    </div>
  );
}
