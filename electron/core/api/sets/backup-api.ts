import type { Api } from '../../../../shared/contract/api.ts';
import { fault } from '../../../../shared/fault.ts';
import { failed, ok } from '../../../../shared/result.ts';
import { BY_HAND } from '../../backup/jobs.ts';
import type { CoreParts } from '../core-parts.ts';
import { findSet } from './find-set.ts';
import { trashOf, untrash } from './set-trash.ts';

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
  const { jobs, runner, runs } = parts;
  return {
    'sets.run': async ({ name }) => {
      const set = await findSet(parts, name);
      if (!set.ok) return set;
      return ok(runs.run(set.value));
    },
    'sets.prune': async ({ name }) => {
      const set = await findSet(parts, name);
      return set.ok ? ok(runs.prune(set.value)) : set;
    },
    'sets.forget': async ({ name, snapshots, confirm }) => {
      const set = await findSet(parts, name);
      if (!set.ok) return set;
      // It deletes, so it takes more than a click.
      if (confirm !== name) return failed(fault('wrong-name', { name }));
      const forgotten = await parts.pruning.forget(set.value, snapshots);
      return forgotten.ok ? ok({ forgotten: forgotten.value }) : forgotten;
    },
    'sets.check': async ({ name, readData = false }) => {
      const set = await findSet(parts, name);
      if (!set.ok) return set;
      return ok(
        jobs.start({ kind: 'check', set: name }, (control) =>
          runner.check(set.value, { readData }, control),
        ),
      );
    },
    'sets.verify': async ({ name }) => {
      const set = await findSet(parts, name);
      if (!set.ok) return set;
      return ok(
        jobs.start({ kind: 'verify', set: name }, (control) =>
          runner.verify(set.value, undefined, control),
        ),
      );
    },
    'sets.trash': ({ name }) => trashOf(parts, name),
    'sets.untrash': ({ name, sinceMs }) => untrash(parts, name, sinceMs),
    'jobs.get': async ({ id }) => {
      const job = jobs.get(id);
      return job === undefined ? failed(fault('job-unknown', { job: id })) : ok(job);
    },
    'jobs.cancel': async ({ id }) => {
      const job = jobs.cancel(id, BY_HAND);
      return job === undefined ? failed(fault('job-unknown', { job: id })) : ok(job);
    },
  };
}
