import { describe, expect, test } from 'vitest';
import { several } from '../../../electron/core/backup/copies/several.ts';
import type { StoreObjectType } from '../../../electron/core/backup/repository/repository-store.ts';
import type { ToyPlot } from '../../fakes/copy-world.ts';
import { type FaultChances, ROTS } from '../../fakes/faulty-repository-store.ts';
import { hasProgram, restic } from '../../fakes/programs.ts';
import {
  createStormWorld,
  PASSWORD,
  SET,
  type StormWishes,
  type StormWorld,
} from '../../fakes/storm-world.ts';

/**
 * The real engine and everything that looks after copies, step by step, while at friends' all goes wrong that can: no room,
 * broken disks, cut lines, lies, rot, and this program killed at any call. A model remembers what each snapshot had in it.
 * After each step our own check of every copy names what has rotted there and nothing else, and some snapshot that should
 * be there comes back byte by byte. Now and then stock restic reads everything.
 * `STEPS=1000 SEED=17` makes it longer and begins elsewhere; a failing seed alone: `STEPS=100 SEED=17`, with the `PLACE` that it names
 * (names of packs hang on where the files are).
 */
const STEPS = Number(process.env['STEPS'] ?? 5000);
const FIRST_SEED = Number(process.env['SEED'] ?? 1);
const STEPS_PER_SEED = 100;
const RESTIC_EVERY = 50;
const SEED_LIMIT_MS = 300_000;
/** Of so many seeds one is gone through once more with another device, a friend who makes things up, or both. */
const SHARE = 5;

const WEATHERS: readonly FaultChances[] = [
  {},
  {},
  {},
  { delay: 0.3 },
  { broken: 0.05 },
  { full: 0.1 },
  { short: 0.05, wrong: 0.05 },
  { cut: 0.03 },
  { broken: 0.03, full: 0.03, short: 0.03, wrong: 0.03, delay: 0.1 },
];
/** Who is asked first must not depend on how busy this machine is. */
let ticks = 0;
const STEADY = {
  patienceMs: 30_000,
  monotonicMs: () => {
    ticks += 1;
    return ticks;
  },
};
const LIES: FaultChances = { lie: 0.2 };

/** What the model knows of snapshots by their ids. */
type Model = {
  readonly contents: Map<string, string>;
  /** Acknowledged, and never asked to be forgotten. */
  readonly must: Set<string>;
  /** What has happened, for whoever reads why a seed failed. */
  readonly story: string[];
};

