import type { JobView } from '../../shared/contract/views.ts';
import { useWindow } from './store.ts';

/** A job that was begun here, as the core tells it; `undefined` before the core has, and when it has forgotten it. */
export function useJob(id: string | undefined): JobView | undefined {
  return useWindow(({ snapshot }) => snapshot?.jobs.find((job) => job.id === id));
}
