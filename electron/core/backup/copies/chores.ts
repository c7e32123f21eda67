import type { Async } from '../../../../shared/async.ts';
import { asFailed, type Fault } from '../../../../shared/fault.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import type { Failed } from '../../../../shared/result.ts';
import { DAY_MS } from '../../../../shared/units.ts';
import type { HoldingsBook } from '../../client/holdings/holdings-book.ts';
import type { Clock, Logger } from '../../ports.ts';
import type { CopyBook, KnownCopy } from './book.ts';
import type { Checking } from './checking.ts';
import type { Turns } from './turns.ts';
import type { JobControl } from '../jobs.ts';
import type { BackupSet, SetBook } from '../set-book.ts';

/** What copies need by themselves: to be completed when their friend is back, and looked at every day. */
export type CopyChores = {
  readonly catchUpDue: () => Promise<void>;
  readonly verifyDue: () => Promise<void>;
  readonly news: (host: OwnerId) => void;
  /** Something about this set's copies is not what it was. */
  readonly wake: (set: string) => void;
  readonly close: () => Promise<void>;
};

export type CopyChoresOptions = {
  readonly sets: Async<Pick<SetBook, 'sets'>>;
  readonly book: Async<CopyBook>;
  readonly holdings: Async<Pick<HoldingsBook, 'holdings'>>;
  readonly turns: Turns;
  readonly checking: Checking;
  readonly mayBegin: (set: BackupSet) => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** A friend who is away, or whose plot is full, is not asked every minute. */
const FIRST_REST_MS = 2 * 60_000;
const REST_MS_MAX = 2 * 3_600_000;
/** A friend who has no plot for a set yet is asked for one only so often. */
const BEGIN_REST_MS = 3_600_000;
const VERIFY_RETRY_MS = 3_600_000;
/** A friend who says all the time that something changed is not called all the time. */
const NEWS_GAP_MS = 30_000;

type Rest = { readonly untilMs: number; readonly lengthMs: number; readonly sinceMs: number };

export function createCopyChores(options: CopyChoresOptions): CopyChores {
  const { sets, book, holdings, turns, checking, mayBegin, clock, logger } = options;
  const abort = new AbortController();
  const control: JobControl = {
    signal: abort.signal,
    progress: () => undefined,
    problem: ({ key, params }) =>
      logger.info('found while copies were looked at', { key, ...params }),
    // Backups of the set wait for it.
    givesWay: true,
  };
  const rests = new Map<string, Rest>();
  const begunMs = new Map<string, number>();
  const verifiedMs = new Map<string, number>();
  let underWay: Promise<void> | undefined;
  let isWanted = false;

  async function needsWork(set: BackupSet): Promise<'none' | 'catch-up' | 'begin'> {
    await book.retain({ set: set.name, hosts: set.hosts });
    const rows = await book.copiesOf(set.name);
    const held = new Set(
      (await holdings.holdings()).flatMap((each) => (each.set === set.name ? [each.host] : [])),
    );
    const missing = set.hosts.filter((host) => !held.has(host));
    for (const { host, sequence, goneMs } of rows)
      if (sequence > 0 && goneMs === undefined && missing.includes(host))
        await book.noteGone({ set: set.name, host, atMs: clock.nowMs() });
    if (missing.length > 0 && isBeginDue(set.name)) return 'begin';
    const isNew = [...held].some(
      (host) => set.hosts.includes(host) && !rows.some((row) => row.host === host),
    );
    const isBehind = rows.some((row) => held.has(row.host) && !isUpToDate(row, set));
    return isNew || isBehind ? 'catch-up' : 'none';
  }

  function isBeginDue(name: string): boolean {
    const lastMs = begunMs.get(name);
    return lastMs === undefined || clock.monotonicMs() - lastMs >= BEGIN_REST_MS;
  }

  async function catchUpOne(set: BackupSet): Promise<void> {
    const rest = rests.get(set.name);
    const nowMs = clock.monotonicMs();
    // Nothing to copy before the first backup, and a run that is under way does it itself.
    if (set.sequence === 0 || turns.isTaken(set.name) || !mayBegin(set)) return;
    if (rest !== undefined && nowMs < rest.untilMs) return;
    const need = await needsWork(set);
    if (need === 'none') return void rests.delete(set.name);
    if (need === 'begin') begunMs.set(set.name, nowMs);
    const done = await turns.take(set.name, abort.signal, () =>
      checking.catchUp(set, { begin: need === 'begin' }, control).catch(noteFailed(set)),
    );
    if (done?.ok === false && done.fault.code !== 'cancelled')
      logger.info('copies could not be completed', { set: set.name, why: done.fault.code });
    const lengthMs = Math.min(REST_MS_MAX, rest === undefined ? FIRST_REST_MS : rest.lengthMs * 2);
    const sinceMs = clock.monotonicMs();
    rests.set(set.name, { untilMs: sinceMs + lengthMs, lengthMs, sinceMs });
  }

  /** It rests like any other, and keeps no other set from its turn. */
  function noteFailed({ name }: BackupSet): (error: unknown) => Failed<Fault> {
    return (error) => {
      const none = asFailed(error);
      logger.warn('copies could not be looked after', { set: name, error: String(error) });
      return none;
    };
  }

  async function catchUpAll(): Promise<void> {
    do {
      isWanted = false;
      for (const set of await sets.sets()) {
        if (abort.signal.aborted) return;
        await catchUpOne(set);
      }
    } while (isWanted);
  }

  /** One at a time, however many ask. */
  function catchUpDue(): Promise<void> {
    // Whoever asks while it runs means what is so by now.
    isWanted = true;
    underWay ??= catchUpAll().finally(() => {
      underWay = undefined;
    });
    return underWay;
  }

  function begin(): void {
    if (abort.signal.aborted) return;
    // The minute's chores say what is wrong with the books; this only comes sooner.
    catchUpDue().catch(() => undefined);
  }

  async function verifyDue(): Promise<void> {
    for (const set of await sets.sets()) {
      if (abort.signal.aborted) return;
      if (set.sequence === 0 || turns.isTaken(set.name) || !mayBegin(set)) continue;
      const hosts = (await book.copiesOf(set.name)).filter(isVerifyDue).map(({ host }) => host);
      if (hosts.length === 0) continue;
      for (const host of hosts) verifiedMs.set(`${set.name}/${host}`, clock.monotonicMs());
      await turns.take(set.name, abort.signal, () =>
        checking.verify(set, { hosts }, control).catch(noteFailed(set)),
      );
    }
  }

  function isVerifyDue(row: KnownCopy): boolean {
    if (row.sequence === 0 || row.goneMs !== undefined) return false;
    const triedMs = verifiedMs.get(`${row.set}/${row.host}`);
    if (triedMs !== undefined && clock.monotonicMs() - triedMs < VERIFY_RETRY_MS) return false;
    const agoMs = clock.nowMs() - (row.verifiedMs ?? 0);
    // A clock that was ahead when it was noted must not put it off for years.
    return agoMs >= DAY_MS || agoMs < 0;
  }

  let looking: Promise<void> | undefined;

  return {
    catchUpDue,
    verifyDue: () => {
      looking ??= verifyDue().finally(() => {
        looking = undefined;
      });
      return looking;
    },
    news: (host) => {
      const nowMs = clock.monotonicMs();
      void sets.sets().then(
        (all) => {
          const his = all.filter(({ hosts, name }) => {
            const rest = rests.get(name);
            return (
              hosts.includes(host) && (rest === undefined || nowMs - rest.sinceMs >= NEWS_GAP_MS)
            );
          });
          for (const { name } of his) rests.delete(name);
          if (his.length > 0) begin();
        },
        () => undefined,
      );
    },
    wake: (set) => {
      rests.delete(set);
      begin();
    },
    close: async () => {
      abort.abort();
      await Promise.allSettled([underWay, looking]);
    },
  };
}

function isUpToDate(row: KnownCopy, set: BackupSet): boolean {
  return (
    row.sequence === set.sequence &&
    !row.isApart &&
    row.damagedObjects === 0 &&
    row.goneMs === undefined
  );
}