async function act(here: StormWorld, model: Model): Promise<string> {
  const { world, dice } = here;
  const runner = world.runner();
  const set = world.set();
  const what = dice.random();
  if (what < 0.4) {
    if (dice.random() < 0.85) here.changeFiles();
    const ended = await runner.backup(set, world.control());
    if (!ended.ok) return `backup: ${ended.fault.code}`;
    model.must.add(String(ended.value['snapshot']));
    return 'backup';
  }
  if (what < 0.55) {
    const last = 1 + dice.below(4);
    const keep = { last, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
    const job = {
      kind: 'prune',
      keep,
      forget: [],
      onlyForget: dice.random() < 0.2,
      repackShare: dice.pick([0, 0.1, 0.5, 1]),
    } as const;
    await mayGo(here, model, (newer) => newer >= last);
    const ended = await runner.write(set, job, world.control());
    return `prune: ${ended.ok ? JSON.stringify(ended.value) : ended.fault.code}`;
  }
  if (what < 0.62) {
    const all = await here.snapshots();
    if (all.length === 0) return 'nothing to forget';
    const { id } = dice.pick(all);
    model.must.delete(id);
    const onlyForget = dice.random() < 0.5;
    const job = {
      kind: 'prune',
      keep: undefined,
      forget: [id],
      onlyForget,
      repackShare: 0.1,
    } as const;
    const ended = await runner.write(set, job, world.control());
    return `forget: ${ended.ok ? 'done' : ended.fault.code}`;
  }
  if (what < 0.7) {
    const ended = await runner.check(set, { readData: dice.random() < 0.7 }, world.control());
    return `check: ${ended.ok ? JSON.stringify(ended.value) : ended.fault.code}`;
  }
  if (what < 0.78) {
    const ended = await runner.verify(set, undefined, world.control());
    return `verify: ${ended.ok ? JSON.stringify(ended.value) : ended.fault.code}`;
  }
  if (what < 0.9) {
    await here.catchUp();
    return 'catch up';
  }
  const id = [...model.must][dice.below(model.must.size)];
  if (id === undefined) return 'nothing to restore';
  const copies = world.plots.map(({ target }) => here.life().see(target));
  const got = await here.restore(several(copies, STEADY), id);
  // Whatever fails on the way, wrong bytes are never passed off as right.
  if ('digest' in got)
    expect(got.digest, `restored ${id.slice(0, 8)}`).toBe(model.contents.get(id));
  return `restore: ${'digest' in got ? 'right' : got.fault}`;
}

/** Snapshots with so many newer ones may be removed, whether what is to remove them succeeds or not. */
async function mayGo(
  here: StormWorld,
  { must }: Model,
  isOld: (newer: number) => boolean,
): Promise<void> {
  const all = await here.snapshots();
  for (const { id, atMs } of all) {
    const newer = all.filter((each) => each.id !== id && each.atMs >= atMs).length;
    if (isOld(newer)) must.delete(id);
  }
}

async function actAndDie(here: StormWorld, model: Model): Promise<string> {
  const { dice } = here;
  const life = here.life();
  const call = 1 + dice.below(dice.pick([10, 60, 200]));
  life.dieAt(call, dice.random() < 0.5);
  const ended = await Promise.race([act(here, model), life.died.then(() => 'killed')]);
  // What was not waiting for a friend gets to where it does.
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  here.begin();
  return `${ended} (to die at call ${call})`;
}

function changeWeather(here: StormWorld): string {
  const { world, dice, honest } = here;
  const isSound = isEverythingSound(here);
  // So that it shows whether anybody keeps others from what they want.
  if (honest.length < world.plots.length && isSound && dice.random() < 0.5) {
    for (const { store } of world.plots) {
      store.mend();
      store.calm();
    }
    return 'calm, ';
  }
  // Who lies is found out by his copy's being compared with one that is right.
  const liar = isSound && dice.random() < 0.15 ? dice.pick(honest) : undefined;
  for (const plot of world.plots) {
    const { store } = plot;
    if (liar !== undefined) {
      store.mend();
      store.expect(plot === liar ? LIES : {});
      continue;
    }
    store.expect(dice.pick(WEATHERS));
    if (dice.random() < 0.12) store.cut();
    else if (dice.random() < 0.6) store.mend();
  }
  return liar === undefined ? '' : `${liar.name} lies, `;
}

/** But for what somebody has made up. */
function damageOf({ devices, lies }: StormWorld): readonly Named[] {
  const all = devices.flatMap(({ books }) => books.copies.damage(SET));
  return all.filter((object) => !lies.has(keyOf(object)));
}

function isEverythingSound(here: StormWorld): boolean {
  const isRotten = here.world.plots.some(({ store }) =>
    store.rotten().some((object) => !here.lies.has(keyOf(object))),
  );
  return !isRotten && damageOf(here).length === 0;
}

/** Something rots of which another copy is sound; what rots everywhere at once has tests of its own. */
function rotSomething({ world, dice, honest }: StormWorld): string {
  const plot = dice.pick(honest);
  const objects = [...plot.objects.objects.keys()].filter(
    (key) => !key.startsWith('locks/') && !key.startsWith('config/'),
  );
  if (objects.length === 0) return '';
  const key = dice.pick(objects);
  const [type = '', name = ''] = key.split('/');
  if (world.plots.some(({ store }) => store.rotten().some((each) => each.name === name))) return '';
  if (!honest.some((each) => each !== plot && each.objects.objects.has(key))) return '';
  const how = dice.pick(ROTS);
  plot.store.rot({ type: type as StoreObjectType, name }, how);
  return `${key.slice(0, 12)} at ${plot.name} is ${how}, `;
}

/** Half an hour later, or seen from another process, a lock that nobody could take away any more is dead. */
function dropDeadLocks({ world }: StormWorld): void {
  for (const { objects } of world.plots)
    for (const key of objects.objects.keys())
      if (key.startsWith('locks/')) objects.objects.delete(key);
}

/** Looks at a plot over a line without faults; what has rotted has. */
async function calmly<T>({ store }: ToyPlot, look: () => Promise<T>): Promise<T> {
  const isCut = store.isCut();
  store.calm();
  store.mend();
  const seen = await look();
  if (isCut) store.cut();
  return seen;
}

type Named = { readonly type: string; readonly name: string };
const keyOf = ({ type, name }: Named) => `${type}/${name}`;

/** What has rotted of what is there. */
const rottenIn = ({ store, objects }: ToyPlot) =>
  store.rotten().filter((object) => objects.objects.has(keyOf(object)));

/** What was lost there, and was pruned elsewhere before anybody noticed: a copy that is sound without it misses nothing. */
async function forgetTheLost({ devices }: StormWorld, { store }: ToyPlot): Promise<void> {
  const removed = new Set(
    devices.flatMap(({ books }) => books.copies.removals(SET).removals.map(({ name }) => name)),
  );
  for (const object of store.rotten())
    if (object.how === 'lost' && removed.has(object.name)) await store.dropRotten(object);
}

/**
 * What has rotted there, what our books name as damaged anywhere (whoever keeps it sound may be away, and then it can't be sent
 * on), what another one had lost before anybody noticed when this one was completed from him over
 * the heads of those who were away or whose lines failed, and what had been pruned elsewhere
 * before it rotted here, and came back to life: nobody has that any more.
 */
function brokenOf(here: StormWorld, plot: ToyPlot): ReadonlySet<string> {
  const { honest } = here;
  const lost = honest
    .flatMap(rottenIn)
    .filter((object) => !honest.some((other) => isSoundAt(other, object)));
  const unseen = honest
    .flatMap(rottenIn)
    .filter((object) => object.how === 'lost' && !plot.objects.objects.has(keyOf(object)));
  return new Set([...rottenIn(plot), ...damageOf(here), ...unseen, ...lost].map(keyOf));
}

/**
 * What had rotted there before it was removed everywhere else, and comes back to life with that copy, nobody else has any more; a
 * backup relies on it as on all that is there. What rots everywhere at once has tests of its own: here the disk gives it again.
 */
function healTheLast(here: StormWorld): void {
  const { honest } = here;
  const noted = new Set(damageOf(here).map(keyOf));
  for (const plot of honest)
    for (const object of rottenIn(plot))
      if (!noted.has(keyOf(object)) && !honest.some((other) => isSoundAt(other, object)))
        plot.store.heal(object);
}

function isSoundAt({ objects, store }: ToyPlot, object: Named): boolean {
  const isRotten = store.rotten().some((each) => keyOf(each) === keyOf(object));
  return objects.objects.has(keyOf(object)) && !isRotten;
}

async function expectNamed(here: StormWorld, plot: ToyPlot): Promise<void> {
  const { store, objects, name: friend } = plot;
  const broken = brokenOf(here, plot);
  // What was under way when the program was killed may have arrived a moment later.
  dropDeadLocks(here);
  // Without a config nothing can be looked into; the others can tell.
  if (broken.has('config/') || !objects.objects.has('config/')) return;
  const problems = await calmly(plot, () => here.checkOnce(plot));
  if (problems.length === 0) await forgetTheLost(here, plot);
  if (broken.size === 0) {
    expect(problems, `${friend} is sound`).toEqual([]);
    return;
  }
  if (typeof problems === 'string') throw new Error(`${friend} can't be checked: ${problems}`);
  const named = new Set(
    problems.flatMap(({ code, path }) =>
      code.startsWith('pack-') ? [`data/${path}`] : code.startsWith('object-') ? [path] : [],
    ),
  );
  for (const key of named) expect(broken, `${friend}: ${key} is named`).toContain(key);
  // That a small object is not there only the others can tell; nobody misses a pack that no index names.
  for (const { type, name, how } of store.rotten())
    if (type !== 'data' && how !== 'lost' && objects.objects.has(`${type}/${name}`))
      expect(named, `${friend} has ${how} ${type}`).toContain(`${type}/${name}`);
}

async function expectRestorable(here: StormWorld, model: Model): Promise<void> {
  const { world, dice, honest } = here;
  const id = [...model.must][dice.below(model.must.size)];
  if (id === undefined) return;
  const plot = dice.pick(honest);
  const isAlone = plot.objects.objects.has(`snapshots/${id}`) && brokenOf(here, plot).size === 0;
  const cut = world.plots.filter(({ store }) => store.isCut());
  for (const { store } of world.plots) {
    store.calm();
    store.mend();
  }
  const from = isAlone
    ? plot.store
    : several(
        world.plots.map(({ target }) => target),
        STEADY,
      );
  const got = await here.restore(from, id);
  for (const { store } of cut) store.cut();
  expect(got, `${id.slice(0, 8)} from ${isAlone ? plot.name : 'all'}`).toEqual({
    digest: model.contents.get(id),
  });
}

async function learn(here: StormWorld, model: Model): Promise<void> {
  for (const { id } of await here.snapshots())
    if (!model.contents.has(id)) model.contents.set(id, here.digest());
}

async function expectResticCalm(here: StormWorld): Promise<void> {
  await Promise.all(
    here.honest.map(async (plot) => {
      if (!plot.objects.objects.has('config/')) return;
      const checked = await restic(here.asFolder(plot), ['check', '--read-data', '--no-lock'], {
        password: PASSWORD,
      });
      expect(checked.code, `restic reads ${plot.name}: ${checked.output}`).toBe(0);
    }),
  );
}

/**
 * What was pruned while a copy was away may have come back to life with that copy, and something of it may have rotted there
 * and nowhere else have been kept: then it goes again.
 */
async function forgetTheRevived(here: StormWorld, { must }: Model): Promise<void> {
  const { world, honest } = here;
  const lacks = await Promise.all(honest.map(({ store }) => here.check(store)));
  if (lacks.every(({ length }) => length === 0)) return;
  const forget = (await here.snapshots()).flatMap(({ id }) => (must.has(id) ? [] : [id]));
  const job = { kind: 'prune', keep: undefined, forget, onlyForget: true, repackShare: 0 } as const;
  const ended = await world.runner().write(world.set(), job, world.control());
  expect(ended.ok, 'what came back to life goes').toBe(true);
  await here.catchUp();
  dropDeadLocks(here);
}

async function repairAll(here: StormWorld, model: Model): Promise<void> {
  const { world } = here;
  for (const { store } of world.plots) {
    store.calm();
    store.mend();
  }
  here.repent();
  for (let round = 0; round < 4; round += 1)
    for (const _ of here.devices) {
      here.takeNextTurn();
      const { world } = here;
      await world.runner().check(world.set(), { readData: true }, world.control());
      await here.catchUp();
      dropDeadLocks(here);
    }
  await forgetTheRevived(here, model);
  for (const { books } of here.devices)
    expect(books.copies.damage(SET), 'everything is repaired').toEqual([]);
  for (const plot of world.plots)
    expect(await here.check(plot.store), `${plot.name} is sound in the end`).toEqual([]);
}

async function step(here: StormWorld, model: Model): Promise<void> {
  const { world, dice } = here;
  here.passStep();
  here.takeTurn();
  const weather = changeWeather(here);
  const rot = dice.random() < 0.12 && weather === '' ? rotSomething(here) : '';
  const lie =
    here.honest.length < world.plots.length && dice.random() < 0.4 ? `${here.lie()}, ` : '';
  const isKilled = dice.random() < 0.2;
  const before = model.must.size;
  const told = isKilled ? await actAndDie(here, model) : await act(here, model);
  if (model.must.size > before) healTheLast(here);
  const who = here.devices.length > 1 ? `device ${here.devices.indexOf(world)}: ` : '';
  model.story.push(`${who}${weather}${rot}${lie}${told}`);
  // Nobody's line fails and nothing has rotted: then nobody who makes things up keeps others from their backups.
  if (
    weather === 'calm, ' &&
    !isKilled &&
    model.must.size > 0 &&
    /^(backup|prune): [a-z]/.test(told)
  )
    throw new Error(`in calm weather: ${told}`);
  dropDeadLocks(here);
  await learn(here, model);
  for (const plot of here.honest) await expectNamed(here, plot);
  await expectRestorable(here, model);
}

async function storm(seed: number, steps: number, wishes: StormWishes = {}): Promise<void> {
  ticks = 0;
  const here = createStormWorld(seed, wishes);
  const model: Model = { contents: new Map(), must: new Set(), story: [] };
  const hasRestic = hasProgram('restic');
  try {
    for (let at = 1; at <= steps; at += 1) {
      await step(here, model);
      if (at % RESTIC_EVERY !== 0 && at !== steps) continue;
      // As it lies there: interrupted, behind, but whole.
      const isBroken = here.honest.some((plot) => brokenOf(here, plot).size > 0);
      if (hasRestic && !isBroken) await expectResticCalm(here);
      if (at !== steps && !isBroken) continue;
      await repairAll(here, model);
      if (hasRestic) await expectResticCalm(here);
    }
    for (const id of model.must) {
      const got = await here.restore(
        several(
          here.world.plots.map(({ target }) => target),
          STEADY,
        ),
        id,
      );
      expect(got, 'in the end').toEqual({ digest: model.contents.get(id) });
    }
    const [first, ...others] = here.world.plots.map((plot) =>
      [...here.thereAt(plot).keys()].sort(),
    );
    for (const other of others) expect(other, 'all copies are the same').toEqual(first);
  } catch (error) {
    const story = model.story.map((told, at) => `${at + 1}. ${told}`).slice(-40);
    throw new Error(
      `STEPS=${steps} SEED=${seed} PLACE=${here.place} repeats it\n${story.join('\n')}`,
      {
        cause: error,
      },
    );
  } finally {
    await here.close();
  }
}

describe('backups in a storm', () => {
  const seeds = Array.from({ length: Math.ceil(STEPS / STEPS_PER_SEED) }, (_, at) => ({
    seed: FIRST_SEED + at,
    steps: Math.min(STEPS_PER_SEED, STEPS - at * STEPS_PER_SEED),
  }));
  test.each(seeds)(
    'seed $seed: what rots is named and repaired, and every snapshot comes back',
    ({ seed, steps }) => storm(seed, steps),
    SEED_LIMIT_MS,
  );
  test.each(
    Array.from({ length: Math.ceil(STEPS / STEPS_PER_SEED / SHARE) }, (_, at) => FIRST_SEED + at),
  )(
    'seed %i: two devices of one owner, and a friend who makes things up, lose nothing for anybody',
    (seed) => storm(seed, STEPS_PER_SEED, { devices: 1 + (seed % 2), isLiarThere: seed % 4 !== 1 }),
    SEED_LIMIT_MS,
  );
});
