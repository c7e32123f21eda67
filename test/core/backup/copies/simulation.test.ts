import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { BackupRunner } from '../../../../electron/core/backup/runner.ts';
import { openRepository } from '../../../../electron/core/backup/repository/repository.ts';
import type { StoreObjectType } from '../../../../electron/core/backup/repository/repository-store.ts';
import {
  type CopyWorld,
  createCopyWorld,
  PASSWORD,
  SET,
  type ToyPlot,
} from '../../../fakes/copy-world.ts';
import { type FaultChances, randomOf, ROTS } from '../../../fakes/faulty-repository-store.ts';
import { createMemoryRepositoryStore } from '../../../fakes/memory-repository-store.ts';
import { faultsOf } from '../../../fakes/toy-engine.ts';

/**
 * Backups, prunes, checks, looks and catching up in any order, while lines are cut, disks fill and rot, friends lie and this
 * program is killed. After each step every copy is whole but for what is known to have rotted; when all is calm again, all
 * copies are equal and sound, and no snapshot that was kept is lost.
 */
const SEEDS = Number(process.env['ALLOTMENT_COPY_SEEDS'] ?? 6);
const STEPS = Number(process.env['ALLOTMENT_COPY_STEPS'] ?? 40);

const KEEP = { last: 3, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
const PRUNE = {
  kind: 'prune',
  keep: KEEP,
  forget: [],
  onlyForget: false,
  repackShare: 0.5,
} as const;

const WEATHERS: readonly FaultChances[] = [
  {},
  {},
  { delay: 0.3 },
  { broken: 0.05 },
  { full: 0.1 },
  { short: 0.03, wrong: 0.03 },
  { cut: 0.03 },
];

type Dice = {
  readonly random: () => number;
  readonly pick: <T>(all: readonly T[]) => T;
};

function diceOf(seed: number): Dice {
  const random = randomOf(seed);
  return { random, pick: (all) => all[Math.floor(random() * all.length)] as never };
}

async function act(here: CopyWorld, dice: Dice): Promise<string> {
  const runner = here.runner();
  const what = dice.random();
  if (what < 0.45) {
    if (dice.random() < 0.8)
      here.toy.files.set(
        `file ${Math.floor(dice.random() * 8)}`,
        randomBytes(1000 + Math.floor(dice.random() * 20_000)),
      );
    return said('backup', await runner.backup(here.set(), here.control()));
  }
  if (what < 0.6) return said('prune', await runner.write(here.set(), PRUNE, here.control()));
  if (what < 0.7)
    return said('check', await runner.check(here.set(), { readData: true }, here.control()));
  if (what < 0.8) return said('verify', await runner.verify(here.set(), undefined, here.control()));
  here.clock.monotonicMs += 10_000_000;
  here.clock.nowMs += 10_000_000;
  await runner.catchUpDue();
  return 'catch-up';
}

function said(what: string, ended: Awaited<ReturnType<BackupRunner['backup']>>): string {
  return `${what} ${ended.ok ? JSON.stringify(ended.value) : JSON.stringify(ended.fault)}`;
}

/** Cut off after so many calls at any of the friends': as if the program had been killed. */
async function killed(here: CopyWorld, dice: Dice): Promise<string> {
  for (const { store } of here.plots) store.dieAfter(Math.floor(dice.random() * 60));
  const calls = () => here.plots.reduce((sum, { store }) => sum + store.calls(), 0);
  const acting = act(here, dice);
  let ended = 'quiet';
  for (let before = -1; ended === 'quiet'; before = calls()) {
    ended = await Promise.race([acting, quiet()]);
    // Nothing moves any more: whoever waits, waits for an answer that never comes.
    if (calls() === before) break;
  }
  for (const { store } of here.plots) store.dieAfter(undefined);
  here.restart();
  return `killed in ${ended}`;
}

/** Half an hour later, or seen from another process, a lock that nobody could take away any more is dead. */
function dropDeadLocks(here: CopyWorld): void {
  for (const { objects } of here.plots)
    for (const key of objects.objects.keys())
      if (key.startsWith('locks/')) objects.objects.delete(key);
}

async function quiet(): Promise<'quiet'> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  return 'quiet';
}

function rotSomething(here: CopyWorld, dice: Dice): void {
  const plot = dice.pick(here.plots);
  const objects = [...plot.objects.objects.keys()].filter(
    (key) => !key.startsWith('locks/') && !key.startsWith('config/'),
  );
  if (objects.length === 0) return;
  const [type = '', name = ''] = dice.pick(objects).split('/');
  // What rots everywhere at once can't be repaired; that has tests of its own.
  if (here.plots.some(({ store }) => store.rotten().some((each) => each.name === name))) return;
  const others = here.plots.filter(
    (each) => each !== plot && each.objects.objects.has(`${type}/${name}`),
  );
  if (others.length === 0) return;
  plot.store.rot({ type: type as StoreObjectType, name }, dice.pick(ROTS));
}

