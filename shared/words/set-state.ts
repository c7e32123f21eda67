import type { BackupSetView } from '../contract/backup-views.ts';
import type { JobView, MyPlotView } from '../contract/views.ts';

/**
 * How a backup set is doing, in one word (design §6): Home and My backups must never disagree about it.
 * The words are `backups.state-<state>` of the window's catalogue.
 */
export type SetState = 'safe' | 'running' | 'new' | 'waits' | 'late' | 'at-risk';

export type SetJudgement = {
  readonly state: SetState;
  /** The colour that repeats the word. */
  readonly tone: 'good' | 'plain' | 'warn' | 'bad';
};

const DAY_MS = 86_400_000;
export const LATE_AFTER_MS = 3 * DAY_MS;
export const AT_RISK_AFTER_MS = 5 * DAY_MS;

export function setState(
  set: Pick<BackupSetView, 'name' | 'to' | 'lastRunMs' | 'lastFault'>,
  {
    jobs,
    mine,
  }: {
    readonly jobs: readonly Pick<JobView, 'kind' | 'set' | 'state'>[];
    readonly mine: readonly (Pick<MyPlotView, 'set'> & Partial<Pick<MyPlotView, 'state'>>)[];
  },
  nowMs: number,
): SetJudgement {
  if (runningJob(set, jobs) !== undefined) return { state: 'running', tone: 'plain' };
  if (isFailure(set)) return { state: 'at-risk', tone: 'bad' };
  // The friendships with all who kept it are over: no run can mend that.
  if (set.to.length === 0) return { state: 'at-risk', tone: 'bad' };
  // Asked again by itself, and nothing is wrong; what grows old meanwhile is told by its age.
  const waits: SetJudgement = { state: 'waits', tone: 'warn' };
  const isWaiting = set.lastFault?.key === 'fault.waits';
  if (set.lastRunMs === null) return isWaiting ? waits : { state: 'new', tone: 'warn' };
  // It was backed up, and then every copy was given back or ended.
  if (copiesOf(set, mine).length === 0) return { state: 'at-risk', tone: 'bad' };
  // A clock that was set back makes a run lie in the future; that is no reason to worry anybody.
  const ageMs = nowMs - set.lastRunMs;
  if (ageMs >= AT_RISK_AFTER_MS) return { state: 'at-risk', tone: 'bad' };
  if (ageMs >= LATE_AFTER_MS) return { state: 'late', tone: 'warn' };
  return isWaiting ? waits : { state: 'safe', tone: 'good' };
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

const NO_FAILURES: ReadonlySet<string> = new Set(['fault.cancelled', 'fault.waits']);

/**
 * Whoever stopped a run by hand knows it, and who waits for a friend's answer is asked again: those are
 * no failures, and the run before still counts.
 */
function isFailure({ lastFault }: Pick<BackupSetView, 'lastFault'>): boolean {
  return lastFault !== null && !NO_FAILURES.has(lastFault.key);
}
