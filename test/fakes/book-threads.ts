import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';

/**
 * The threads that start from now on, so that a test can end one as no call of ours could. Node tells
 * of every thread on this channel; the program itself needs no back door for it.
 */
export function watchThreads(): { readonly all: readonly Worker[]; readonly stop: () => void } {
  const all: Worker[] = [];
  const note = (message: unknown) => void all.push((message as { readonly worker: Worker }).worker);
  subscribe('worker_threads', note);
  return { all, stop: () => void unsubscribe('worker_threads', note) };
}
