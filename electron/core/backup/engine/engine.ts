import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { Result } from '../../../../shared/result.ts';
import { asReplaced } from '../../replaced.ts';
import { derivedKeys, learnDerived } from '../repository/key-file.ts';
import type { RepositoryStore } from '../repository/repository-store.ts';
import type { EngineStart, FromEngine } from './engine-worker.ts';
import type { EngineFault, EngineJob, EngineSummary, EngineTools } from './jobs.ts';
import { serveStore } from './store-port.ts';

export type { EngineFault, EngineJob, EngineProblem, EngineSummary } from './jobs.ts';

export const ENGINE_THREAD = new URL('./engine-worker.ts', import.meta.url);

/** More threads than these wait for the line. */
const THREADS_MAX = 6;

/** Runs one job on a repository that exists; the main thread only moves its packs. */
export async function runEngine(
  job: EngineJob,
  {
    store,
    password,
    cache,
    tools,
  }: {
    readonly store: RepositoryStore;
    readonly password: string;
    /** A folder whose contents can be lost. */
    readonly cache: string;
    readonly tools: EngineTools;
  },
): Promise<Result<EngineSummary, EngineFault>> {
  const { port1, port2 } = new MessageChannel();
  const threads = Math.min(THREADS_MAX, Math.max(1, availableParallelism()));
  const workerData: EngineStart = {
    job,
    password,
    cache,
    threads,
    derived: derivedKeys(),
    store: port2,
    givesWay: tools.givesWay === true,
  };
  // Each job's threads begin with the same program; kept as it was compiled it takes less time and memory, also where this
  // program keeps its own.
  const worker = new Worker(ENGINE_THREAD, {
    workerData,
    transferList: [port2],
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
    env: { NODE_COMPILE_CACHE: join(cache, 'compiled'), ...process.env },
  });
  const onAbort = () => worker.postMessage('cancel');
  tools.signal.addEventListener('abort', onAbort, { once: true });
  if (tools.signal.aborted) onAbort();
  try {
    return await new Promise((resolve, reject) => {
      serveStore(port1, store, reject);
      worker.on('message', (message: FromEngine) => {
        if (message.type === 'progress') tools.progress(message.progress);
        else if (message.type === 'problem') tools.problem(message.problem);
        else if (message.type === 'derived') learnDerived(message.derived);
        else resolve(message.result);
      });
      worker.on('error', (error) => reject(asReplaced(error)));
      worker.on('exit', (code) => reject(new Error(`the engine ended early (${code})`)));
    });
  } finally {
    tools.signal.removeEventListener('abort', onAbort);
    port1.close();
    await worker.terminate();
  }
}
