import type { Async } from '../../../shared/async.ts';
import { type Due, type DueFacts, dueOf, NOT_BY_ITSELF } from '../../../shared/backup/due.ts';
import { HOUR_MS, MINUTE_MS } from '../../../shared/backup/slots.ts';
import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import type { Activity, Clock } from '../ports.ts';
import type { Jobs } from './jobs.ts';
import type { RunSet } from './run-set.ts';
import type { BackupSet, SetBook } from './set-book.ts';
import { offsetMinAt } from './wall-clock.ts';

/**
 * Begins what is due (`shared/backup/due.ts` says what that is): every minute, after a sleep, and when a friend is back or
 * has answered. One set after the other, so that a computer that was off for a week does not begin everything at once.
 */
export type Scheduler = {
  /** Once a minute. */
  readonly tick: () => Promise<void>;
  /** The computer slept. */
  readonly woke: () => void;
  /** A friend is there, or has changed something. */
  readonly news: (host: OwnerId) => void;
  /** How a set stands at the moment, for whoever draws it. */
  readonly standing: (set: BackupSet) => Pick<Due, 'nextMs' | 'waitsFor'>;
  /** Nothing begins any more. */
  readonly close: () => void;
};

export type SchedulerOptions = {
  readonly sets: Async<Pick<SetBook, 'sets' | 'pause' | 'setFalls'>>;
  readonly jobs: Pick<Jobs, 'list'>;
  readonly runs: Pick<RunSet, 'run'>;
  readonly activity: Activity;
  /** What pends at friends', by what it is for. */
  readonly wishes: () => Promise<
    readonly { readonly set: string | undefined; readonly plot: PlotId | undefined }[]
  >;
  readonly setOfPlot: (plot: PlotId) => Promise<string | undefined>;
  readonly isFolder: (path: string) => Promise<boolean>;
  /** The owner's own pause of everything. */
  readonly pausedUntilMs: () => number | null;
  /** What is left of a pause at that time; `undefined`: nothing. */
  readonly pauseAt: (pause: NonNullable<BackupSet['pause']>, nowMs: number) => BackupSet['pause'];
  /** The program's files are not there any more: nothing that is begun finds its threads until it is restarted. */
  readonly isReplaced: () => boolean;
  readonly clock: Clock;
  /** What a set waits for, or when it runs next, is not what it was. */
  readonly onChange: () => void;
};

type Conditions = Awaited<ReturnType<Activity['read']>>;

