import type { Api } from '../../../shared/contract/api.ts';
import { fault } from '../../../shared/fault.ts';
import { failed, ok } from '../../../shared/result.ts';
import type { CoreParts } from './core-parts.ts';
import { findSet } from './find-set.ts';
import { notYet } from './not-yet.ts';

/** What runs: backups, prunes, checks and looks, and the jobs that they are. */
type BackupApi = Pick<
  Api,
  | 'sets.run'
  | 'sets.prune'
  | 'sets.forget'
  | 'sets.check'
  | 'sets.verify'
  | 'sets.trash'
  | 'sets.untrash'
  | 'jobs.get'
  | 'jobs.cancel'
>;

export function backupApi(parts: CoreParts): BackupApi {
  const { sets, jobs, runner, clock } = parts;
  return {
    'sets.run': async ({ name }) => {
      const set = await findSet(parts, name);
      if (!set.ok) return set;
      const running = jobs.list().find((job) => job.set === name && job.state === 'running');
      // Asked twice, a set still runs once.
      if (running?.kind === 'backup') return ok(running);
      const job = jobs.start({ kind: 'backup', set: name }, async (control) => {
        const ended = await runner.backup(set.value, control);
        const bytes = ended.ok ? BigInt(ended.value['bytesTotal'] ?? 0) : undefined;
        const said = ended.ok
          ? undefined
          : { key: `fault.${ended.fault.code}`, params: ended.fault.params };
        await sets.ran({ name, atMs: clock.nowMs(), bytes, fault: said });
        return ended;
      });
      return ok(job);
    },
    'sets.prune': notYet,
    'sets.forget': notYet,
    'sets.check': async ({ name, readData = false }) => {
      const set = await findSet(parts, name);
      if (!set.ok) return set;
      return ok(
        jobs.start({ kind: 'check', set: name }, (control) =>
          runner.check(set.value, { readData }, control),
        ),
      );
    },
    'sets.verify': notYet,
    'sets.trash': notYet,
    'sets.untrash': notYet,
    'jobs.get': async ({ id }) => {
      const job = jobs.get(id);
      return job === undefined ? failed(fault('job-unknown', { job: id })) : ok(job);
    },
    'jobs.cancel': async ({ id }) => {
      const job = jobs.cancel(id);
      return job === undefined ? failed(fault('job-unknown', { job: id })) : ok(job);
    },
  };
}
