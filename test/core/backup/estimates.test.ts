import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../electron/core/adapters/system-clock.ts';
import { systemRandomness } from '../../../electron/core/adapters/system-randomness.ts';
import type { Estimate } from '../../../electron/core/backup/engine/estimate.ts';
import { createEstimates } from '../../../electron/core/backup/estimates.ts';
import { createJobs } from '../../../electron/core/backup/jobs.ts';
import { PLAN_AT_FIRST } from '../../../shared/model/backup-plan.ts';
import { failed, ok } from '../../../shared/result.ts';
import { silent } from '../../fakes/silent-logger.ts';

const counted = (files: number): Estimate => ({
  files,
  bytes: 12_345,
  largest: [{ path: '/a/films', bytes: 9000 }],
  skipped: {
    excludedFiles: 1,
    excludedBytes: 2,
    cacheFolders: 3,
    tooLargeFiles: 4,
    cloudFiles: 5,
    unreadable: 6,
  },
  rules: PLAN_AT_FIRST.rules,
});
const wish = { folders: ['/a'], rules: PLAN_AT_FIRST.rules, leaveOut: [] };

function world() {
  const jobs = createJobs({
    clock: systemClock,
    randomness: systemRandomness,
    logger: silent,
    onChange: () => undefined,
  });
  const ends: (() => void)[] = [];
  const estimates = createEstimates({
    jobs,
    run: async (_job, { signal }) => {
      const ended = Promise.withResolvers<void>();
      const number = ends.push(ended.resolve);
      signal.addEventListener('abort', () => ended.resolve(), { once: true });
      await ended.promise;
      return signal.aborted ? failed({ code: 'cancelled' as const }) : ok(counted(number));
    },
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const finish = async () => {
    const { id } = estimates.start(wish);
    await settle();
    ends.at(-1)?.();
    await jobs.ended(id);
    return id;
  };
  return { jobs, estimates, ends, settle, finish };
}

describe('an estimate', () => {
  it('has no answer while it counts, and then one with figures as doors see them', async () => {
    const { estimates, jobs, ends, settle } = world();
    const { id } = estimates.start(wish);
    expect(estimates.result(id)).toBeNull();
    await settle();
    ends[0]?.();
    await jobs.ended(id);
    expect(estimates.result(id)).toMatchObject({
      files: 1,
      bytes: '12345',
      largest: [{ path: '/a/films', bytes: '9000' }],
      skipped: { excludedFiles: 1, excludedBytes: '2', cloudFiles: 5 },
    });
  });

  it('ends when somebody asks anew', async () => {
    const { estimates, jobs } = world();
    const { id } = estimates.start(wish);
    estimates.start(wish);
    await jobs.ended(id);
    expect(jobs.get(id)?.state).toBe('cancelled');
    expect(estimates.result(id)).toBeNull();
    await jobs.close();
  });

  it('is kept for a while and not for ever', async () => {
    const { estimates, finish } = world();
    const ids: string[] = [];
    for (let count = 0; count < 7; count += 1) ids.push(await finish());
    expect(ids.map((id) => estimates.result(id)?.files)).toEqual([
      undefined,
      undefined,
      3,
      4,
      5,
      6,
      7,
    ]);
    expect(estimates.result(ids[0] ?? '')).toBeUndefined();
    expect(estimates.result('none')).toBeUndefined();
  });
});
