import type { JobView } from '../../shared/contract/views.ts';

/** How a job has ended, as a sentence; the same for whoever looks and whoever listens. */
export function endedKey({ kind, state, result }: Pick<JobView, 'kind' | 'state' | 'result'>) {
  // The file was written to since: it came back, and there is nothing to compare it with.
  const isAlone = kind === 'drill' && state === 'done' && result?.['same'] === 0;
  return isAlone
    ? ('backups.ended-drill-alone' as const)
    : (`backups.ended-${kind}-${state}` as const);
}
