import { join } from 'node:path';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../../../shared/assert.ts';
import type { Result } from '../../../../shared/result.ts';
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
  EngineTools,
} from './jobs.ts';
import { openPackCache, withCache } from './pack-cache.ts';
import { runDrop } from './drop.ts';
import { runPrune } from './prune.ts';
import { runRestore } from './restore.ts';
import { createShelf } from './shelf.ts';
import { checkSmall } from './sound-objects.ts';
import { connectStore } from './store-port.ts';
import { runVerify } from './verify.ts';

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
  const shelf = createShelf();
  const plain = connectStore(start.store, shelf.put);
  const opened = await openRepository(plain, password);
  if (!opened.ok) return opened;
  const cache = openPackCache(join(start.cache, opened.value.id));
  const repository = { ...opened.value, store: withCache(plain, cache) };
  const tools = { signal, progress: throttled(), problem };
  const act = async (): Promise<Result<EngineSummary, RepositoryFault>> => {
    let smallProblems = 0;
    const noticing: EngineTools['problem'] = (found) => {
      smallProblems += 1;
      problem(found);
    };
    // What is to be looked into as a whole must not end at the first index that can't be read.
    const isWhole = job.kind === 'check';
    const checked = isWhole
      ? await checkSmall(repository, { signal, problem: noticing })
      : undefined;
    if (checked?.ok === false) return checked;
    const sound = checked?.value.repository ?? repository;
    const index = await loadIndex(sound);
    if (!index.ok) return index;
    cache.retain('data', new Set(index.value.packs.map(({ name }) => name)));
    const common = { repository: sound, index: index.value, tools, cache, threads };
    switch (job.kind) {
      case 'backup':
        return runBackup({ ...common, job, spare: shelf.take });
      case 'restore':
        // What a folder says is no fault of the repository; the lock does not care.
        return runRestore({ ...common, job }) as ReturnType<typeof runBackup>;
      case 'check':
        return runCheck({
          ...common,
          job,
          smallBytes: checked?.value.bytes ?? 0,
          smallProblems,
        });
      case 'verify':
        return runVerify({ ...common, job });
      case 'drop':
        return runDrop({ ...common, job });
      case 'prune':
        return runPrune({ ...common, job });
    }
  };
  return underLock<EngineSummary>(repository, act, {
    exclusive: job.kind === 'prune' || job.kind === 'drop',
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
