import type { Async } from '../../../shared/async.ts';
import { createEstimates, type Estimates } from '../backup/estimates.ts';
import type { Jobs } from '../backup/jobs.ts';
import { createRunSet, type PruneSet, type RunSet } from '../backup/run-set.ts';
import type { BackupRunner } from '../backup/runner.ts';
import { createScheduler, type Scheduler } from '../backup/scheduler.ts';
import type { SetBook } from '../backup/set-book.ts';
import type { HoldingsBook } from '../client/holdings/holdings-book.ts';
import type { WishKeeper } from '../client/asking/wish-keeper.ts';
import { pauseAt, type PauseKeeper } from '../pause.ts';
import type { Replacement } from '../replaced.ts';
import { isFolder } from '../is-folder.ts';
import type { Activity, Clock, Logger } from '../ports.ts';

/** Composes what makes sets run: by hand, when it is time, and what follows from a run. */
export type Planning = {
  readonly runs: RunSet;
  readonly scheduler: Scheduler;
  readonly estimates: Estimates;
};

export function createPlanning({
  sets,
  jobs,
  runner,
  prune,
  holdings,
  wishes,
  pause,
  replacement,
  activity,
  clock,
  logger,
  onChange,
}: {
  readonly sets: Async<SetBook>;
  readonly jobs: Jobs;
  readonly runner: Pick<BackupRunner, 'backup'>;
  readonly prune: PruneSet;
  readonly holdings: Async<Pick<HoldingsBook, 'holding'>>;
  readonly wishes: Pick<WishKeeper, 'wishes'>;
  readonly pause: Pick<PauseKeeper, 'untilMs'>;
  readonly replacement: Pick<Replacement, 'isReplaced'>;
  readonly activity: Activity;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onChange: () => void;
}): Planning {
  const runs = createRunSet({ sets, jobs, runner, prune, clock, logger });
  const scheduler = createScheduler({
    sets,
    jobs,
    runs,
    activity,
    wishes: () => wishes.wishes(),
    setOfPlot: async (plot) => (await holdings.holding(plot))?.set,
    isFolder,
    pausedUntilMs: pause.untilMs,
    pauseAt,
    isReplaced: replacement.isReplaced,
    clock,
    onChange,
  });
  return { runs, scheduler, estimates: createEstimates({ jobs }) };
}
