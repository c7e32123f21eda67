import { createJobs, type JobControl, type JobResult } from '../../electron/core/backup/jobs.ts';
import { createRunSet } from '../../electron/core/backup/run-set.ts';
import { createScheduler } from '../../electron/core/backup/scheduler.ts';
import { type BackupSet, openSetBook, type SetBook } from '../../electron/core/backup/set-book.ts';
import { pauseAt } from '../../electron/core/pause.ts';
import type { Async } from '../../shared/async.ts';
import type { Fault } from '../../shared/fault.ts';
import type { OwnerId } from '../../shared/ids.ts';
import { type BackupPlanText, PLAN_AT_FIRST } from '../../shared/model/backup-plan.ts';
import { ok, type Result } from '../../shared/result.ts';
import { fakeActivity } from './activity.ts';
import { silent } from './silent-logger.ts';
import { openTestLedger, testOwnerId } from './test-ledger.ts';

const MINUTE_MS = 60_000;

/** A book as it is seen from another thread. */
export function asAsync<B extends object>(book: B): Async<B> {
  return new Proxy(book, {
    get: (target, name, receiver) => {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]) => Reflect.apply(method, target, args) as unknown;
    },
  }) as Async<B>;
}

/**
 * Sets, their schedule and their runs in simulated time: real books and decisions, and backups that end as a test says.
 * Time passes by the minute, and with each the scheduler looks.
 */
export function openSetWorld(startMs: number) {
  const { sql } = openTestLedger();
  const book: SetBook = openSetBook(sql);
  const time = { nowMs: startMs, monotonicMs: 1_000_000 };
  const clock = { nowMs: () => time.nowMs, monotonicMs: () => time.monotonicMs };
  const activity = fakeActivity();
  const state = {
    isAsleep: false,
    pausedUntilMs: null as number | null,
    wishes: [] as readonly { readonly set: string | undefined; readonly plot: undefined }[],
    changes: 0,
    prunes: [] as string[],
    /** Folders of drives that are not plugged in. */
    missing: [] as readonly string[],
    isReplaced: false,
  };
  const runs: { readonly set: string; readonly atMs: number }[] = [];
  let backup: (set: BackupSet, control: JobControl) => Promise<Result<JobResult, Fault>> =
    async () => ok({ bytesTotal: 1 });
  let prune: typeof backup = async () => ok({});
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
  const sets = asAsync(book);
  const runSet = createRunSet({
    sets,
    jobs,
    runner: {
      backup: (set, control) => {
        runs.push({ set: set.name, atMs: time.nowMs });
        return backup(set, control);
      },
    },
    prune: (set, control) => {
      state.prunes.push(set.name);
      return prune(set, control);
    },
    clock,
    logger: silent,
  });
  const scheduler = createScheduler({
    sets,
    jobs,
    runs: runSet,
    activity,
    wishes: async () => state.wishes,
    setOfPlot: async () => undefined,
    isFolder: async (path) => !state.missing.includes(path),
    pausedUntilMs: () => state.pausedUntilMs,
    pauseAt,
    isReplaced: () => state.isReplaced,
    clock,
    onChange: () => {
      state.changes += 1;
    },
  });

  /** What was begun and ends at once has ended. */
  async function settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  return {
    book,
    jobs,
    runSet,
    scheduler,
    activity,
    state,
    runs,
    nowMs: () => time.nowMs,
    settle,
    /** How every backup ends from now on. */
    backupEnds: (next: typeof backup) => {
      backup = next;
    },
    pruneEnds: (next: typeof backup) => {
      prune = next;
    },
    create: (
      name: string,
      plan: Partial<BackupPlanText> = {},
      hosts: readonly OwnerId[] = [testOwnerId(1)],
    ) =>
      book.create({
        name,
        folders: ['/a'],
        plan: { ...PLAN_AT_FIRST, ...plan },
        hosts,
        atMs: time.nowMs,
      }),
    /** Minutes in which the computer is on. */
    minutes: async (count: number) => {
      for (let minute = 0; minute < count; minute += 1) {
        time.nowMs += MINUTE_MS;
        time.monotonicMs += MINUTE_MS;
        await scheduler.tick();
        await settle();
      }
    },
    /** The computer sleeps, and its monotonic clock with it. */
    sleep: (ms: number) => {
      time.nowMs += ms;
    },
    setClock: (ms: number) => {
      time.nowMs = ms;
    },
    close: async () => {
      scheduler.close();
      await jobs.close();
      sql.close();
    },
  };
}
