import type { Async } from '../../../shared/async.ts';
import { isPruneDue } from '../../../shared/backup/due.ts';
import type { JobView } from '../../../shared/contract/views.ts';
import { asFailed, type Fault, fault } from '../../../shared/fault.ts';
import { failed, type Result } from '../../../shared/result.ts';
import type { Clock, Logger } from '../ports.ts';
import { BY_HAND, type JobControl, type JobResult, type Jobs } from './jobs.ts';
import type { BackupRunner } from './runner.ts';
import type { BackupSet, SetBook } from './set-book.ts';

/** Begins a set's backup, the same way whether somebody asked for it or it was time. */
export type RunSet = {
  /** The job; asked twice, a set still runs once. */
  readonly run: (set: Pick<BackupSet, 'name'>) => JobView;
  /** Removes what the retention does not keep and gives the room back. */
  readonly prune: (set: Pick<BackupSet, 'name'>) => JobView;
  /** Stops what changes or looks through copies; it goes on by itself when nothing is in the way any more. */
  readonly stop: (name: string) => void;
};

export type PruneSet = (set: BackupSet, control: JobControl) => Promise<Result<JobResult, Fault>>;

export function createRunSet({
  sets,
  jobs,
  runner,
  prune,
  clock,
  logger,
}: {
  readonly sets: Async<SetBook>;
  readonly jobs: Jobs;
  readonly runner: Pick<BackupRunner, 'backup'>;
  readonly prune: PruneSet;
  readonly clock: Clock;
  readonly logger: Logger;
}): RunSet {
  const running = (kind: JobView['kind'], name: string) =>
    jobs.list().find((job) => job.kind === kind && job.set === name && job.state === 'running');

  async function backup(name: string, control: JobControl): Promise<Result<JobResult, Fault>> {
    // As it is now: it may have waited for its turn, and have been changed or dropped meanwhile.
    const set = await sets.set(name);
    if (set === undefined) return failed(fault('cancelled'));
    await sets.tried({ name, atMs: clock.nowMs() });
    // Whatever it ended with is noted, or it would begin anew each minute.
    const ended = await runner.backup(set, control).catch((error: unknown) => {
      const none = asFailed(error);
      logger.warn('a backup could not go on', { set: name, error: String(error) });
      return none;
    });
    if (wasCutOff(ended, control)) return ended;
    await sets.ran({
      name,
      atMs: clock.nowMs(),
      bytes: ended.ok ? BigInt(ended.value['bytesTotal'] ?? 0) : undefined,
      fault: ended.ok
        ? undefined
        : { key: `fault.${ended.fault.code}`, params: ended.fault.params },
    });
    if (ended.ok && isPruneDue(set, clock.nowMs())) startPrune(name);
    return ended;
  }

  async function pruneNow(name: string, control: JobControl): Promise<Result<JobResult, Fault>> {
    const set = await sets.set(name);
    if (set === undefined) return failed(fault('cancelled'));
    const ended = await prune(set, control);
    if (ended.ok) await sets.notePruned({ name, atMs: clock.nowMs() });
    return ended;
  }

  function startPrune(name: string): JobView {
    return (
      running('prune', name) ??
      jobs.start({ kind: 'prune', set: name }, (control) => pruneNow(name, control))
    );
  }

  return {
    run: ({ name }) =>
      running('backup', name) ??
      jobs.start({ kind: 'backup', set: name }, (control) => backup(name, control)),
    prune: ({ name }) => startPrune(name),
    stop: (name) => {
      for (const { id, kind, set, state } of jobs.list())
        if (set === name && state === 'running' && STOPPABLE.has(kind)) jobs.cancel(id);
    },
  };
}

const STOPPABLE: ReadonlySet<JobView['kind']> = new Set(['backup', 'prune', 'check', 'verify']);

/** By a pause, or because the program ended: nobody meant to leave this run out, and it begins again by itself. */
function wasCutOff(ended: Result<JobResult, Fault>, { signal }: JobControl): boolean {
  return !ended.ok && ended.fault.code === 'cancelled' && signal.reason !== BY_HAND;
}
