import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { copyViews } from '../../electron/core/api/sets/copy-views.ts';
import { type CopyBook, openCopyBook } from '../../electron/core/backup/copies/book.ts';
import { openPackCache } from '../../electron/core/backup/engine/pack-cache.ts';
import { createJobs } from '../../electron/core/backup/jobs.ts';
import { createPruning } from '../../electron/core/backup/pruning.ts';
import { loadSnapshots } from '../../electron/core/backup/repository/repository.ts';
import type {
  RepositoryStore,
  StoreFault,
} from '../../electron/core/backup/repository/repository-store.ts';
import { createRunSet } from '../../electron/core/backup/run-set.ts';
import { createBackupRunner } from '../../electron/core/backup/runner.ts';
import { createScheduler } from '../../electron/core/backup/scheduler.ts';
import { openSetBook, type SetBook } from '../../electron/core/backup/set-book.ts';
import type { Target } from '../../electron/core/backup/targets.ts';
import {
  type HoldingsBook,
  openHoldingsBook,
} from '../../electron/core/client/holdings/holdings-book.ts';
import { startLeaseKeeper } from '../../electron/core/client/holdings/lease-keeper.ts';
import type { Friend } from '../../electron/core/friends/friend-book.ts';
import type { PlotRow } from '../../electron/core/ledger/ledger.ts';
import { pauseAt } from '../../electron/core/pause.ts';
import { isVerifyLate, newestOf, safetyOf } from '../../shared/backup/safety.ts';
import type { SetSafety } from '../../shared/contract/backup-views.ts';
import type { Sentence } from '../../shared/contract/views.ts';
import { type Fault, fault } from '../../shared/fault.ts';
import type { OwnerId, PlotId } from '../../shared/ids.ts';
import type { Answer, RenewRequest } from '../../shared/model/allocate.ts';
import { type BackupPlanText, PLAN_AT_FIRST } from '../../shared/model/backup-plan.ts';
import type { SetFacts } from '../../shared/notices/facts.ts';
import { judgeNotices } from '../../shared/notices/judge.ts';
import type { KeptNotice } from '../../shared/notices/memory.ts';
import { failed, ok, type Result } from '../../shared/result.ts';
import { GB } from '../../shared/units.ts';
import { fakeActivity } from './activity.ts';
import { PASSWORD } from './copy-world.ts';
import { digestOf } from './digest-of.ts';
import { createEngineHere, makeCheapRepository } from './engine-here.ts';
import { createMemoryPapers } from './memory-papers.ts';
import {
  createMemoryRepositoryStore,
  type MemoryRepositoryStore,
} from './memory-repository-store.ts';
import { nothingTold, quiet } from './notice-facts.ts';
import { allocate, createMonthHost, ME, type MonthHost, momentOf } from './month-host.ts';
import { asAsync } from './set-world.ts';
import { silent } from './silent-logger.ts';
import { hashOf, openTestLedger, ROOMY, testOwnerId, testRequest } from './test-ledger.ts';

/** A snapshot, and what was in the files then. */
type MadeSnapshot = { readonly id: string; readonly time: string; readonly digest: string };

const OTHERS = 9;
/** As long as nothing happens that a minute would change, ten of them are as good. */
const STEP_MS = 10 * 60_000;
const PLOT_BYTES = GB;

/**
 * Weeks in which nobody looks, in minutes of real time: real files, books, ledgers, decisions and the real engine, with the
 * clock in the hand of a test and friends' disks in memory.
 */
