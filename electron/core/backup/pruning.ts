import type { Fault } from '../../../shared/fault.ts';
import { ok, type Result } from '../../../shared/result.ts';
import type { EngineJob } from './engine/engine.ts';
import type { JobControl, JobResult } from './jobs.ts';
import type { BackupRunner } from './runner.ts';
import type { BackupSet } from './set-book.ts';

/** Snapshots go by a set's retention or because somebody says so; what only they had is given back. */
export type Pruning = {
  /** By the set's retention, and with the room that this frees. */
  readonly prune: (set: BackupSet, control: JobControl) => Promise<Result<JobResult, Fault>>;
  /** These snapshots, by their ids or the beginnings of them. Answers how many; their room comes back with the next prune. */
  readonly forget: (set: BackupSet, snapshots: readonly string[]) => Promise<Result<number, Fault>>;
};

/** More than a tenth of what stays is not sent again for the sake of the rest; the next prune goes on. */
const REPACK_SHARE = 0.1;
/** A person waits for it. */
const FORGET_MS = 120_000;

export function createPruning({
  write,
  check,
}: Pick<BackupRunner, 'write'> & Partial<Pick<BackupRunner, 'check'>>): Pruning {
  const job: Extract<EngineJob, { kind: 'prune' }> = {
    kind: 'prune',
    keep: undefined,
    forget: [],
    onlyForget: false,
    repackShare: REPACK_SHARE,
  };
  return {
    prune: async (set, control) => {
      const wish = { ...job, keep: set.plan.retention };
      const ended = withKept(set, await write(set, wish, control));
      if (ended.ok || ended.fault.code !== 'repository-damaged' || check === undefined)
        return ended;
      // Another copy may have it sound, or nobody has it any more: either way nothing is in the way then.
      const mended = await check(set, { readData: false }, control);
      const { repaired = 0, givenUp = 0 } = mended.ok ? mended.value : {};
      const isMended = Number(repaired) + Number(givenUp) > 0;
      if (!isMended || control.signal.aborted) return ended;
      return withKept(set, await write(set, wish, control));
    },
    forget: async (set, snapshots) => {
      const control: JobControl = {
        signal: AbortSignal.timeout(FORGET_MS),
        progress: () => undefined,
        problem: () => undefined,
      };
      const wish = { ...job, forget: snapshots, onlyForget: true };
      const ended = await write(set, wish, control);
      return ended.ok ? ok(Number(ended.value['forgotten'] ?? 0)) : ended;
    },
  };
}

/** What is protected is deleted now and free only after so many days. */
function withKept(
  { plan: { protectDays } }: BackupSet,
  ended: Result<JobResult, Fault>,
): Result<JobResult, Fault> {
  return ended.ok && protectDays > 0 ? ok({ ...ended.value, keptDays: protectDays }) : ended;
}
