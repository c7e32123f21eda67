import { join } from 'node:path';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../../../shared/assert.ts';
import type { Result } from '../../../../shared/result.ts';
import { derivedKeys, learnDerived } from '../repository/key-file.ts';
import { openRepository } from '../repository/repository.ts';
import type { MasterKey } from '../repository/sealing.ts';
import type {
  EngineFault,
  EngineJob,
  EngineProblem,
  EngineProgress,
  EngineSummary,
} from './jobs.ts';
import { openPackCache } from './pack-cache.ts';
import { runEngineJob } from './run-engine-job.ts';
import { createShelf } from './shelf.ts';
import { connectStore } from './store-port.ts';

/** The engine's thread: one job, then it ends. */
export type EngineStart = {
  readonly job: EngineJob;
  readonly password: string;
  readonly cache: string;
  readonly threads: number;
  readonly derived: ReadonlyMap<string, MasterKey>;
  readonly store: MessagePort;
  readonly givesWay: boolean;
};

export type FromEngine =
  | { readonly type: 'progress'; readonly progress: EngineProgress }
  | { readonly type: 'problem'; readonly problem: EngineProblem }
  | { readonly type: 'derived'; readonly derived: ReadonlyMap<string, MasterKey> }
  | { readonly type: 'ended'; readonly result: Result<EngineSummary, EngineFault> };

/** More often than this nobody can look. */
const PROGRESS_EVERY_MS = 200;
const LOCK_WAIT_MS = 300_000;

async function work(
  start: EngineStart,
  signal: AbortSignal,
): Promise<Result<EngineSummary, EngineFault>> {
  const { job, password, threads } = start;
  const shelf = createShelf();
  const plain = connectStore(start.store, shelf.put);
  learnDerived(start.derived);
  const opened = await openRepository(plain, password);
  tell({ type: 'derived', derived: derivedKeys() });
  if (!opened.ok) return opened;
  const cache = openPackCache(join(start.cache, opened.value.id));
  return runEngineJob(job, {
    repository: opened.value,
    cache,
    tools: { signal, progress: throttled(), problem },
    threads,
    spare: shelf.take,
    lockWaitMs: start.givesWay ? 0 : LOCK_WAIT_MS,
  });
}

function tell(message: FromEngine): void {
  parentPort?.postMessage(message);
}

function problem(found: EngineProblem): void {
  tell({ type: 'problem', problem: found });
}

function throttled(): (progress: EngineProgress) => void {
  let lastMs = 0;
  let lastPhase: EngineProgress['phase'] | undefined;
  return (progress) => {
    const nowMs = performance.now();
    const { phase } = progress;
    // What a phase begins with may be all that is said of it.
    const isNews = phase !== lastPhase || phase === 'finishing';
    if (nowMs - lastMs < PROGRESS_EVERY_MS && !isNews) return;
    lastMs = nowMs;
    lastPhase = phase;
    tell({ type: 'progress', progress });
  };
}

assert(parentPort !== null, 'the engine is a worker');
const controller = new AbortController();
parentPort.on('message', () => controller.abort());
const start = workerData as EngineStart;
const result = await work(start, controller.signal);
tell({ type: 'ended', result });
start.store.close();
parentPort.close();
