import type { SnapshotView } from '../../../shared/contract/backup-views.ts';
import type { Fault } from '../../../shared/fault.ts';
import { ok, type Result } from '../../../shared/result.ts';
import type { RunJob } from './run-job.ts';
import type { JobControl, JobResult } from './jobs.ts';
import { loadSnapshots, openRepository } from './repository/repository.ts';
import type { BackupSet } from './set-book.ts';
import type { Targets } from './targets.ts';

/** Looking into backups and bringing them back. */
export type BackupReader = {
  readonly restore: (
    set: BackupSet,
    wish: {
      readonly snapshot: string | undefined;
      readonly to: string;
      readonly paths: readonly string[] | undefined;
    },
    control: JobControl,
  ) => Promise<Result<JobResult, Fault>>;
  readonly snapshots: (set: BackupSet) => Promise<Result<readonly SnapshotView[], Fault>>;
};

export function createBackupReader({
  targets,
  run,
  password,
}: {
  readonly targets: Targets;
  readonly run: RunJob;
  readonly password: string;
}): BackupReader {
  return {
    restore: (set, wish, control) =>
      targets.onFirst(set, ({ store }) =>
        run(
          { kind: 'restore', ...wish, conflict: undefined, archive: false, journal: undefined },
          store,
          control,
        ),
      ),
    snapshots: (set) =>
      targets.onFirst(set, async ({ store }) => {
        const opened = await openRepository(store, password);
        if (!opened.ok) return opened;
        const snapshots = await loadSnapshots(opened.value);
        if (!snapshots.ok) return snapshots;
        return ok(
          snapshots.value.map(({ id, time, paths, hostname, tags }) => ({
            id,
            atMs: Date.parse(time),
            paths: paths ?? [],
            host: hostname,
            tags: tags ?? [],
            files: null,
            bytes: null,
          })),
        );
      }),
  };
}
