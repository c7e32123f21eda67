import type { Result } from '../../../../shared/result.ts';
import { type LockPatience, underLock } from '../repository/lock.ts';
import { loadIndex, type Repository, type RepositoryFault } from '../repository/repository.ts';
import type { StoreObject } from '../repository/repository-store.ts';
import { runBackup } from './backup.ts';
import { runCheck } from './check.ts';
import { runDrop } from './drop.ts';
import {
  type EngineFault,
  type EngineJob,
  type EngineSummary,
  type EngineTools,
  NO_PROGRESS,
} from './jobs.ts';
import { type PackCache, withCache } from './pack-cache.ts';
import { runPrune } from './prune.ts';
import { runRestore } from './restore.ts';
import { checkSmall, withSnapshotsOfNow } from './sound-objects.ts';
import { addUnnamedPacks } from './unnamed-packs.ts';
import { runVerify } from './verify.ts';

export type JobContext = {
  /** As it was opened: without what is kept here of it. */
  readonly repository: Repository;
  readonly cache: PackCache;
  readonly tools: EngineTools;
  readonly threads: number;
  /** Memory of packs that have arrived. */
  readonly spare: () => Uint8Array<ArrayBuffer> | undefined;
  /** So long a job that only reads waits for whoever wants to be alone. */
  readonly lockWaitMs: number;
};

/** One job on an opened repository, from its lock to its end. */
export async function runEngineJob(
  job: EngineJob,
  { repository: plain, cache, tools, threads, spare, lockWaitMs }: JobContext,
): Promise<Result<EngineSummary, EngineFault>> {
  const { signal, problem } = tools;
  const opened = { ...plain, store: withCache(plain.store, cache) };
  const act = async (repository: Repository): Promise<Result<EngineSummary, RepositoryFault>> => {
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
    const restored =
      job.kind === 'restore' ? await withSnapshotsOfNow(repository, tools) : undefined;
    if (restored?.ok === false) return restored;
    const sound = checked?.value.repository ?? restored?.value ?? repository;
    // All can come back without an index that nobody has whole any more, if the packs are there; what can't is named.
    let isIncomplete = false;
    const unreadable = ({ type, name }: StoreObject, detail: string) => {
      isIncomplete = true;
      problem({ code: 'object-damaged', path: `${type}/${name}`, detail });
    };
    const index = await loadIndex(sound, {
      onUnreadable: job.kind === 'restore' ? unreadable : undefined,
      isOnlyThere: job.kind === 'backup',
      rotten: new Set(job.kind === 'prune' ? job.rotten : []),
    });
    if (!index.ok) return index;
    if (isIncomplete) await addUnnamedPacks(sound, index.value, signal);
    cache.retain('data', new Set(index.value.packs.map(({ name }) => name)));
    const common = { repository: sound, index: index.value, tools, cache, threads };
    switch (job.kind) {
      // What a folder says is no fault of the repository; the lock does not care.
      case 'backup':
        return runBackup({ ...common, job, spare }) as ReturnType<typeof act>;
      case 'restore':
        return runRestore({ ...common, job }) as ReturnType<typeof act>;
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
  const patience: LockPatience = {
    forMs: lockWaitMs,
    signal,
    onWait: () => tools.progress({ ...NO_PROGRESS, phase: 'waiting' }),
  };
  return underLock<EngineSummary>(opened, act, {
    exclusive: job.kind === 'prune' || job.kind === 'drop',
    patience: READS.has(job.kind) ? patience : undefined,
  });
}

/** What changes something was begun by what the copies had before; whoever asks for it compares them anew. */
const READS: ReadonlySet<EngineJob['kind']> = new Set(['restore', 'check', 'verify']);