/** A clock that ran on alone for so long did so while the computer slept. */
const SLEPT_MS = 2 * MINUTE_MS;
/** A first backup takes days; it does not keep the other sets from their turn for longer than this. */
const OTHERS_WAIT_MS = HOUR_MS;
/** A friend who comes and goes: this long after a failure, twice as long after the next, and so on. */
const HURRY_MS = 2 * MINUTE_MS;
const HURRIES_MAX = 9;
/** So many at most, however long each takes. */
const AT_ONCE_MAX = 3;

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { sets, jobs, runs, activity, clock } = options;
  let awakeSinceMs = clock.monotonicMs();
  let lastTick: { readonly nowMs: number; readonly monotonicMs: number } | undefined;
  let conditions: Conditions = { idleS: null, onBattery: null, metered: null };
  let shown = '';
  let isClosed = false;
  let ticking: Promise<void> | undefined;
  let hasSlept = false;
  /** Sets for which what was in the way may be gone. */
  const freed = new Set<string>();
  /** How often in a row one was begun for that reason, in vain. */
  const hurried = new Map<string, number>();
  /** Whose news came since the last tick. */
  const heard = new Set<OwnerId>();
  /** Runs under way, and since when by the monotonic clock. */
  let begun = new Map<string, number>();
  let waiting: ReadonlySet<string> = new Set();

  function dueNow(set: BackupSet): Due {
    // Nobody keeps it any more; that is told, and no run can change it.
    if (set.hosts.length === 0) return NOT_BY_ITSELF;
    const nowMs = clock.nowMs();
    const due = dueOf(factsOf(set), {
      nowMs,
      offsetMinAt,
      awakeMs: clock.monotonicMs() - awakeSinceMs,
      ...conditions,
    });
    // Friends would be asked for room and told what comes, and then nothing could be sent.
    if (!due.begin || !options.isReplaced()) return due;
    return { ...due, begin: false, nextMs: null, waitsFor: 'restart' };
  }

  function factsOf(set: BackupSet): DueFacts {
    const until = Math.max(set.pause?.untilMs ?? 0, options.pausedUntilMs() ?? 0);
    const isWaiting = set.lastFault?.key === 'fault.waits';
    return {
      name: set.name,
      schedule: set.plan.schedule,
      createdMs: set.createdMs,
      lastRunMs: set.lastRunMs,
      lastTryMs: set.lastTryMs,
      failures: set.failures,
      ended: isWaiting ? 'waits' : set.lastFault?.key === 'fault.cancelled' ? 'stopped' : undefined,
      isFreed: freed.has(set.name) || (isWaiting && !waiting.has(set.name)),
      pausedUntilMs: until === 0 ? undefined : until,
    };
  }

  /** Whether the computer slept since the last look, as far as the two clocks tell. */
  function noticeSleep(): void {
    const now = { nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
    if (lastTick !== undefined) {
      const aheadMs = now.nowMs - lastTick.nowMs - (now.monotonicMs - lastTick.monotonicMs);
      if (aheadMs > SLEPT_MS) woke();
    }
    lastTick = now;
  }

  function woke(): void {
    awakeSinceMs = clock.monotonicMs();
    hasSlept = true;
  }

  /** Whether what a run failed for want of may be there again; undefined: it failed for another reason, or not at all. */
  async function isBack({ lastFault, hosts }: BackupSet): Promise<boolean | undefined> {
    switch (lastFault?.key) {
      case 'fault.unreachable':
        return hasSlept || hosts.some((host) => heard.has(host));
      // A drive that was plugged in again.
      case 'fault.folder-missing':
      case 'fault.not-a-folder':
        return options.isFolder(lastFault.params['folder'] ?? '');
      // It was restarted, or what was taken away has been put back.
      case 'fault.program-replaced':
        return !options.isReplaced();
      default:
        return undefined;
    }
  }

  /** Ever more rarely while that does not help. */
  async function noteFreed(all: readonly BackupSet[]): Promise<void> {
    const nowMs = clock.nowMs();
    for (const set of all) {
      const { name, lastTryMs = 0 } = set;
      const isThere = await isBack(set);
      const restMs = HURRY_MS * 2 ** Math.min(hurried.get(name) ?? 0, HURRIES_MAX);
      if (isThere === true && nowMs - lastTryMs >= restMs) freed.add(name);
      if (isThere !== undefined) continue;
      freed.delete(name);
      hurried.delete(name);
    }
    hasSlept = false;
    heard.clear();
  }

  async function readWaiting(all: readonly BackupSet[]): Promise<ReadonlySet<string>> {
    if (!all.some(({ lastFault }) => lastFault?.key === 'fault.waits')) return new Set();
    const names = new Set<string>();
    for (const { set, plot } of await options.wishes()) {
      const name = set ?? (plot === undefined ? undefined : await options.setOfPlot(plot));
      if (name !== undefined) names.add(name);
    }
    return names;
  }

  /** Pauses that are over, or that a clock that was put back would make endless; a protection that has fallen. */
  async function settle(all: readonly BackupSet[]): Promise<readonly BackupSet[]> {
    const nowMs = clock.nowMs();
    const settled: BackupSet[] = [];
    for (const set of all) {
      let now = set;
      if (set.pause !== undefined) {
        const pause = options.pauseAt(set.pause, nowMs);
        if (pause !== set.pause) {
          await sets.pause({ name: set.name, pause });
          now = { ...now, pause };
        }
      }
      if (set.falls !== undefined && set.falls.atMs <= nowMs) {
        await sets.setFalls({ name: set.name, falls: undefined });
        now = { ...now, falls: undefined };
      }
      settled.push(now);
    }
    return settled;
  }

  /** Whether another set may begin beside those that are under way. */
  function isFree(): boolean {
    const running = jobs
      .list()
      .filter(({ kind, state }) => state === 'running' && (kind === 'backup' || kind === 'prune'));
    const nowMs = clock.monotonicMs();
    begun = new Map(running.map(({ id }) => [id, begun.get(id) ?? nowMs]));
    const isRecent = [...begun.values()].some((sinceMs) => nowMs - sinceMs < OTHERS_WAIT_MS);
    return !isRecent && running.length < AT_ONCE_MAX;
  }

  function underWay(): ReadonlySet<string> {
    return new Set(
      jobs
        .list()
        .flatMap(({ set, kind, state }) => (state === 'running' && kind === 'backup' ? [set] : [])),
    );
  }

  async function look(): Promise<void> {
    noticeSleep();
    // Before the books are read: what ends meanwhile is not yet in them, and would be begun once more.
    const busy = underWay();
    const found = await sets.sets();
    if (found.length === 0 || isClosed) return;
    const all = await settle(found);
    await noteFreed(all);
    waiting = await readWaiting(all);
    conditions = await activity.read();
    const dues = all.map((set) => ({ set, due: dueNow(set) }));
    tellIfNew(dues);
    const [first] = dues
      .filter(({ set, due }) => due.begin && !busy.has(set.name))
      .sort((one, other) => (one.due.sinceMs ?? 0) - (other.due.sinceMs ?? 0));
    if (first === undefined || isClosed || !isFree()) return;
    const { name } = first.set;
    if (freed.delete(name)) hurried.set(name, (hurried.get(name) ?? 0) + 1);
    runs.run(first.set);
  }

  function tellIfNew(dues: readonly { readonly set: BackupSet; readonly due: Due }[]): void {
    const now = JSON.stringify(
      dues.map(({ set, due }) => [set.name, due.begin ? 'now' : due.nextMs, due.waitsFor]),
    );
    if (now === shown) return;
    shown = now;
    options.onChange();
  }

  return {
    tick: () => {
      // A look that hangs on a disk is not joined by sixty others.
      ticking ??= look().finally(() => {
        ticking = undefined;
      });
      return ticking;
    },
    woke,
    news: (host) => void heard.add(host),
    standing: (set) => {
      const { nextMs, waitsFor } = dueNow(set);
      return { nextMs, waitsFor };
    },
    close: () => {
      isClosed = true;
    },
  };
}
