import type { BackupSetView } from '../contract/backup-views.ts';
import type { JobView, MyPlotView } from '../contract/views.ts';

/**
 * How a backup set is doing, in one word: its safety (`shared/backup/safety.ts`) and, above that, what is going on with
 * it now. The words are `backups.state-<state>` of the window's catalogue.
 */
export type SetState = 'safe' | 'running' | 'new' | 'waits' | 'catching-up' | 'late' | 'at-risk';

export type SetJudgement = {
  readonly state: SetState;
  /** The colour that repeats the word. */
  readonly tone: 'good' | 'plain' | 'warn' | 'bad';
};

const JUDGEMENTS: Readonly<Record<BackupSetView['safety'], SetJudgement>> = {
  safe: { state: 'safe', tone: 'good' },
  'catching-up': { state: 'catching-up', tone: 'plain' },
  stale: { state: 'late', tone: 'warn' },
  'at-risk': { state: 'at-risk', tone: 'bad' },
  never: { state: 'new', tone: 'warn' },
};

export function setState(
  set: Pick<BackupSetView, 'name' | 'safety' | 'lastFault'>,
  { jobs }: { readonly jobs: readonly Pick<JobView, 'kind' | 'set' | 'state'>[] },
): SetJudgement {
  if (runningJob(set, jobs) !== undefined) return { state: 'running', tone: 'plain' };
  const judged = JUDGEMENTS[set.safety];
  if (judged.state === 'at-risk') return judged;
  if (set.lastFault !== null && !mendsItself(set.lastFault.key))
    return { state: 'at-risk', tone: 'bad' };
  // Asked again by itself, and nothing is wrong; what grows old meanwhile is told by its age.
  const isWaiting = set.lastFault?.key === 'fault.waits';
  return isWaiting && judged.state !== 'late' ? { state: 'waits', tone: 'warn' } : judged;
}

/** The plots in which the set lies now, whoever it was made for. */
export function copiesOf<P extends Pick<MyPlotView, 'set'> & Partial<Pick<MyPlotView, 'state'>>>(
  set: Pick<BackupSetView, 'name'>,
  mine: readonly P[],
): readonly P[] {
  return mine.filter((plot) => plot.set === set.name && plot.state !== 'gone');
}

/** The run that is under way; a restore or a check leaves the set as it was. */
export function runningJob<J extends Pick<JobView, 'kind' | 'set' | 'state'>>(
  set: Pick<BackupSetView, 'name'>,
  jobs: readonly J[],
): J | undefined {
  return jobs.find(
    (job) => job.set === set.name && job.kind === 'backup' && job.state === 'running',
  );
}

/**
 * Whoever stopped a run by hand knows it, who waits for an answer is asked again, and a friend who is off comes back:
 * those mend themselves, and only the age of the last backup tells when that takes too long.
 */
const MENDS_ITSELF: ReadonlySet<string> = new Set([
  'fault.cancelled',
  'fault.waits',
  'fault.unreachable',
  'fault.repository-locked',
]);

export function mendsItself(key: string): boolean {
  return MENDS_ITSELF.has(key);
}
