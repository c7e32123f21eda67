import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { RunJob } from '../../../../electron/core/backup/run-job.ts';
import type { Target } from '../../../../electron/core/backup/targets.ts';
import { ok } from '../../../../shared/result.ts';
import {
  anyOf,
  at,
  backup,
  expectSound,
  laterOn,
  namesAt,
  prune,
  world,
  write,
} from '../../../fakes/copy-steps.ts';
import { PASSWORD, SET } from '../../../fakes/copy-world.ts';
import { testOwnerId } from '../../../fakes/test-ledger.ts';
import { createToyEngine } from '../../../fakes/toy-engine.ts';

/** What a prune waits for, and what it does not. */

test('a backup of another device that ends just before a prune has its lock is not taken for damage', async () => {
  const toy = createToyEngine(PASSWORD);
  let between: (() => Promise<unknown>) | undefined;
  const run: RunJob = async (job, store, tools) => {
    const now = between;
    between = undefined;
    await now?.();
    return toy.run(job, store, tools);
  };
  const here = world({ plots: 2, run });
  toy.files.set('one', randomBytes(20_000));
  await backup(here);
  await backup(here);
  const there = world({ plots: 2, at: here.plots, writer: 'another device' });
  write(there, 'two');
  between = () => backup(there);
  const pruned = await prune(here, 100);
  expect(here.problems).toEqual([]);
  expect(pruned).toMatchObject({ ok: true });
  await expectSound(here);
});

test('a friend who was asked for room and has not answered yet keeps no prune back: he never had anything', async () => {
  const here = world({ plots: 1 });
  write(here, 'one');
  await backup(here);
  const { name } = anyOf(at(here, 0), 'snapshots');
  write(here, 'two');
  await backup(here);
  here.books.sets.join({ name: SET, host: testOwnerId(77) });
  at(here, 0).store.rot({ type: 'snapshots', name }, 'lost');
  await laterOn(here);
  expect(await prune(here, 100)).toMatchObject({ ok: true });
});

test('a snapshot that is concealed from lists and given when asked is neither lost nor pruned away', async () => {
  let hidden = '';
  let lists = 0;
  const seen = (target: Target): Target => ({
    ...target,
    store: {
      ...target.store,
      list: async (type, options) => {
        const listed = await target.store.list(type, options);
        if (type === 'snapshots') lists += 1;
        return listed.ok && type === 'snapshots'
          ? ok(listed.value.filter(({ name }) => name !== hidden))
          : listed;
      },
    },
  });
  const here = world({ plots: 1, seen });
  write(here, 'one');
  await backup(here);
  const first = anyOf(at(here, 0), 'snapshots').name;
  here.toy.files.clear();
  write(here, 'two');
  await backup(here);
  const before = namesAt(at(here, 0)).filter((key) => key.startsWith('data/'));
  lists = 0;
  await backup(here);
  const usual = lists;
  hidden = first;
  lists = 0;
  await backup(here);
  expect(lists).toBe(usual);
  expect(await prune(here, 100)).toMatchObject({ ok: false, fault: { code: 'unreachable' } });
  const after = namesAt(at(here, 0));
  expect(before.filter((key) => !after.includes(key))).toEqual([]);
});

test('a backup that a person deletes goes, also while another one is missing and somebody is away', async () => {
  const here = world({ plots: 2 });
  write(here, 'one');
  await backup(here);
  const lost = anyOf(at(here, 0), 'snapshots');
  write(here, 'two');
  const made = await backup(here);
  write(here, 'three');
  await backup(here);
  const { snapshot } = (made.ok ? made.value : {}) as { readonly snapshot: string };
  at(here, 0).store.rot(lost, 'lost');
  at(here, 1).store.cut();
  // Nothing but the snapshot is removed.
  const job = {
    kind: 'prune',
    keep: undefined,
    forget: [snapshot],
    onlyForget: true,
    repackShare: 0,
  };
  const done = await here
    .runner()
    .write(here.set(), { job, isBackup: false } as never, here.control());
  expect(done).toMatchObject({ ok: true, value: { forgotten: 1 } });
});

test('what a run that was cut off has left is not fetched before a prune, where a backup is missing and every index can be read', async () => {
  const toy = createToyEngine(PASSWORD);
  const kinds: string[] = [];
  const run: RunJob = (job, store, tools) => {
    kinds.push(job.kind);
    return toy.run(job, store, tools);
  };
  const here = world({ plots: 1, run });
  toy.files.set('one', randomBytes(20_000));
  await backup(here);
  const lost = anyOf(at(here, 0), 'snapshots');
  await backup(here);
  const bytes = randomBytes(100_000);
  const name = createHash('sha256').update(bytes).digest('hex');
  at(here, 0).objects.objects.set(`data/${name}`, bytes);
  at(here, 0).store.rot(lost, 'lost');
  let fetched = 0;
  at(here, 0).objects.onCall = (call, object) => {
    if (call === 'load' && object.name === name) fetched += 1;
    return undefined;
  };
  kinds.length = 0;
  await prune(here, 100);
  expect(kinds).toEqual(['prune']);
  expect(fetched).toBe(0);
});
