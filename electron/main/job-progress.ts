import type { JobView } from '../../shared/contract/views.ts';

/** How far my own jobs are, for the bar in the task bar or dock. */
export type JobsProgress =
  | { readonly mode: 'none' }
  | { readonly mode: 'indeterminate' }
  /** From 0 to 1. */
  | { readonly mode: 'normal'; readonly done: number };

export function jobsProgress(jobs: readonly JobView[]): JobsProgress {
  const running = jobs.filter(({ state }) => state === 'running');
  if (running.length === 0) return { mode: 'none' };
  let done = 0n;
  let total = 0n;
  for (const { progress } of running) {
    // One job that can't say how much there is makes the sum unknown.
    if (progress.bytesTotal === null) return { mode: 'indeterminate' };
    done += BigInt(progress.bytesDone);
    total += BigInt(progress.bytesTotal);
  }
  if (total === 0n) return { mode: 'indeterminate' };
  return { mode: 'normal', done: Math.min(1, Number((done * 1000n) / total) / 1000) };
}
