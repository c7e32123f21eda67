import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { EngineProblem } from '../../electron/core/backup/engine/engine.ts';
import { openPackCache } from '../../electron/core/backup/engine/pack-cache.ts';
import { loadSnapshots } from '../../electron/core/backup/repository/repository.ts';
import type { RepositoryStore } from '../../electron/core/backup/repository/repository-store.ts';
import { type CopyWorld, createCopyWorld, PASSWORD, SET, type ToyPlot } from './copy-world.ts';
import {
  createEngineHere,
  type EngineHere,
  makeCheapRepository,
  type OpenHere,
} from './engine-here.ts';
import { digestOf } from './digest-of.ts';
import { randomOf } from './faulty-repository-store.ts';
import { createLife, type Life } from './life.ts';
import { createMemoryRepositoryStore } from './memory-repository-store.ts';
import { makeRepeatable } from './repeatable.ts';

/** A set of real files, backed up by the real engine to friends in memory with whom everything can go wrong. */
export type StormWorld = {
  /** That of the device whose turn it is. */
  readonly world: CopyWorld;
  readonly devices: readonly CopyWorld[];
  /** The next one to do something is one of them by chance. */
  readonly takeTurn: () => void;
  readonly takeNextTurn: () => void;
  /** Those who keep what they are given. */
  readonly honest: readonly ToyPlot[];
  /** What the other one, if there is one, says to have and was never given. */
  readonly lies: ReadonlySet<string>;
  /** He says something that is not true; which, if it is known. */
  readonly lie: () => string;
  /** He says nothing any more that is not true. */
  readonly repent: () => void;
  readonly dice: Dice;
  readonly repository: OpenHere;
  readonly engine: EngineHere;
  /** As the program is now: it ends when it is killed. */
  readonly life: () => Life;
  /** The next life of the program, with nothing but its books, its cache and what lies at friends'. */
  readonly begin: () => void;
  /** Copies are completed as they are by themselves; at no other time, so that one step ends before the next begins. */
  readonly catchUp: () => Promise<void>;
  readonly changeFiles: () => void;
  /** It is later now. */
  readonly passStep: () => void;
  /** What is in the files now. */
  readonly digest: () => string;
  /** Where the files are. It stands in every snapshot, so that another one has other packs in another order. */
  readonly place: string;
  /** Brings a snapshot back from a store; its digest, or why there is none. */
  readonly restore: (
    store: RepositoryStore,
    snapshot: string,
  ) => Promise<{ readonly digest: string } | { readonly fault: string }>;
  /** What our own check says of a copy as it lies there, from a line without faults. */
  readonly check: (store: RepositoryStore) => Promise<Checked>;
  /** The same, but what lies there to the byte as another copy, or as one did before, is not read again. */
  readonly checkOnce: (plot: ToyPlot) => Promise<Checked>;
  /** Of all that lies at anybody's, the oldest first. */
  readonly snapshots: () => Promise<readonly { readonly id: string; readonly atMs: number }[]>;
  /** A plot's objects but for those that it has lost. */
  readonly thereAt: (plot: ToyPlot) => ReadonlyMap<string, Uint8Array>;
  /** They as a folder that stock restic opens. */
  readonly asFolder: (plot: ToyPlot) => string;
  readonly close: () => Promise<void>;
};

type Checked = readonly EngineProblem[] | string;

/** What was said of a copy. Nothing decides over it but what lies there and what of it has rotted. */
type Looked = {
  readonly objects: ReadonlyMap<string, Uint8Array>;
  readonly rotten: string;
  readonly checked: Checked;
};

export type Dice = {
  readonly random: () => number;
  /** From 0 to below this. */
  readonly below: (end: number) => number;
  readonly pick: <T>(all: readonly T[]) => T;
};

export function diceOf(seed: number): Dice {
  const random = randomOf(seed);
  const below = (end: number) => Math.floor(random() * end);
  return { random, below, pick: (all) => all[below(all.length)] as never };
}

