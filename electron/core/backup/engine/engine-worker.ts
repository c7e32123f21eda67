import { join } from 'node:path';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../../../shared/assert.ts';
import { failed, type Result } from '../../../../shared/result.ts';
import { underLock } from '../repository/lock.ts';
import { loadIndex, openRepository, type RepositoryFault } from '../repository/repository.ts';
import { runBackup } from './backup.ts';
import { runCheck } from './check.ts';
import type {
  EngineFault,
  EngineJob,
  EngineProblem,
  EngineProgress,
  EngineSummary,
} from './jobs.ts';
import { openPackCache, withCache } from './pack-cache.ts';
import { runPrune } from './prune.ts';
import { runRestore } from './restore.ts';
import { connectStore } from './store-port.ts';

/** The engine's thread: one job, then it ends. */
export type EngineStart = {
  readonly job: EngineJob;
  readonly password: string;
  readonly cache: string;
  readonly threads: number;
  readonly store: MessagePort;
};

export type FromEngine =
  | { readonly type: 'progress'; readonly progress: EngineProgress }
  | { readonly type: 'problem'; readonly problem: EngineProblem }
  | { readonly type: 'ended'; readonly result: Result<EngineSummary, EngineFault> };

/** More often than this nobody can look. */
const PROGRESS_EVERY_MS = 200;

async function work(
  start: EngineStart,
  signal: AbortSignal,
): Promise<Result<EngineSummary, EngineFault>> {
  const { job, password, threads } = start;
  const plain = connectStore(start.store);
  const opened = await openRepository(plain, password);
  if (!opened.ok) return opened;
  const cache = openPackCache(join(start.cache, opened.value.id));
  const repository = { ...opened.value, store: withCache(plain, cache) };
  const tools = { signal, progress: throttled(), problem };
  const act = async (): Promise<Result<EngineSummary, RepositoryFault>> => {
    const index = await loadIndex(repository);
    if (!index.ok) return index;
    cache.retain('data', new Set(index.value.packs.map(({ name }) => name)));
    const common = { repository, index: index.value, tools, cache, threads };
    switch (job.kind) {
      case 'backup':
        return runBackup({ ...common, job });
      case 'restore':
        // What a folder says is no fault of the repository; the lock does not care.
        return runRestore({ ...common, job }) as ReturnType<typeof runBackup>;
      case 'check':
        return runCheck({ ...common, job });
      case 'prune':
        return runPrune({ ...common, job });
      default:
        return failed({ code: 'unsupported', detail: job.kind });
    }
  };
  return underLock<EngineSummary>(repository, act, { exclusive: job.kind === 'prune' });
}

function tell(message: FromEngine): void {
  parentPort?.postMessage(message);
}

function problem(found: EngineProblem): void {
  tell({ type: 'problem', problem: found });
}

function throttled(): (progress: EngineProgress) => void {
  let lastMs = 0;
  return (progress) => {
    const nowMs = performance.now();
    if (nowMs - lastMs < PROGRESS_EVERY_MS && progress.phase !== 'finishing') return;
    lastMs = nowMs;
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
