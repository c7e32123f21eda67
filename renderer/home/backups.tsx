import type { AppSnapshot, BackupSetView, JobView } from '../../shared/contract/views.ts';
import { say } from '../../shared/words/say.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';

export function Backups({
  sets,
  jobs,
}: {
  readonly sets: AppSnapshot['sets'];
  readonly jobs: AppSnapshot['jobs'];
}) {
  return (
    <section aria-labelledby="sets-title" className="card">
      <h2 id="sets-title">{t('ui.sets')}</h2>
      {sets.length === 0 ? <p className="quiet">{t('ui.sets-empty')}</p> : null}
      <ul className="plain">
        {sets.map((set) => (
          <SetLine
            key={set.name}
            set={set}
            job={jobs.find((job) => job.set === set.name && job.state === 'running')}
          />
        ))}
      </ul>
    </section>
  );
}

function SetLine({ set, job }: { readonly set: BackupSetView; readonly job: JobView | undefined }) {
  const { call, busy, problem } = useCall();
  const { name, to, lastRunMs, lastBytes, lastFault } = set;
  return (
    <li>
      <div className="row between">
        <strong>{name}</strong>
        {job === undefined ? (
          <Button disabled={busy} onPress={() => void call('sets.run', { name })}>
            {t('ui.set-run')}
          </Button>
        ) : (
          <progress
            aria-label={t(`phase.${job.progress.phase}`)}
            max={Number(job.progress.bytesTotal ?? 0) || 1}
            value={job.progress.bytesTotal === null ? undefined : Number(job.progress.bytesDone)}
          />
        )}
      </div>
      <p className="quiet small">
        {t('ui.at', { friend: to.join(', ') })},{' '}
        {lastRunMs === null ? t('ui.set-never') : t('ui.set-last', { lastRunMs, lastBytes })}
      </p>
      {lastFault === null ? null : <p className="fault">{say(t, lastFault)}</p>}
      {problem === undefined ? null : <p className="fault">{problem}</p>}
    </li>
  );
}