export function createMonth(startMs: number) {
  vi.useFakeTimers({ toFake: ['Date'], now: startMs });
  const place = mkdtempSync(join(tmpdir(), 'allotment-month-'));
  const cache = openPackCache(join(place, 'cache'));
  const { sql } = openTestLedger();
  const sets: SetBook = openSetBook(sql);
  const copies: CopyBook = openCopyBook(sql);
  const holdings: HoldingsBook = openHoldingsBook(sql);
  const { objects: seeds, ...repository } = makeCheapRepository(PASSWORD);
  const engine = createEngineHere(repository);
  const time = { monotonicMs: 1_000_000 };
  const clock = { nowMs: () => Date.now(), monotonicMs: () => time.monotonicMs };
  const hosts = [
    createMonthHost('Ben', testOwnerId(1), 0),
    createMonthHost('Cleo', testOwnerId(2), OTHERS),
  ] as const;
  const contactMs = new Map<OwnerId, number>(hosts.map(({ owner }) => [owner, startMs]));
  const people = new Map(
    hosts.map(({ owner, name }) => {
      const person: unknown = { owner, name, departed: false, devices: [] };
      return [owner, person as Friend] as const;
    }),
  );
  const friends = {
    person: (owner: OwnerId) => people.get(owner),
    friend: (owner: OwnerId) => people.get(owner),
  };
  const made = new Map<string, MadeSnapshot[]>();
  const told: KeptNotice[] = [];
  const states = new Set<string>();
  const safeties: SetSafety[] = [];
  let memory = nothingTold;
  let program = start();

  /** A plot as it is reached from here: with its host off, or his disk full. */
  function reached(host: MonthHost, set: string): RepositoryStore {
    const store = diskOf(host, set);
    const trouble = (isSave: boolean): StoreFault | undefined => {
      if (host.isAway) return { code: 'unreachable', detail: 'off' };
      contactMs.set(host.owner, Date.now());
      return isSave && host.isDiskFull
        ? { code: 'refused', reason: 'disk-full', params: {} }
        : undefined;
    };
    return new Proxy(store, {
      get: (target, name, receiver) => {
        const method: unknown = Reflect.get(target, name, receiver);
        if (typeof method !== 'function') return method;
        return async (...args: unknown[]): Promise<unknown> => {
          const why = trouble(name === 'save');
          return why === undefined ? Reflect.apply(method, target, args) : failed(why);
        };
      },
    });
  }

  function diskOf(host: MonthHost, set: string): MemoryRepositoryStore {
    const known = host.disks.get(set) ?? createMemoryRepositoryStore();
    host.disks.set(set, known);
    return known;
  }

  const papers = new Map<string, ReturnType<typeof createMemoryPapers>>();
  function papersOf(host: MonthHost, set: string) {
    const key = `${host.name}/${set}`;
    const known = papers.get(key) ?? createMemoryPapers();
    papers.set(key, known);
    known.onCall = () => (host.isAway ? { code: 'unreachable', detail: 'off' } : undefined);
    return known;
  }

  function targetAt(host: MonthHost, set: string): Target {
    const held = holdings.holdings().find((each) => each.host === host.owner && each.set === set);
    return {
      name: host.name,
      store: reached(host, set),
      papers: papersOf(host, set),
      report: undefined,
      host: people.get(host.owner) as Friend,
      plot: held?.plot ?? ('none' as PlotId),
      refusal: () => undefined,
    };
  }

  /** The program, with nothing but its books. */
  function start() {
    const activity = fakeActivity();
    const asyncSets = asAsync(sets);
    const runner = createBackupRunner({
      pause: async () => undefined,
      starts: { startOf: async () => undefined },
      password: PASSWORD,
      writer: 'this device',
      targets: {
        of: async (set) =>
          ok({ targets: hosts.map((host) => targetAt(host, set.name)), unseen: 0 }),
        onFirst: () => Promise.reject(new Error('nobody reads here')),
      },
      run: async (job, store, { signal, problem }) =>
        engine.run(job, store, {
          signal,
          cache,
          problem: ({ code, path, detail }) =>
            problem({ key: `problem.${code}`, params: { path, detail } }),
        }),
      sets: asyncSets,
      copies: asAsync(copies),
      holdings: { holdings: async () => holdings.holdings(), noteWritten: async () => undefined },
      peers: { plots: async () => ok({ plots: [], isWhole: true }) },
      look: async () => undefined,
      leaveOut: () => [],
      name: () => 'laptop',
      mayBegin: () => true,
      clock,
      randomness: { bytes: (count) => new Uint8Array(count) },
      logger: silent,
    });
    let ids = 0;
    const jobs = createJobs({
      clock,
      randomness: {
        bytes: (count) => {
          ids += 1;
          return Uint8Array.from({ length: count }, (_, at) => (ids >> (8 * at)) & 255);
        },
      },
      logger: silent,
      onChange: () => undefined,
    });
    const runs = createRunSet({
      sets: asyncSets,
      jobs,
      runner: {
        backup: async (set, control) => {
          const digest = digestOf(join(place, set.name));
          const ended = await runner.backup(set, control);
          if (ended.ok) note(set.name, String(ended.value['snapshot']), digest);
          return ended;
        },
      },
      prune: createPruning(runner).prune,
      clock,
      logger: silent,
    });
    const scheduler = createScheduler({
      sets: asyncSets,
      jobs,
      runs,
      activity,
      wishes: async () => [],
      setOfPlot: async () => undefined,
      isFolder: async () => true,
      pausedUntilMs: () => null,
      pauseAt,
      isReplaced: () => false,
      clock,
      onChange: () => undefined,
    });
    const keeper = startLeaseKeeper({
      upkeep: { renewMany, errands: async () => [], runErrands: async () => 0 },
      friends,
      holdings: asAsync(holdings),
      clock,
    });
    return { runner, jobs, runs, scheduler, keeper };
  }

  function note(set: string, id: string, digest: string): void {
    const all = made.get(set) ?? [];
    all.push({ id, time: new Date().toISOString(), digest });
    made.set(set, all);
  }

  async function renewMany(
    { owner }: Pick<Friend, 'owner'>,
    plots: readonly PlotId[],
    duration: RenewRequest['duration'],
  ) {
    const host = hosts.find((each) => each.owner === owner);
    const answers = new Map<PlotId, Result<Answer, Fault>>();
    for (const plot of plots) {
      if (host === undefined || host.isAway) {
        answers.set(plot, failed(fault('unreachable', { friend: owner, detail: 'off' })));
        continue;
      }
      const { requestId } = testRequest(1n);
      const request: RenewRequest = { v: 1, requestId, duration, why: [] };
      const moment = momentOf(host);
      const call = { owner: ME, plot, request, bodyHash: hashOf(request), moment, disk: ROOMY };
      answers.set(plot, ok(host.ledger.renew(call).answer as Answer));
    }
    return answers;
  }

  function askFor(host: MonthHost, set: string): void {
    const granted = allocate(host.ledger, ME, PLOT_BYTES, momentOf(host));
    holdings.keep({ host: host.owner, granted, askedAtMs: Date.now(), set });
  }

  function facts(): readonly SetFacts[] {
    const nowMs = Date.now();
    return sets.sets().map((set) => {
      const views = copyViews({ friends, clock } as never, set, {
        copies: copies.copies(),
        holdings: holdings.holdings(),
      });
      const { verifyDays, copies: wanted } = set.plan;
      const { createdMs } = set;
      const judged = {
        copies: views,
        hosts: set.hosts.length,
        wanted,
        verifyDays,
        createdMs,
        lastRunMs: set.lastRunMs ?? null,
      };
      return {
        name: set.name,
        hosts: set.hosts.length,
        wanted,
        createdMs,
        safety: safetyOf(judged, nowMs),
        newestMs: newestOf({ copies: views }) ?? undefined,
        pausedUntilMs: undefined,
        drilledMs: set.drilledMs,
        lastFault: saidOf(set.lastFault),
        copies: views.map((copy) => ({
          owner: copy.owner,
          friend: copy.friend,
          state: copy.state,
          fault: saidOf(copy.fault ?? undefined),
          repairedMs: undefined,
          drive: undefined,
          verifiedMs: copy.verifiedMs ?? undefined,
          isVerifyLate: isVerifyLate(copy, { verifyDays, createdMs }, nowMs),
          seenMs: copy.seenMs ?? undefined,
        })),
      };
    });
  }

  /** What a person is told, as the tray would. */
  function look(): void {
    const now = facts();
    safeties.push(...now.map(({ safety }) => safety));
    const next = judgeNotices(
      memory,
      quiet({
        offer: undefined,
        friends: [],
        sets: now,
        hosts: hosts.map(({ owner, name }) => ({
          owner,
          name,
          lastContactMs: contactMs.get(owner) ?? 0,
          writtenBytes: GB,
          leavesMs: undefined,
          share: undefined,
        })),
        mine: holdings.holdings().map((holding) => ({
          plot: holding.plot,
          owner: holding.host,
          name: people.get(holding.host)?.name ?? '',
          isLent: false,
          writtenBytes: GB,
          untilMs: holding.untilMs,
          graceMs: holding.untilMs + holding.graceS * 1000,
        })),
      }),
      Date.now(),
    );
    const before = new Set(memory.notices.map(({ id, mark }) => `${id} ${mark}`));
    told.push(...next.notices.filter(({ id, mark }) => !before.has(`${id} ${mark}`)));
    memory = next;
  }

  /** Time passes for everybody but whoever is off. */
  function pass(ms: number): void {
    vi.setSystemTime(Date.now() + ms);
    for (const host of hosts) {
      if (host.isAway) continue;
      host.serviceS += ms / 1000;
      host.ledger.sweep({ moment: momentOf(host) });
      for (const row of plotsAt(host)) states.add(row.state);
    }
  }

  const plotsAt = (host: MonthHost): readonly PlotRow[] =>
    host.ledger.plots({ moment: momentOf(host) }).filter(({ owner }) => owner === ME);

  async function settle(): Promise<void> {
    for (;;) {
      const running = program.jobs.list().filter(({ state }) => state === 'running');
      if (running.length === 0) return;
      for (const { id } of running) await program.jobs.ended(id);
    }
  }

  /** What the core does every minute. */
  async function chores(): Promise<void> {
    for (const host of hosts) if (!host.isAway) contactMs.set(host.owner, Date.now());
    await program.scheduler.tick();
    await new Promise((resolve) => setImmediate(resolve));
    await settle();
    await program.runner.catchUpDue();
    await program.runner.verifyDue();
    await program.keeper.renewDue();
    look();
  }

  return {
    hosts,
    made,
    told,
    /** Every state in which a plot ever was, and every judgement on a set. */
    states,
    safeties,
    facts,
    plotsAt,
    /** How far the latest look at each copy has come, 0 … 1. */
    passes: () => copies.copies().map(({ pass }) => pass?.share),
    nowMs: () => Date.now(),
    create: (name: string, plan: Partial<BackupPlanText>) => {
      mkdirSync(join(place, name));
      writeFileSync(join(place, name, 'first'), name);
      const owners = hosts.map(({ owner }) => owner);
      const whole = { ...PLAN_AT_FIRST, copies: 2, ...plan };
      const atMs = Date.now();
      sets.create({ name, folders: [join(place, name)], plan: whole, hosts: owners, atMs });
      for (const host of hosts) askFor(host, name);
      for (const [path, bytes] of seeds)
        diskOf(hosts[0], name).objects.set(path, new Uint8Array(bytes));
    },
    write: (set: string, file: string, text: string) => writeFileSync(join(place, set, file), text),
    /** The computer is on until then. */
    workUntil: async (ms: number, eachStep: () => void = () => undefined) => {
      while (Date.now() < ms) {
        pass(STEP_MS);
        time.monotonicMs += STEP_MS;
        eachStep();
        await chores();
      }
    },
    /** It sleeps, and its monotonic clock with it. */
    sleepUntil: (ms: number) => {
      while (Date.now() < ms) pass(Math.min(3_600_000, ms - Date.now()));
    },
    /** It was off, and begins with nothing but its books. */
    restart: async () => {
      program.scheduler.close();
      await program.jobs.close();
      await program.runner.close();
      time.monotonicMs = 1000;
      program = start();
    },
    /** A friend is there again. */
    isBack: (host: MonthHost) => {
      host.isAway = false;
      program.scheduler.news(host.owner);
      program.runner.news(host.owner);
    },
    prune: async (set: string) => {
      program.runs.prune({ name: set });
      await settle();
    },
    snapshotsAt: async (host: MonthHost, set: string) => {
      const found = await loadSnapshots({ ...repository, store: diskOf(host, set) });
      if (!found.ok) throw new Error(JSON.stringify(found.fault));
      return found.value.map(({ id }) => id);
    },
    check: async (host: MonthHost, set: string) => {
      const problems: string[] = [];
      const job = { kind: 'check', readData: true } as const;
      const ended = await engine.run(job, diskOf(host, set), {
        problem: ({ code, path }) => problems.push(`${code} ${path}`),
      });
      return ended.ok ? problems : [JSON.stringify(ended.fault)];
    },
    restore: async (host: MonthHost, set: string, snapshot: string): Promise<string> => {
      const to = join(place, `restored ${set}`);
      rmSync(to, { recursive: true, force: true });
      const job = {
        kind: 'restore',
        snapshot,
        to,
        paths: undefined,
        conflict: undefined,
        archive: false,
        journal: undefined,
      } as const;
      const ended = await engine.run(job, diskOf(host, set), {});
      return ended.ok ? digestOf(join(to, set)) : JSON.stringify(ended.fault);
    },
    close: async () => {
      program.scheduler.close();
      await program.jobs.close();
      await program.runner.close();
      sql.close();
      rmSync(place, { recursive: true, force: true });
      vi.useRealTimers();
    },
  };
}

function saidOf(said: Sentence | undefined): SetFacts['lastFault'] {
  return said && { code: said.key.replace(/^fault\./, ''), params: said.params };
}
