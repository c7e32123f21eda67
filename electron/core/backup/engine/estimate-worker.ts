import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../../../shared/assert.ts';
import { type Estimate, estimate } from './estimate-count.ts';
import type { EstimateJob } from './jobs.ts';

/** A thread that counts: a million files take a minute, and the main thread has a window to draw. */
export type FromEstimate =
  | { readonly type: 'progress'; readonly files: number; readonly bytes: number }
  | { readonly type: 'ended'; readonly estimate: Estimate };

const PROGRESS_EVERY_MS = 200;

const port = parentPort;
assert(port !== null, 'this is a worker');
let lastMs = 0;
const counted = estimate(workerData as EstimateJob, ({ files, bytes }) => {
  const nowMs = performance.now();
  if (nowMs - lastMs < PROGRESS_EVERY_MS) return;
  lastMs = nowMs;
  port.postMessage({ type: 'progress', files, bytes } satisfies FromEstimate);
});
port.postMessage({ type: 'ended', estimate: counted } satisfies FromEstimate);
