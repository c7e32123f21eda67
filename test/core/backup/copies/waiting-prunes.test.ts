import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { openRepository } from '../../../../electron/core/backup/repository/repository.ts';
import { type RunJob } from '../../../../electron/core/backup/run-job.ts';
import {
  anyOf,
  at,
  backup,
  concealing,
  expectSound,
  laterOn,
  namesAt,
  prune,
  world,
  write,
} from '../../../fakes/copy-steps.ts';
import { PASSWORD, SET } from '../../../fakes/copy-world.ts';
import { testOwnerId } from '../../../fakes/test-ledger.ts';
import { createToyEngine, faultsOf } from '../../../fakes/toy-engine.ts';

/** What prunes and giving up wait for, and for how long. */

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
  expect(new Set(here.problems.map(({ key }) => key))).toEqual(
    new Set(['problem.manifest-foreign']),
  );
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
  for (let times = 0; times < 2; times += 1) await laterOn(here);
  expect(await prune(here, 100)).toMatchObject({ ok: true });
});

test('a snapshot that is concealed from lists and given when asked is neither lost nor pruned away', async () => {
  const { what, seen } = concealing();
  const here = world({ plots: 1, seen });
  write(here, 'one');
  await backup(here);
  const first = anyOf(at(here, 0), 'snapshots').name;
  here.toy.files.clear();
  write(here, 'two');
  await backup(here);
  const before = namesAt(at(here, 0)).filter((key) => key.startsWith('data/'));
  what.lists = 0;
  await backup(here);
  const usual = what.lists;
  what.name = first;
  what.lists = 0;
  await backup(here);
  expect(what.lists).toBe(usual);
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
  const done = await here.runner().write(here.set(), job as never, here.control());
  expect(done).toMatchObject({ ok: true, value: { forgotten: 1 } });
});

test('what a run that was cut off has left is not fetched before a prune, where a backup is missing and every index can be read', async () => {
  const toy = createToyEngine(PASSWORD);
  const kinds: string[] = [];
  const run: RunJob = (job, store, tools) => {
    kinds.push(job.kind);
    return toy.run(job, store, tools);
  };
  const here = world({ plots: 2, run });
  toy.files.set('one', randomBytes(20_000));
  await backup(here);
  const lost = anyOf(at(here, 0), 'snapshots');
  await backup(here);
  const bytes = randomBytes(100_000);
  const name = createHash('sha256').update(bytes).digest('hex');
  at(here, 0).objects.objects.set(`data/${name}`, bytes);
  at(here, 0).store.rot(lost, 'lost');
  at(here, 1).store.cut();
  expect((await prune(here, 100)).ok).toBe(false);
  // Nobody is waited for longer than a month.
  here.clock.nowMs += 31 * 86_400_000;
  let fetched = 0;
  at(here, 0).objects.onCall = (call, object) => {
    if (call === 'load' && object.name === name) fetched += 1;
    return undefined;
  };
  kinds.length = 0;
  expect(await prune(here, 100)).toMatchObject({ ok: true });
  expect(kinds).toEqual(['prune']);
  expect(fetched).toBe(0);
});

test('a backup that a friend’s disk does not show for an hour is not pruned away before anybody has heard of it', async () => {
  const { what, seen } = concealing({ isGone: true });
  const here = world({ plots: 2, seen });
  write(here, 'one');
  await backup(here);
  const { name } = anyOf(at(here, 0), 'snapshots');
  here.toy.files.clear();
  write(here, 'two');
  await backup(here);
  what.name = name;
  const done = await prune(here, 100);
  expect(done).toMatchObject({ ok: false });
  expect(here.problems).toEqual([]);
  what.name = 'nothing';
  const opened = await openRepository(at(here, 0).objects, PASSWORD);
  if (!opened.ok) throw new Error();
  expect(await faultsOf(at(here, 0).store, opened.value)).toEqual([]);
});

