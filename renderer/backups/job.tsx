import type { JobProgress as Progress, JobView, Sentence } from '../../shared/contract/views.ts';
import { say } from '../../shared/words/say.ts';
import { useCall } from '../state/use-call.ts';
import { size, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Problem } from '../ui/problem.tsx';
import { endedKey } from './ended-key.ts';

/** Work under way: how far it is in bytes, how fast, how long it will take, and how to stop it. */
export function JobProgress({ job }: { readonly job: JobView }) {
  const { call, busy, problem } = useCall();
  const { id, kind, set, progress } = job;
  const what = t(`backups.job-${kind}`, { set });
  return (
    <div className="job">
      <p className="strong">{what}</p>
      <ProgressBar what={what} progress={progress} />
      <div className="row between">
        <p className="small quiet numbers">{progressWords(progress)}</p>
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

export function ProgressBar({
  what,
  progress: { bytesDone, bytesTotal, filesDone, filesTotal },
}: {
  readonly what: string;
  readonly progress: Progress;
}) {
  if (bytesTotal !== null)
    return <progress aria-label={what} max={1} value={part(bytesDone, bytesTotal)} />;
  return filesTotal === null ? (
    <progress aria-label={what} />
  ) : (
    <progress aria-label={what} max={filesTotal} value={filesDone} />
  );
}

export function progressWords(progress: Progress): string {
  const { phase, bytesDone, bytesTotal, filesDone, filesTotal, bytesPerS, leftS } = progress;
  return [
    t(`phase.${phase}`),
    // Where nothing is counted, nought says nothing.
    ...(filesTotal === null && filesDone === 0 ? [] : [filesWords(filesDone, filesTotal)]),
    ...(bytesTotal === null && bytesDone === '0' ? [] : [bytesWords(bytesDone, bytesTotal)]),
    // Before the first second is over there is no rate worth a word.
    ...(bytesPerS < 1 ? [] : [t('backups.rate', { size: size(BigInt(Math.round(bytesPerS))) })]),
    ...(leftS === null ? [] : [t('backups.left', { leftS })]),
  ].join(' · ');
}

function filesWords(filesDone: number, filesTotal: number | null): string {
  return filesTotal === null
    ? t('backups.files', { count: filesDone })
    : t('backups.files-of', { count: filesTotal, filesDone });
}

function bytesWords(bytesDone: string, bytesTotal: string | null): string {
  return bytesTotal === null
    ? t('backups.bytes', { bytesDone })
    : t('backups.bytes-of', { bytesDone, bytesTotal });
}

/** Room is looked for after every backup; only where some came back is that worth a line. */
export function isWorthALine({ kind, state, result, problems }: JobView): boolean {
  if (kind === 'estimate' || kind === 'backup') return false;
  if (kind !== 'prune' || state !== 'done' || problems.length > 0) return true;
  return (result?.['bytesFreed'] ?? '0') !== '0';
}

/** How a check, a restore or whatever else was asked for has ended. */
export function JobEnd({ job }: { readonly job: JobView }) {
  const { set, state, fault, problems } = job;
  const ended = t(endedKey(job), { set });
  return (
    <div className="stack tight">
      {fault === null || state === 'cancelled' ? (
        <p className={problems.length > 0 ? 'warn' : 'quiet'}>
          {[ended, ...resultWords(job)].join(' ')}
        </p>
      ) : (
        <p className="fault">
          {ended} {say(t, fault)}
        </p>
      )}
      <JobProblems problems={problems} />
    </div>
  );
}

/** The figures that a person cares for; a core that gives none leaves the sentence alone. */
function resultWords({ kind, state, result }: JobView): readonly string[] {
  if (state !== 'done' || result === null) return [];
  const figure = (name: string) => {
    const value = result[name];
    return value === undefined ? undefined : String(value);
  };
  if (kind === 'restore')
    return [
      t('backups.restored', {
        count: Number(figure('files') ?? 0),
        bytesTotal: figure('bytesTotal') ?? '0',
      }),
    ];
  const freedBytes = figure('bytesFreed');
  const keptDays = figure('keptDays');
  if (kind === 'prune' && freedBytes !== undefined)
    return [
      keptDays === undefined
        ? t('backups.freed', { freedBytes })
        : t('backups.freed-later', { freedBytes, count: Number(keptDays) }),
    ];
  const path = figure('file');
  return kind === 'drill' && path !== undefined ? [t('backups.drilled-path', { path })] : [];
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
