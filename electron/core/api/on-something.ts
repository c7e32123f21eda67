import type { JobView } from '../../../shared/contract/views.ts';
import { fault } from '../../../shared/fault.ts';
import { failed } from '../../../shared/result.ts';
import type { Jobs } from '../backup/jobs.ts';

/** Starts a job that works on something besides its set, or gives the one that does so already. */
export type StartOn = (
  what: Pick<JobView, 'kind' | 'set'>,
  something: string,
  work: Parameters<Jobs['start']>[1],
) => JobView;

/**
 * Asked for again while it runs, a job is the same one. One of the same kind on something else is none of it: whoever asked would be
 * told that his disk holds what lies on another. It begins when the others have ended.
 */
export function createStartOn({
  list,
  start,
  ended,
}: Pick<Jobs, 'list' | 'start' | 'ended'>): StartOn {
  /** By job, for as long as it runs. */
  const worksOn = new Map<string, string>();

  return (what, something, work) => {
    const running = list().filter(({ state }) => state === 'running');
    for (const id of worksOn.keys()) if (!running.some((job) => job.id === id)) worksOn.delete(id);
    const before = running.filter(({ kind, set }) => kind === what.kind && set === what.set);
    const same = before.find(({ id }) => worksOn.get(id) === something);
    if (same !== undefined) return same;
    const job = start(what, async (control) => {
      const { signal } = control;
      const over = Promise.all(before.map(({ id }) => ended(id)));
      await Promise.race([over, aborted(signal)]);
      return signal.aborted ? failed(fault('cancelled')) : work(control);
    });
    worksOn.set(job.id, something);
    return job;
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
