import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { type CopyBook, openCopyBook } from '../../electron/core/backup/copies/book.ts';
import type { DamageReport } from '../../electron/core/backup/copies/damage-report.ts';
import type { JobControl } from '../../electron/core/backup/jobs.ts';
import type { RunJob } from '../../electron/core/backup/run-job.ts';
import { type BackupRunner, createBackupRunner } from '../../electron/core/backup/runner.ts';
import { type BackupSet, openSetBook, type SetBook } from '../../electron/core/backup/set-book.ts';
import type { Target } from '../../electron/core/backup/targets.ts';
import type { Sql } from '../../electron/core/database/open-database.ts';
import type { Friend } from '../../electron/core/friends/friend-book.ts';
import type { Async } from '../../shared/async.ts';
import type { Sentence } from '../../shared/contract/views.ts';
import { PLAN_AT_FIRST } from '../../shared/model/plan-at-first.ts';
import { failed, ok } from '../../shared/result.ts';
import { createFaultyStore, type FaultyStore } from './faulty-repository-store.ts';
import { createMemoryPapers, type MemoryPapers } from './memory-papers.ts';
import {
  createMemoryRepositoryStore,
  type MemoryRepositoryStore,
} from './memory-repository-store.ts';
import { silent } from './silent-logger.ts';
import { openTestLedger, testOwnerId, testPlotId } from './test-ledger.ts';
import { createToyEngine, type ToyEngine } from './toy-engine.ts';

export const PASSWORD = 'a password of the test';
export const SET = 'all';

/** A friend's plot: what really lies there, and the line to it on which things go wrong. */
export type ToyPlot = {
  readonly name: string;
  readonly objects: MemoryRepositoryStore;
  readonly store: FaultyStore;
  readonly papers: MemoryPapers;
  readonly target: Target;
};

/** A set, its books and its copies at friends in memory, with the real runner and a toy of an engine. */
export type CopyWorld = {
  readonly plots: readonly ToyPlot[];
  readonly books: { readonly sets: SetBook; readonly copies: CopyBook; readonly sql: Sql };
  readonly toy: ToyEngine;
  readonly clock: { nowMs: number; monotonicMs: number };
  readonly runner: () => BackupRunner;
  /** As after a start: nothing but the books and what lies at friends' is left. */
  readonly restart: () => void;
  readonly set: () => BackupSet;
  readonly problems: Sentence[];
  readonly control: () => JobControl;
  /** Another installation of the same owner works on the same plots with books of its own. */
  readonly close: () => void;
};

export type WorldOptions = {
  readonly plots: number;
  readonly seed?: number;
  /** Friends whose hosts can be told of damage; without it they can't. */
  readonly reports?: boolean;
  /** Plots that are there already, for another installation. */
  readonly at?: readonly ToyPlot[];
  readonly writer?: string;
  /** What is in the set; absent: what the toy has. */
  readonly folder?: string;
  /** Runs the jobs; absent: the toy. */
  readonly run?: RunJob;
  /** What this life of the program sees of a plot; a restart asks again. */
  readonly seen?: (target: Target) => Target;
  /** What happens while somebody's lock is waited for; nobody sleeps. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** Whether copies may be completed by themselves now. */
  readonly mayBegin?: () => boolean;
};

export function createToyPlot(number: number, seed: number, reports: boolean): ToyPlot {
  const objects = createMemoryRepositoryStore();
  const store = createFaultyStore(objects, { seed: seed * 100 + number });
  const papers = createMemoryPapers();
  papers.onCall = () =>
    store.isCut() ? { code: 'unreachable', detail: 'the line is cut' } : undefined;
  const name = `Friend ${number}`;
  const report: DamageReport = async (told) =>
    store.isCut()
      ? failed({ code: 'unreachable', detail: 'the line is cut' })
      : ok({
          drive: `Drive ${number}`,
          objects: await Promise.all(
            told.map(async (object) => ({
              ...object,
              state: (await store.dropRotten(object)) ? ('damaged' as const) : ('fine' as const),
            })),
          ),
        });
  const target: Target = {
    name,
    store,
    papers,
    report: reports ? report : undefined,
    host: { owner: testOwnerId(number + 1), name, departed: false } as Friend,
    plot: testPlotId(number + 1),
    refusal: () => undefined,
  };
  return { name, objects, store, papers, target };
}