/** There on every system that has paths like it, and not where `TMPDIR` says: another path is another storm. */
const ANYWHERE = '/tmp';
/** Whoever failed to be completed may be tried again after this. */
const REST_MS = 100_000_000;
/** As many are remembered as there are copies before and after a step. */
const LOOKED_MAX = 6;
const START_MS = Date.UTC(2027, 0, 15);
const STEP_MS = 3_600_000;
const FILES_MAX = 14;
/** Most files are small; some have several chunks. */
const LARGE_BYTES = 1_500_000;

export type StormWishes = {
  /** Installations of the same owner's, each with its own books and cache. */
  readonly devices?: number;
  /** The last of at least three friends makes things up. */
  readonly isLiarThere?: boolean;
};

export function createStormWorld(
  seed: number,
  { devices: count = 1, isLiarThere = false }: StormWishes = {},
): StormWorld {
  const dice = diceOf(seed);
  const place = takePlace(process.env['PLACE'] ?? placeOf(seed));
  const source = join(place, 'source');
  const repeatable = makeRepeatable(seed, { startMs: START_MS, folder: source });
  mkdirSync(source, { recursive: true });
  const { objects, ...repository } = makeCheapRepository(PASSWORD);
  const engine = createEngineHere(repository);
  let restores = 0;
  let mayBegin = false;
  let turn = 0;
  const looked: Looked[] = [];
  const lives = Array.from({ length: count }, createLife);
  const devices: CopyWorld[] = [];
  for (let number = 0; number < count; number += 1) {
    const cache = openPackCache(join(place, number === 0 ? 'cache' : `cache ${number}`));
    const device = createCopyWorld({
      plots: isLiarThere ? 3 : 2 + (seed % 2),
      ...(devices[0] === undefined ? {} : { at: devices[0].plots, writer: `device ${number}` }),
      seed,
      reports: seed % 3 !== 0,
      folder: source,
      seen: (target) => lives[number]?.see(target) ?? target,
      mayBegin: () => mayBegin,
      run: (job, store, { signal, problem }) =>
        engine.run(job, store, {
          signal,
          cache,
          problem: ({ code, path, detail }) =>
            problem({ key: `problem.${code}`, params: { path, detail } }),
        }),
    });
    devices.push(device);
  }
  const first = devices[0] as CopyWorld;
  const world = () => devices[turn] ?? first;
  const life = () => lives[turn] as Life;
  for (const { books } of devices)
    books.sets.setRepository({ name: SET, repository: repository.id });
  const { plots } = first;
  const liar = isLiarThere ? createLiar(plots.at(-1) as ToyPlot, dice, count) : undefined;
  for (const [name, bytes] of objects)
    first.plots[0]?.objects.objects.set(name, new Uint8Array(bytes));

  function changeFiles(): void {
    const names = filesIn(source);
    for (let change = dice.below(4); change >= 0; change -= 1) {
      const name = names.length > 0 ? dice.pick(names) : '';
      const what = dice.random();
      if (names.length > FILES_MAX || (what < 0.2 && name !== '')) {
        rmSync(join(source, name), { force: true });
        names.splice(names.indexOf(name), 1);
      } else if (what < 0.35 && name !== '') {
        appendFileSync(join(source, name), contentOf(2000));
        changeNow(name);
      } else if (what < 0.45 && name !== '') {
        const other = `renamed ${dice.below(1000)}`;
        renameSync(join(source, name), join(source, other));
        names.splice(names.indexOf(name), 1, other);
      } else {
        const fresh = join(dice.pick(['.', 'a', 'a/b', 'c']), `file ${dice.below(20)}`);
        mkdirSync(dirname(join(source, fresh)), { recursive: true });
        writeFileSync(join(source, fresh), contentOf(sizeOf()));
        changeNow(fresh);
        if (!names.includes(fresh)) names.push(fresh);
      }
    }
  }

  function changeNow(name: string): void {
    utimesSync(join(source, name), Date.now() / 1000, Date.now() / 1000);
  }

  function sizeOf(): number {
    const kind = dice.random();
    if (kind < 0.02) return LARGE_BYTES;
    return Math.floor(kind < 0.1 ? dice.random() * 200_000 : 2 ** (dice.random() * 15));
  }

  function contentOf(bytes: number): Buffer {
    const text = `${dice.random()} `;
    if (dice.random() < 0.5) return Buffer.alloc(bytes, text);
    // Incompressible, and the same again with the same seed.
    const stretches: Buffer[] = [];
    for (let at = 0; at * 64 < bytes; at += 1)
      stretches.push(createHash('sha512').update(`${text}${at}`).digest());
    return Buffer.concat(stretches).subarray(0, bytes);
  }

  async function check(store: RepositoryStore): Promise<Checked> {
    const problems: EngineProblem[] = [];
    const job = { kind: 'check', readData: true } as const;
    const ended = await engine.run(job, store, { problem: (each) => problems.push(each) });
    return ended.ok ? problems : JSON.stringify(ended.fault);
  }

  return {
    get world() {
      return world();
    },
    devices,
    takeTurn: () => {
      turn = count === 1 ? 0 : dice.below(count);
    },
    takeNextTurn: () => {
      turn = (turn + 1) % count;
    },
    honest: liar === undefined ? plots : plots.slice(0, -1),
    lies: liar?.lies ?? new Set(),
    lie: () => liar?.lie() ?? '',
    repent: () => liar?.repent(),
    dice,
    repository,
    engine,
    life,
    begin: () => {
      life().end();
      mayBegin = false;
      lives[turn] = createLife();
      world().restart();
    },
    catchUp: async () => {
      mayBegin = true;
      for (const { clock } of devices) {
        clock.monotonicMs += REST_MS;
        clock.nowMs += REST_MS;
      }
      await world().runner().catchUpDue();
      mayBegin = false;
    },
    changeFiles,
    place,
    passStep: () => repeatable.pass(STEP_MS),
    digest: () => digestOf(source),
    restore: async (store, snapshot) => {
      restores += 1;
      const to = join(place, `restored ${restores}`);
      try {
        const job = {
          kind: 'restore',
          snapshot,
          to,
          paths: undefined,
          conflict: undefined,
          archive: false,
          journal: undefined,
        } as const;
        const problems: EngineProblem[] = [];
        const ended = await engine.run(job, store, { problem: (each) => problems.push(each) });
        if (!ended.ok) return { fault: JSON.stringify(ended.fault) };
        // An index that nobody has whole is named; whether anything is missing for it, the files say.
        const missing = problems.filter(({ code }) => code !== 'object-damaged');
        if (missing.length > 0) return { fault: JSON.stringify(missing) };
        return { digest: digestOf(join(to, 'source')) };
      } finally {
        rmSync(to, { recursive: true, force: true });
      }
    },
    check,
    checkOnce: async ({ store, objects: { objects } }) => {
      const rotten = JSON.stringify(store.rotten().map(({ type, name, how }) => [type, name, how]));
      const known = looked.find((each) => each.rotten === rotten && isSame(each.objects, objects));
      if (known !== undefined) return known.checked;
      const lying = new Map(objects);
      const checked = await check(store);
      looked.unshift({ objects: lying, rotten, checked });
      looked.splice(LOOKED_MAX);
      return checked;
    },
    snapshots: async () => {
      const all = createMemoryRepositoryStore();
      for (const plot of plots)
        for (const [name, bytes] of plot.objects.objects)
          if (liar?.lies.has(name) !== true) all.objects.set(name, bytes);
      const found = await loadSnapshots({ ...repository, store: all });
      if (!found.ok) throw new Error(JSON.stringify(found.fault));
      return found.value.map(({ id, time }) => ({ id, atMs: Date.parse(time) }));
    },
    thereAt,
    asFolder: (plot) => {
      const folder = join(place, `as a folder, ${plot.name}`);
      rmSync(folder, { recursive: true, force: true });
      for (const type of ['data', 'index', 'keys', 'locks', 'snapshots'])
        mkdirSync(join(folder, type), { recursive: true });
      for (const [path, bytes] of thereAt(plot)) {
        const [type = '', object = ''] = path.split('/');
        const parent =
          type === 'data' ? join(folder, type, object.slice(0, 2)) : join(folder, type);
        if (type === 'data') mkdirSync(parent, { recursive: true });
        writeFileSync(type === 'config' ? join(folder, type) : join(parent, object), bytes);
      }
      return folder;
    },
    close: async () => {
      for (const device of devices) await device.runner().close();
      for (const each of lives) each.end();
      for (const device of devices) device.close();
      repeatable.end();
      rmSync(place, { recursive: true, force: true });
    },
  };
}

