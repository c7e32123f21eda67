import { Worker } from 'node:worker_threads';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { asReplaced } from '../../replaced.ts';
import type { Estimate } from './estimate-count.ts';
import type { FromEstimate } from './estimate-worker.ts';
import type { EngineProgress, EstimateJob } from './jobs.ts';

export const ESTIMATE_THREAD = new URL('./estimate-worker.ts', import.meta.url);

export type { Estimate } from './estimate-count.ts';

/** What a first backup would take: counted in a thread of its own, which ends at once when nobody wants to know. */
export async function runEstimate(
  job: EstimateJob,
  tools: { readonly signal: AbortSignal; readonly progress: (now: EngineProgress) => void },
): Promise<Result<Estimate, { readonly code: 'cancelled' }>> {
  if (tools.signal.aborted) return failed({ code: 'cancelled' });
  const worker = new Worker(ESTIMATE_THREAD, { workerData: job });
  let onAbort: (() => void) | undefined;
  try {
    return await new Promise((resolve, reject) => {
      onAbort = () => resolve(failed({ code: 'cancelled' }));
      tools.signal.addEventListener('abort', onAbort, { once: true });
      worker.on('message', (message: FromEstimate) => {
        if (message.type === 'ended') resolve(ok(message.estimate));
        else
          tools.progress({
            phase: 'reading',
            filesDone: message.files,
            filesTotal: null,
            bytesDone: message.bytes,
            bytesTotal: null,
          });
      });
      worker.on('error', (error) => reject(asReplaced(error)));
      worker.on('exit', (code) => reject(new Error(`the estimate ended early (${code})`)));
    });
  } finally {
    if (onAbort !== undefined) tools.signal.removeEventListener('abort', onAbort);
    await worker.terminate();
  }
}
