import { expect, test } from 'vitest';
import type { CoreParts } from '../../../electron/core/api/core-parts.ts';
import { carryApi } from '../../../electron/core/api/plots/carry-api.ts';
import { recoveryApi } from '../../../electron/core/api/sets/recovery-api.ts';
import { createJobs } from '../../../electron/core/backup/jobs.ts';
import type { JobView } from '../../../shared/contract/views.ts';
import type { Fault } from '../../../shared/fault.ts';
import { ok, type Result } from '../../../shared/result.ts';
import { silent } from '../../fakes/silent-logger.ts';
import { testOwnerId, testPlotId } from '../../fakes/test-ledger.ts';
import { until } from '../../fakes/homes.ts';

/** Whoever exports twice is told of each folder what is so. */
const clock = { nowMs: () => 1000, monotonicMs: () => 0 };

function world() {
  let count = 0;
  const randomness = { bytes: (length: number) => new Uint8Array(length).fill((count += 1)) };
  const jobs = createJobs({ clock, randomness, logger: silent, onChange: () => undefined });
  /** What is under way, in the order in which it began, and how each ends. */
  const begun: { readonly what: string; readonly end: () => void }[] = [];
  const run = (what: string) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    begun.push({ what, end: resolve });
    return promise.then(() => ok({}));
  };
  const parts = {
    jobs,
    clock,
    moment: () => ({ serviceS: 0, nowMs: 1000 }),
    friends: { person: () => undefined },
    sets: { set: async (name: string) => ({ name }) },
    exporter: {
      prepare: async (to: string) => ok(to),
      run: (_set: unknown, folder: string) => run(folder),
    },
    ledger: {
      plot: async ({ plot }: { plot: string }) => ({
        plot,
        owner: testOwnerId(1),
        state: 'active',
      }),
    },
    hosting: {
      offer: () => undefined,
      disk: async () => ({ volumePresent: true }),
      carry: { takeOut: ({ row }: { row: { plot: string } }) => run(row.plot) },
    },
  } as unknown as CoreParts;
  return { jobs, begun, sets: recoveryApi(parts), plots: carryApi(parts) };
}

function idOf(begun: Result<JobView, Fault>): string {
  if (!begun.ok) throw new Error(begun.fault.code);
  return begun.value.id;
}

test('a set that is exported to two disks comes to both, one after the other', async () => {
  const { jobs, begun, sets } = world();
  const exported = async (to: string) => idOf(await sets['sets.export']({ name: 'docs', to }));
  const one = await exported('/one');
  const other = await exported('/other');
  expect(other).not.toBe(one);
  expect(await exported('/one')).toBe(one);
  expect(await exported('/other')).toBe(other);
  await until(() => begun[0]);
  expect(begun.map(({ what }) => what)).toEqual(['/one']);
  begun[0]?.end();
  await jobs.ended(one);
  await until(() => begun[1]);
  expect(begun.map(({ what }) => what)).toEqual(['/one', '/other']);
  begun[1]?.end();
  await jobs.ended(other);
  expect(jobs.list().map(({ state }) => state)).toEqual(['done', 'done']);
  // What has ended is begun anew.
  expect(await exported('/one')).not.toBe(one);
});

test('one that waits for the other can be stopped, and writes nothing', async () => {
  const { jobs, begun, sets } = world();
  const one = idOf(await sets['sets.export']({ name: 'docs', to: '/one' }));
  const other = idOf(await sets['sets.export']({ name: 'docs', to: '/other' }));
  jobs.cancel(other);
  await jobs.ended(other);
  expect(jobs.get(other)?.state).toBe('cancelled');
  begun[0]?.end();
  await jobs.ended(one);
  expect(begun.map(({ what }) => what)).toEqual(['/one']);
});

test('another plot into the same folder is another job', async () => {
  const { jobs, begun, plots } = world();
  const [first, second] = [testPlotId(1), testPlotId(2)];
  const exported = async (plot: string) => idOf(await plots['plots.export']({ plot, to: '/disk' }));
  const one = await exported(first);
  const other = await exported(second);
  expect(other).not.toBe(one);
  expect(await exported(first)).toBe(one);
  await until(() => begun[0]);
  begun[0]?.end();
  await until(() => begun[1]);
  begun[1]?.end();
  await jobs.ended(other);
  expect(begun.map(({ what }) => what)).toEqual([first, second]);
});