/**
 * A friend who says what he likes of what others need not believe him: objects of which each was made up to the last byte, or of which he
 * has only the name; what he was told to remove; a manifest that has been there before. What he is given he keeps.
 */
function createLiar({ objects: { objects }, store, papers }: ToyPlot, dice: Dice, devices: number) {
  const lies = new Set<string>();
  const ever = new Map<string, Uint8Array>();
  const manifests: Uint8Array[] = [];

  function makeUp(): string {
    const bytes = randomBytes(1 + dice.below(400));
    const name = createHash('sha256').update(bytes).digest('hex');
    const type = dice.pick(['index', 'snapshots', 'keys', 'data'] as const);
    const key = `${type}/${name}`;
    lies.add(key);
    objects.set(key, bytes);
    if (dice.random() < 0.5) store.rot({ type, name }, dice.pick(['denied', 'swapped', 'short']));
    return `${key.slice(0, 16)} is made up`;
  }

  function bringBack(): string {
    // That another device has had a snapshot removed only that one knows; whether it is whole, a check says.
    const isKnown = (key: string) => devices === 1 || !key.startsWith('snapshots/');
    const gone = [...ever.keys()].filter((key) => !objects.has(key) && isKnown(key));
    if (gone.length === 0) return makeUp();
    const key = dice.pick(gone);
    objects.set(key, ever.get(key) ?? Buffer.alloc(0));
    return `${key.slice(0, 16)} is there again`;
  }

  return {
    lies,
    lie: () => {
      for (const [key, bytes] of objects)
        if (!lies.has(key) && !key.startsWith('locks/')) ever.set(key, bytes);
      const manifest = papers.kept.get('manifest');
      if (manifest !== undefined) manifests.push(manifest);
      const how = dice.random();
      if (how < 0.6) return makeUp();
      if (how < 0.9) return bringBack();
      if (manifests.length > 0) papers.kept.set('manifest', dice.pick(manifests));
      return 'an old manifest is there';
    },
    repent: () => {
      for (const key of lies) objects.delete(key);
      for (const { type, name } of store.rotten())
        if (lies.has(`${type}/${name}`)) void store.dropRotten({ type, name });
    },
  };
}