export function createCopyWorld(options: WorldOptions): CopyWorld {
  const { seed = 1, reports = true, writer = 'this device' } = options;
  const { sql } = openTestLedger();
  const books = { sets: openSetBook(sql), copies: openCopyBook(sql), sql };
  const plots =
    options.at ??
    Array.from({ length: options.plots }, (_, at) => createToyPlot(at, seed, reports));
  books.sets.create({
    name: SET,
    folders: [options.folder ?? tmpdir()],
    plan: { ...PLAN_AT_FIRST },
    hosts: plots.map(({ target }) => target.host.owner),
    atMs: 0,
  });
  const clock = { nowMs: 1_800_000_000_000, monotonicMs: 0 };
  const toy = createToyEngine(PASSWORD);
  const problems: Sentence[] = [];
  let generation = 0;
  let runner = start();

  function start(): BackupRunner {
    const { seen = (target: Target) => target } = options;
    generation += 1;
    const mine = generation;
    /** Whoever was killed reaches nothing any more, whatever he was waiting for. */
    const alive = <T extends object>(part: T): T => answering(part, () => mine === generation);
    const targets = plots
      .map(({ target }) => seen(target))
      .map((target) => ({
        ...target,
        store: alive(target.store),
        papers: alive(target.papers),
      }));
    const hostsOf = ({ hosts }: Pick<BackupSet, 'hosts'>) =>
      targets.filter(({ host }) => hosts.includes(host.owner));
    return createBackupRunner({
      starts: { startOf: async () => undefined },
      password: PASSWORD,
      writer,
      targets: {
        of: async (set) => ok({ targets: hostsOf(set), unseen: 0 }),
        onFirst: () => Promise.reject(new Error('nobody reads here')),
      },
      run: options.run ?? toy.run,
      sets: alive(asynchronous(books.sets)),
      copies: alive(asynchronous(books.copies)),
      holdings: {
        holdings: async () =>
          targets.map(({ host, plot }) => ({
            plot,
            host: host.owner,
            set: SET,
            class: 'guaranteed',
            sizeBytes: 0n,
            writtenBytes: 0n,
            untilMs: 0,
            graceS: 0,
            leavesMs: undefined,
          })),
        noteWritten: async () => undefined,
      },
      peers: { plots: async () => ok({ plots: [], isWhole: true }) },
      look: async () => undefined,
      leaveOut: () => [],
      name: () => 'toy',
      mayBegin: options.mayBegin ?? (() => true),
      pause: options.pause ?? (async () => undefined),
      clock: { nowMs: () => clock.nowMs, monotonicMs: () => clock.monotonicMs },
      randomness: { bytes: randomBytes },
      logger: silent,
    });
  }

  return {
    plots,
    books,
    toy,
    clock,
    problems,
    runner: () => runner,
    restart: () => {
      runner = start();
    },
    set: () => {
      const set = books.sets.set(SET);
      if (set === undefined) throw new Error('the set is gone');
      return set;
    },
    control: () => ({
      signal: new AbortController().signal,
      progress: () => undefined,
      problem: (problem) => void problems.push(problem),
    }),
    close: () => sql.close(),
  };
}

function asynchronous<T extends object>(book: T): Async<T> {
  return new Proxy(book, {
    get: (target, name, receiver) => {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]): Promise<unknown> => Reflect.apply(method, target, args);
    },
  }) as Async<T>;
}

/** The same functions, of which nothing comes back once `isAlive` says no. */
function answering<T extends object>(part: T, isAlive: () => boolean): T {
  const never = () => new Promise<never>(() => undefined);
  return new Proxy(part, {
    get: (target, name, receiver) => {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]): Promise<unknown> => {
        if (!isAlive()) return never();
        const answer: unknown = await Reflect.apply(method, target, args);
        return isAlive() ? answer : never();
      };
    },
  });
}
