import type { EstimateView } from '../../../shared/contract/backup-views.ts';
import type { JobView } from '../../../shared/contract/views.ts';
import { fault } from '../../../shared/fault.ts';
import { failed, ok } from '../../../shared/result.ts';
import { type Estimate, runEstimate } from './engine/estimate.ts';
import type { EstimateJob } from './engine/jobs.ts';
import type { Jobs } from './jobs.ts';

/** What a first backup would take: counted in the background, the last few answers kept for whoever asked. */
export type Estimates = {
  readonly start: (job: EstimateJob) => JobView;
  /** `null`: still counting, or it came to nothing and the job says why; `undefined`: there is no such job any more. */
  readonly result: (job: string) => EstimateView | null | undefined;
};

/** Somebody tries other folders and rules a few times; nobody goes back further. */
const KEPT_MAX = 5;

export function createEstimates({
  jobs,
  run = runEstimate,
}: {
  readonly jobs: Jobs;
  readonly run?: typeof runEstimate;
}): Estimates {
  const results = new Map<string, EstimateView>();

  function keep(id: string, view: EstimateView): void {
    results.set(id, view);
    const [oldest] = results.keys();
    if (results.size > KEPT_MAX && oldest !== undefined) results.delete(oldest);
  }

  return {
    start: (job) => {
      // One at a time: whoever asks anew does not wait for the answer before.
      for (const { id, kind, state } of jobs.list())
        if (kind === 'estimate' && state === 'running') jobs.cancel(id);
      const started: JobView = jobs.start(
        { kind: 'estimate', set: job.folders[0] ?? '' },
        async (control) => {
          const counted = await run(job, control);
          if (!counted.ok) return failed(fault(counted.fault.code));
          const view = viewOf(counted.value);
          keep(started.id, view);
          return ok({ files: view.files, bytes: view.bytes });
        },
      );
      return started;
    },
    result: (id) => {
      const job = jobs.get(id);
      const isUnanswered = job?.kind === 'estimate' && job.state !== 'done';
      return results.get(id) ?? (isUnanswered ? null : undefined);
    },
  };
}

function viewOf({ files, bytes, largest, skipped, rules }: Estimate): EstimateView {
  return {
    files,
    bytes: `${bytes}`,
    largest: largest.map((each) => ({ path: each.path, bytes: `${each.bytes}` })),
    skipped: { ...skipped, excludedBytes: `${skipped.excludedBytes}` },
    rules,
  };
}
