import { afterEach, expect } from 'vitest';
import { openRepository } from '../../electron/core/backup/repository/repository.ts';
import type { StoreObject } from '../../electron/core/backup/repository/repository-store.ts';
import { isObjectName } from '../../electron/core/backup/repository/repository-store.ts';
import { saveUnpacked } from '../../electron/core/backup/repository/unpacked.ts';
import type { Target } from '../../electron/core/backup/targets.ts';
import { failed, ok } from '../../shared/result.ts';
import { randomBytes } from 'node:crypto';
import {
  type CopyWorld,
  createCopyWorld,
  PASSWORD,
  SET,
  type ToyPlot,
  type WorldOptions,
} from './copy-world.ts';
import { faultsOf } from './toy-engine.ts';

/** What tests of copies do with them, and what they expect of them all. */
const open: CopyWorld[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

export function world(options: WorldOptions): CopyWorld {
  const made = createCopyWorld(options);
  open.push(made);
  return made;
}

export function write(here: CopyWorld, name: string): void {
  here.toy.files.set(name, randomBytes(20_000));
}

export async function backup(here: CopyWorld) {
  return here.runner().backup(here.set(), here.control());
}

export async function prune(here: CopyWorld, keep = 1) {
  const retention = { last: keep, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
  const job = { kind: 'prune', keep: retention, forget: [], onlyForget: false, repackShare: 1 };
  return here.runner().write(here.set(), job as never, here.control());
}

/** So much later that whoever failed to be completed may be tried again; then he is. */
export async function laterOn(here: CopyWorld): Promise<void> {
  here.clock.monotonicMs += 100_000_000;
  here.clock.nowMs += 100_000_000;
  await here.runner().catchUpDue();
}

export const at = (here: CopyWorld, number: number): ToyPlot => here.plots[number] as ToyPlot;

export function namesAt({ objects, store }: ToyPlot): readonly string[] {
  const lost = new Set(
    store.rotten().flatMap(({ type, name, how }) => (how === 'lost' ? [`${type}/${name}`] : [])),
  );
  return [...objects.objects.keys()].filter((key) => !lost.has(key)).sort();
}

export function anyOf({ objects }: ToyPlot, type: StoreObject['type']): StoreObject {
  const key = [...objects.objects.keys()].find((each) => each.startsWith(`${type}/`)) ?? '';
  const name = key.slice(type.length + 1);
  expect(isObjectName(type, name)).toBe(true);
  return { type, name };
}

export async function expectSound(here: CopyWorld): Promise<void> {
  const [first] = here.plots;
  if (first === undefined) return;
  const opened = await openRepository(first.objects, PASSWORD);
  if (!opened.ok) throw new Error('it can’t be opened');
  for (const plot of here.plots) {
    expect(await faultsOf(plot.store, opened.value), plot.name).toEqual([]);
    expect(namesAt(plot), plot.name).toEqual(namesAt(first));
  }
}

export const rowOf = (here: CopyWorld, number: number) => {
  const { owner } = at(here, number).target.host;
  return here.books.copies.copiesOf(SET).find(({ host }) => host === owner);
};

/** Another computer reads there, or wants to be alone. */
export async function readAt({ objects }: ToyPlot, exclusive = false): Promise<() => void> {
  const opened = await openRepository(objects, PASSWORD);
  if (!opened.ok) throw new Error('it can’t be opened');
  const time = new Date().toISOString();
  const content = { time, exclusive, hostname: 'nas', pid: 12 };
  const saved = await saveUnpacked(objects, opened.value.key, { type: 'locks', content });
  return () => void (saved.ok && objects.objects.delete(`locks/${saved.value.name}`));
}

/**
 * Friends, or one of them, whose lists leave out the object of this name; with `isGone` they don't give it when asked, either.
 * Counts how often they list snapshots.
 */
export function concealing({
  who,
  isGone = false,
}: {
  readonly who?: string;
  readonly isGone?: boolean;
} = {}) {
  // A config has no name.
  const what = { name: 'nothing', lists: 0 };
  const isAway = (name: string) => isGone && name === what.name;
  const gone = failed({ code: 'not-found' } as const);
  const seen = (target: Target): Target => {
    if (who !== undefined && target.name !== who) return target;
    const { list, stat, load } = target.store;
    const store: Target['store'] = {
      ...target.store,
      list: async (type, options) => {
        const listed = await list(type, options);
        if (type === 'snapshots') what.lists += 1;
        return listed.ok ? ok(listed.value.filter(({ name }) => name !== what.name)) : listed;
      },
      stat: async (object, options) => (isAway(object.name) ? gone : stat(object, options)),
      load: async (object, options) => (isAway(object.name) ? gone : load(object, options)),
    };
    return { ...target, store };
  };
  return { what, seen };
}