test.each(['flipped', 'short', 'swapped', 'denied', 'lost'] as const)(
  'one pack that an old backup needs and that is %s keeps no prune back for as long as the other friend is away',
  async (how) => {
    const here = world({ plots: 2 });
    write(here, 'one');
    await backup(here);
    const [bad = ''] = [...at(here, 0).objects.objects]
      .filter(([key, bytes]) => key.startsWith('data/') && bytes.length > 10_000)
      .map(([key]) => key);
    for (let n = 0; n < 5; n += 1) {
      here.toy.files.delete('passing');
      write(here, 'passing');
      await backup(here);
    }
    at(here, 1).store.cut();
    const object = { type: 'data', name: bad.slice('data/'.length) } as const;
    at(here, 0).store.rot(object, how);
    here.books.copies.noteDamage({
      set: SET,
      host: at(here, 0).target.host.owner,
      objects: [object],
      atMs: 1,
    });
    expect(await prune(here, 2)).toMatchObject({ ok: true });
  },
);

test('two friends who are never there together, of whom one has lost one backup, are pruned some day', async () => {
  const here = world({ plots: 2 });
  write(here, 'one');
  await backup(here);
  const { name } = anyOf(at(here, 0), 'snapshots');
  write(here, 'two');
  await backup(here);
  at(here, 0).store.rot({ type: 'snapshots', name }, 'lost');
  const pruned = [0, 0];
  for (let day = 0; day < 40; day += 1) {
    const there = day % 2;
    at(here, 1 - there).store.cut();
    at(here, there).store.mend();
    write(here, `file ${there}`);
    expect((await backup(here)).ok).toBe(true);
    await laterOn(here);
    if ((await prune(here, 100)).ok) pruned[there] = (pruned[there] ?? 0) + 1;
  }
  expect(pruned[0]).toBeGreaterThan(0);
});

const YEAR_MS = 365 * 86_400_000;

test('a clock that was a year ahead when a loss was noticed keeps neither giving up nor prunes back for a year', async () => {
  const here = world({ plots: 1 });
  write(here, 'one');
  await backup(here);
  const { name } = anyOf(at(here, 0), 'snapshots');
  write(here, 'two');
  await backup(here);
  at(here, 0).store.rot({ type: 'snapshots', name }, 'lost');
  here.clock.nowMs += YEAR_MS;
  await backup(here);
  here.clock.nowMs -= YEAR_MS;
  for (let times = 0; times < 40; times += 1) await laterOn(here);
  expect(here.books.copies.losses()).toHaveLength(1);
  expect(await prune(here, 100)).toMatchObject({ ok: true });
});

test('nor for whoever waits for somebody who is away', async () => {
  const here = world({ plots: 2 });
  write(here, 'one');
  await backup(here);
  const { name } = anyOf(at(here, 0), 'snapshots');
  write(here, 'two');
  await backup(here);
  at(here, 0).store.rot({ type: 'snapshots', name }, 'lost');
  at(here, 1).store.cut();
  here.clock.nowMs += YEAR_MS;
  await backup(here);
  here.clock.nowMs -= YEAR_MS;
  here.clock.nowMs += 40 * 86_400_000;
  await backup(here);
  expect(await prune(here, 100)).toMatchObject({ ok: true });
});

test('a backup that one friend has lost and another one conceals from his lists holds prunes up for a month at most', async () => {
  const { what, seen } = concealing({ who: 'Friend 1' });
  const here = world({ plots: 2, seen });
  write(here, 'one');
  await backup(here);
  const { name } = anyOf(at(here, 0), 'snapshots');
  write(here, 'two');
  await backup(here);
  at(here, 0).store.rot({ type: 'snapshots', name }, 'lost');
  what.name = name;
  const told: string[] = [];
  for (let week = 0; week < 6; week += 1) {
    await backup(here);
    here.clock.nowMs += 7 * 86_400_000;
    await laterOn(here);
    const done = await prune(here, 100);
    told.push(done.ok ? 'ok' : done.fault.code);
  }
  expect(told.at(-1)).toBe('ok');
});

/** What a disk does not show for an hour. */
test.each(['data', 'index', 'snapshots'] as const)(
  '%s that a friend’s disk does not show for an hour is not given up at once',
  async (type) => {
    const { what, seen } = concealing({ isGone: true });
    const here = world({ plots: 1, seen });
    write(here, 'one');
    await backup(here);
    write(here, 'two');
    await backup(here);
    const { name } = anyOf(at(here, 0), type);
    what.name = name;
    here.clock.nowMs += 1000;
    await here.runner().check(here.set(), { readData: true }, here.control());
    here.clock.monotonicMs += 10_000_000;
    await here.runner().catchUpDue();
    expect(here.books.copies.losses()).toEqual([]);
  },
);
