import { expect, test } from 'vitest';
import { createChangeHub } from '../../../electron/core/api/change-hub.ts';
import type { AppSnapshot } from '../../../shared/contract/views.ts';
import { until } from '../../fakes/homes.ts';

test('a door that breaks does not keep the next one from hearing', async () => {
  const errors: unknown[] = [];
  const readers = { jobs: async () => [] } as unknown as {
    readonly [S in keyof AppSnapshot]: () => Promise<AppSnapshot[S]>;
  };
  const hub = createChangeHub(readers, {
    clock: { nowMs: () => 0, monotonicMs: () => 0 },
    epoch: 'one',
    onError: (error) => void errors.push(error),
  });
  const heard: number[] = [];
  hub.events.subscribe(() => {
    throw new Error('cannot be drawn');
  });
  hub.events.subscribe(({ revision }) => void heard.push(revision));
  hub.touch('jobs');
  await until(() => (heard.length > 0 ? true : undefined));
  expect(heard).toEqual([1]);
  expect(errors).toEqual([new Error('cannot be drawn')]);
  hub.close();
});

test('what could not be read is told when it can be, and keeps nothing else back', async () => {
  const errors: unknown[] = [];
  let isBroken = true;
  const readers = {
    jobs: async () => [],
    status: async () => {
      if (isBroken) throw new Error('input/output error');
      return 'well';
    },
  } as unknown as { readonly [S in keyof AppSnapshot]: () => Promise<AppSnapshot[S]> };
  const hub = createChangeHub(readers, {
    clock: { nowMs: () => 0, monotonicMs: () => 0 },
    epoch: 'one',
    onError: (error) => void errors.push(error),
    againMs: 10,
  });
  const heard: unknown[] = [];
  hub.events.subscribe(({ revision, changed }) => void heard.push([revision, changed]));
  hub.touch('jobs', 'status');
  await until(() => (errors.length > 1 ? true : undefined));
  expect(heard).toEqual([[1, { jobs: [] }]]);
  isBroken = false;
  await until(() => (heard.length > 1 ? true : undefined));
  expect(heard[1]).toEqual([2, { status: 'well' }]);
  hub.close();
});
