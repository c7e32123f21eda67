import { expect, test } from 'vitest';
import { failed, ok } from '../../../../shared/result.ts';
import type { Target } from '../../../../electron/core/backup/targets.ts';
import { anyOf, at, backup, laterOn, prune, world, write } from '../../../fakes/copy-steps.ts';

/** When a loss counts, by the clock. */
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
  let hidden = 'nothing';
  const seen = (target: Target): Target =>
    target.name !== 'Friend 1'
      ? target
      : {
          ...target,
          store: {
            ...target.store,
            list: async (type, options) => {
              const listed = await target.store.list(type, options);
              return listed.ok ? ok(listed.value.filter(({ name }) => name !== hidden)) : listed;
            },
          },
        };
  const here = world({ plots: 2, seen });
  write(here, 'one');
  await backup(here);
  const { name } = anyOf(at(here, 0), 'snapshots');
  write(here, 'two');
  await backup(here);
  at(here, 0).store.rot({ type: 'snapshots', name }, 'lost');
  hidden = name;
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
    let hidden = 'nothing';
    const seen = (target: Target): Target => ({
      ...target,
      store: {
        ...target.store,
        list: async (kind, options) => {
          const listed = await target.store.list(kind, options);
          return listed.ok ? ok(listed.value.filter(({ name }) => name !== hidden)) : listed;
        },
        stat: async (object, options) =>
          object.name === hidden
            ? failed({ code: 'not-found' })
            : target.store.stat(object, options),
        load: async (object, options) =>
          object.name === hidden
            ? failed({ code: 'not-found' })
            : target.store.load(object, options),
      },
    });
    const here = world({ plots: 1, seen });
    write(here, 'one');
    await backup(here);
    write(here, 'two');
    await backup(here);
    const { name } = anyOf(at(here, 0), type);
    hidden = name;
    here.clock.nowMs += 1000;
    await here.runner().check(here.set(), { readData: true }, here.control());
    here.clock.monotonicMs += 10_000_000;
    await here.runner().catchUpDue();
    expect(here.books.copies.losses()).toEqual([]);
  },
);
