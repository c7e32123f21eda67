import type { JobView, Sentence } from '../../shared/contract/views.ts';
import { say } from '../../shared/words/say.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Problem } from '../ui/problem.tsx';

/** Work under way: how far it is in bytes, how long it will take, and how to stop it. */
export function JobProgress({ job }: { readonly job: JobView }) {
  const { call, busy, problem } = useCall();
  const { id, kind, set, progress } = job;
  const { phase, bytesDone, bytesTotal, filesDone, filesTotal, leftS } = progress;
  const what = t(`backups.job-${kind}`, { set });
  const facts = [
    t(`phase.${phase}`),
    filesTotal === null
      ? t('backups.files', { count: filesDone })
      : t('backups.files-of', { count: filesTotal, filesDone }),
    bytesTotal === null
      ? t('backups.bytes', { bytesDone })
      : t('backups.bytes-of', { bytesDone, bytesTotal }),
    ...(leftS === null ? [] : [t('backups.left', { leftS })]),
  ];
  return (
    <div className="job">
      <p className="strong">{what}</p>
      {bytesTotal === null ? (
        <progress aria-label={what} />
      ) : (
        <progress aria-label={what} max={1} value={part(bytesDone, bytesTotal)} />
      )}
      <div className="row between">
        <p className="small quiet numbers">{facts.join(' · ')}</p>
        <Button
          disabled={busy}
          label={t(`backups.cancel-${kind}`, { set })}
          onPress={() => void call('jobs.cancel', { id })}
        >
          {t('backups.cancel')}
        </Button>
      </div>
      <Problem>{problem}</Problem>
    </div>
  );
}

/** How a check or a restore has ended. */
export function JobEnd({ job }: { readonly job: JobView }) {
  const { kind, set, state, result, fault, problems } = job;
  return (
    <div className="stack tight">
      {fault === null || state === 'cancelled' ? (
        <p className={problems.length > 0 ? 'warn' : 'quiet'}>
          {t(`backups.ended-${kind}-${state}`, { set })}
          {kind === 'restore' && result !== null
            ? ` ${t('backups.restored', {
                count: Number(result['files'] ?? 0),
                bytesTotal: String(result['bytesTotal'] ?? 0),
              })}`
            : null}
        </p>
      ) : (
        <p className="fault">
          {t(`backups.ended-${kind}-${state}`, { set })} {say(t, fault)}
        </p>
      )}
      <JobProblems problems={problems} />
    </div>
  );
}

/** So many files, folded away: a hundred of them are one story. */
export function JobProblems({ problems }: { readonly problems: readonly Sentence[] }) {
  if (problems.length === 0) return null;
  return (
    <details>
      <summary>{t('backups.problems', { count: problems.length })}</summary>
      <ul className="lines small set-problems">
        {problems.map((problem, index) => (
          // Two files may have met the same fate.
          <li key={index}>{say(t, problem)}</li>
        ))}
      </ul>
    </details>
  );
}

/** Worked out in whole numbers: two huge counts would lose what they differ by. */
function part(bytesDone: string, bytesTotal: string): number {
  const total = BigInt(bytesTotal);
  return total === 0n ? 0 : Math.min(1, Number((BigInt(bytesDone) * 1000n) / total) / 1000);
}