export { PASSWORD, SET };

function isSame(
  one: ReadonlyMap<string, Uint8Array>,
  other: ReadonlyMap<string, Uint8Array>,
): boolean {
  if (one.size !== other.size) return false;
  for (const [name, bytes] of one) {
    const there = other.get(name);
    if (there === undefined || Buffer.compare(bytes, there) !== 0) return false;
  }
  return true;
}

function thereAt({ objects, store }: ToyPlot): ReadonlyMap<string, Uint8Array> {
  const lost = store
    .rotten()
    .flatMap(({ type, name, how }) => (how === 'lost' ? [`${type}/${name}`] : []));
  const gone = new Set(lost);
  return new Map([...objects.objects].filter(([key]) => !gone.has(key)));
}

const NAME = 'allotment-storm-';
function placeOf(seed: number): string {
  return join(existsSync(ANYWHERE) ? ANYWHERE : tmpdir(), `${NAME}${seed}`);
}

/** The same for the same seed, because it stands in every snapshot; another one while somebody else is just there. */
function takePlace(place: string): string {
  // All in it goes.
  if (!basename(place).startsWith(NAME)) throw new Error(`a PLACE is called ${NAME}…`);
  const owner = join(place, 'owner');
  const pid = existsSync(owner) ? Number(readFileSync(owner, 'utf8')) : 0;
  if (pid > 0 && pid !== process.pid && isRunning(pid)) return takePlace(`${place}-`);
  try {
    rmSync(place, { recursive: true, force: true });
  } catch {
    // Another user's, who was killed.
    return takePlace(`${place}-`);
  }
  mkdirSync(place, { recursive: true });
  chmodSync(place, 0o755);
  writeFileSync(owner, `${process.pid}`);
  return place;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort();
}