/** What a copy has. What was lost could not be removed as well; that its bytes are still there nobody sees. */
function thereAt(here: CopyWorld, { objects, store }: ToyPlot): ReadonlyMap<string, Uint8Array> {
  const removed = new Set(here.books.copies.removals(SET).removals.map(({ name }) => name));
  const gone = new Set(
    store
      .rotten()
      .flatMap(({ type, name, how }) =>
        how === 'lost' && removed.has(name) ? [`${type}/${name}`] : [],
      ),
  );
  return new Map(
    [...objects.objects].filter(([key]) => !key.startsWith('locks/') && !gone.has(key)),
  );
}

/** Everything that is there, but for what is named as damaged in the book, here or in the copy it would come from. */
async function expectWhole(here: CopyWorld, step: string): Promise<void> {
  const opened = await keyOf(here);
  if (opened === undefined) return;
  const damage = here.books.copies.damage(SET);
  for (const plot of here.plots) {
    const there = thereAt(here, plot);
    if (!there.has('config/')) continue;
    const own = damage.filter(({ host }) => host === plot.target.host.owner);
    const parts = damage.filter(({ type }) => type === 'data' || type === 'index');
    let faults: readonly string[] = [];
    for (const named of [[], own, parts]) {
      const whole = createMemoryRepositoryStore();
      for (const [key, bytes] of there) whole.objects.set(key, bytes);
      for (const { type, name } of named) {
        const key = `${type}/${name}`;
        const bytes = here.plots.flatMap((each) => each.objects.objects.get(key) ?? [])[0];
        if (bytes !== undefined) whole.objects.set(key, bytes);
      }
      faults = await faultsOf(whole, opened);
      if (faults.length === 0) break;
    }
    expect(faults, `${step}: ${plot.name}`).toEqual([]);
  }
}

const keys = new WeakMap<CopyWorld, Awaited<ReturnType<typeof openIt>>>();

async function openIt(here: CopyWorld) {
  for (const { objects } of here.plots) {
    const opened = await openRepository(objects, PASSWORD);
    if (opened.ok) return opened.value;
  }
  return undefined;
}

async function keyOf(here: CopyWorld) {
  const known = keys.get(here) ?? (await openIt(here));
  if (known !== undefined) keys.set(here, known);
  return known;
}

async function settleAll(here: CopyWorld): Promise<void> {
  for (const { store } of here.plots) {
    store.calm();
    store.mend();
  }
  for (let round = 0; round < 4; round += 1) {
    here.clock.monotonicMs += 100_000_000;
    here.clock.nowMs += 100_000_000;
    await here.runner().check(here.set(), { readData: true }, here.control());
    await here.runner().catchUpDue();
  }
}

/** What was done and what came of it, for whoever reads why a seed failed. */
function tell(here: CopyWorld, what: string): string {
  const copies = here.plots.map(({ store, target }) => {
    const row = here.books.copies.copiesOf(SET).find(({ host }) => host === target.host.owner);
    const rot = store.rotten().map(({ type, name, how }) => `${type}/${name.slice(0, 6)} ${how}`);
    return `${store.isCut() ? 'cut' : 'up'} at ${row?.sequence} d${row?.damagedObjects} [${rot.join(', ')}]`;
  });
  return `${what}: ${copies.join(' | ')}`;
}

describe('copies under faults', () => {
  const seeds = Array.from({ length: SEEDS }, (_, at) => at + 1);
  test.each(seeds)(
    'seed %i: whole after every step, equal and sound in the end',
    async (seed) => {
      const dice = diceOf(seed);
      const here = createCopyWorld({ plots: 2 + (seed % 2), seed, reports: seed % 3 !== 0 });
      here.toy.files.set('first', randomBytes(5000));
      await here.runner().backup(here.set(), here.control());
      const history: string[] = [];
      for (let step = 1; step <= STEPS; step += 1) {
        for (const { store } of here.plots) {
          store.expect(dice.pick(WEATHERS));
          if (dice.random() < 0.15) store.cut();
          else if (dice.random() < 0.6) store.mend();
        }
        if (dice.random() < 0.2) rotSomething(here, dice);
        const what = await (dice.random() < 0.15 ? killed : act)(here, dice);
        dropDeadLocks(here);
        history.push(tell(here, `${step} ${what}`));
        await expectWhole(here, `seed ${seed}:\n${history.slice(-12).join('\n')}`);
      }
      await settleAll(here);
      const opened = await keyOf(here);
      if (opened === undefined) throw new Error('nothing was begun');
      expect(here.books.copies.damage(SET)).toEqual([]);
      const [first] = here.plots;
      for (const plot of here.plots) {
        expect(await faultsOf(plot.store, opened), `seed ${seed}: ${plot.name}`).toEqual([]);
        const names = [...thereAt(here, plot).keys()].sort();
        const others = first === undefined ? [] : [...thereAt(here, first).keys()].sort();
        expect(names, `seed ${seed}: ${plot.name}`).toEqual(others);
      }
      await here.runner().close();
      here.close();
    },
    600_000,
  );
});
