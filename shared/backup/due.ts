import type { BackupPlan, Schedule } from '../model/backup-plan.ts';
import { isWithin } from './bucket.ts';
import {
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  minuteAt,
  type OffsetMinAt,
  type Slots,
  slotsOf,
} from './slots.ts';

/**
 * Whether a set begins by itself now, and if not, when or why not. Pure: a year can be tried in a second. A time that
 * was missed is caught up on, once; a clock that is wrong costs a run too many or one that comes late, never a run every
 * minute and never none at all.
 */
export type DueFacts = {
  readonly name: string;
  readonly schedule: Schedule;
  readonly createdMs: number;
  readonly lastRunMs: number | undefined;
  /** When it was last begun or ended, whatever came of it. */
  readonly lastTryMs: number | undefined;
  /** How often in a row it has failed. */
  readonly failures: number;
  /** How the last try ended, where that matters: stopped by hand, or waiting for a friend's yes or no. */
  readonly ended: 'stopped' | 'waits' | undefined;
  /** What was in the way has changed: the answer is there, the friend is back, the computer has woken. */
  readonly isFreed: boolean;
  /** The set's own pause or that of all, whichever is longer. */
  readonly pausedUntilMs: number | undefined;
};

export type DueNow = {
  readonly nowMs: number;
  readonly offsetMinAt: OffsetMinAt;
  /** Since the program was started or the computer woke. */
  readonly awakeMs: number;
  /** `null`: can't be known here, and then it keeps nothing waiting. */
  readonly idleS: number | null;
  readonly onBattery: boolean | null;
  readonly metered: boolean | null;
};

export type WaitsFor = 'idle' | 'mains' | 'metered' | 'quiet-hours' | 'pause' | 'restart';

export type Due = {
  readonly begin: boolean;
  /** Since when it has been time; `undefined`: it is not. The longest overdue goes first. */
  readonly sinceMs: number | undefined;
  /** When it begins by itself, as far as that is a matter of time. */
  readonly nextMs: number | null;
  readonly waitsFor: WaitsFor | null;
};

const IDLE_ENOUGH_S = 600;
/** Somebody who never leaves the computer alone has files too. */
const IDLE_WAITS_MS = DAY_MS;
/** After a failure in a row: so long until the next try, and the last of it from then on. */
const RETRIES_MS = [15 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, 12 * HOUR_MS] as const;
/** What was in the way is gone; but a friend who comes and goes does not make it begin all the time. */
const FREED_RETRY_MS = 2 * MINUTE_MS;
/** A clock that is put right by so much is no reason to do anything. */
const AHEAD_MS = 2 * HOUR_MS;

export const NOT_BY_ITSELF: Due = {
  begin: false,
  sinceMs: undefined,
  nextMs: null,
  waitsFor: null,
};

export function dueOf(facts: DueFacts, now: DueNow): Due {
  const { schedule, pausedUntilMs = 0 } = facts;
  const { nowMs, offsetMinAt } = now;
  const phaseMs = (hashOf(facts.name) % 60) * MINUTE_MS;
  const slots = slotsOf(schedule, { phaseMs, offsetMinAt });
  if (slots === undefined) return NOT_BY_ITSELF;
  const { startMs, sinceMs } = startOf(facts, now, slots);
  if (nowMs < startMs) {
    const nextMs = quietEnd(Math.max(startMs, pausedUntilMs), schedule, offsetMinAt);
    return { begin: false, sinceMs: undefined, nextMs, waitsFor: null };
  }
  const wait = (waitsFor: WaitsFor, nextMs: number | null): Due => ({
    begin: false,
    sinceMs,
    nextMs,
    waitsFor,
  });
  if (nowMs < pausedUntilMs) return wait('pause', quietEnd(pausedUntilMs, schedule, offsetMinAt));
  const quietUntilMs = quietEnd(nowMs, schedule, offsetMinAt);
  if (quietUntilMs > nowMs) return wait('quiet-hours', quietUntilMs);
  if (!schedule.onBattery && now.onBattery === true) return wait('mains', null);
  if (now.metered === true) return wait('metered', null);
  const isBusy = now.idleS !== null && now.idleS < IDLE_ENOUGH_S;
  if (schedule.whenIdle && isBusy && nowMs - sinceMs < IDLE_WAITS_MS)
    return wait('idle', quietEnd(sinceMs + IDLE_WAITS_MS, schedule, offsetMinAt));
  return { begin: true, sinceMs, nextMs: nowMs, waitsFor: null };
}

/** When it may begin as far as times go, and since when it has been time. */
function startOf(
  facts: DueFacts,
  { nowMs, awakeMs }: DueNow,
  slots: Slots,
): { readonly startMs: number; readonly sinceMs: number } {
  const lastRunMs = notAhead(facts.lastRunMs, nowMs);
  const lastTryMs = notAhead(facts.lastTryMs, nowMs);
  const wokeMs = nowMs - awakeMs;
  /** What was missed is not begun the moment the computer starts: everything else begins then, too. */
  const notAtOnce = (ms: number) => (ms < wokeMs ? wokeMs + spreadMs(facts.name) : ms);
  const servedMs = facts.ended === 'stopped' ? latestOf(lastRunMs, lastTryMs) : lastRunMs;
  const firstMs =
    servedMs === undefined
      ? (notAhead(facts.createdMs, nowMs) ?? slots.latest(nowMs)) + spreadMs(facts.name)
      : slots.next(servedMs + slots.countsBeforeMs);
  const retryMs = retryOf(facts, lastTryMs);
  if (retryMs !== undefined)
    return { startMs: notAtOnce(retryMs), sinceMs: Math.min(firstMs, retryMs) };
  if (firstMs > nowMs) return { startMs: firstMs, sinceMs: firstMs };
  // While this computer was on, one of the times came: then it is not too early for any of them.
  const latestMs = servedMs === undefined ? firstMs : slots.latest(nowMs);
  return { startMs: notAtOnce(Math.max(firstMs, latestMs)), sinceMs: firstMs };
}

function retryOf(
  { ended, failures, isFreed }: DueFacts,
  lastTryMs: number | undefined,
): number | undefined {
  if (lastTryMs === undefined || ended === 'stopped') return undefined;
  if (ended === undefined && failures === 0) return undefined;
  if (isFreed) return lastTryMs + FREED_RETRY_MS;
  // What waits for an answer is asked about elsewhere; this is for an answer that was missed.
  const tries = ended === 'waits' ? RETRIES_MS.length : failures;
  const retry = RETRIES_MS[Math.min(tries, RETRIES_MS.length) - 1] ?? DAY_MS;
  return lastTryMs + retry;
}

/** A moment that lies ahead was written by a clock that was wrong, and says nothing. */
function notAhead(ms: number | undefined, nowMs: number): number | undefined {
  if (ms === undefined || ms > nowMs + AHEAD_MS) return undefined;
  return Math.min(ms, nowMs);
}

function latestOf(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.max(one, other);
}

/** The first moment from then on that is not in the quiet hours. */
function quietEnd(ms: number, { quietHours }: Schedule, offsetMinAt: OffsetMinAt): number {
  if (quietHours === null) return ms;
  const minute = minuteAt(ms, offsetMinAt);
  if (!isWithin(minute, quietHours)) return ms;
  const leftMin = (quietHours.untilMin - minute + 1440) % 1440;
  return Math.floor(ms / MINUTE_MS) * MINUTE_MS + leftMin * MINUTE_MS;
}

/** Two to ten minutes, always the same for the same set. */
export function spreadMs(name: string): number {
  return 2 * MINUTE_MS + (hashOf(name) % (8 * 60)) * 1000;
}

/** FNV-1a: sets that are called nearly the same come out far apart. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash ^= text.charCodeAt(at);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

/** Rather less than a day, because a daily backup does not take equally long every time. */
const PRUNE_EVERY_MS = 20 * HOUR_MS;

/** What the retention does not keep goes after a backup, once a day; where it keeps everything, never. After a first one that was not cut off before, there is nothing to go. */
export function isPruneDue(
  {
    plan: { retention },
    prunedMs,
    lastRunMs,
    lastTryMs,
  }: {
    readonly plan: Pick<BackupPlan, 'retention'>;
    readonly prunedMs: number | undefined;
    /** When it ended well before this time. */
    readonly lastRunMs: number | undefined;
    /** When it was begun before this time: what a try has left fills a plot, and may keep the next backup out of it. */
    readonly lastTryMs: number | undefined;
  },
  nowMs: number,
): boolean {
  if (Object.values(retention).every((count) => count === 0)) return false;
  if (lastRunMs === undefined && lastTryMs === undefined) return false;
  return prunedMs === undefined || Math.abs(nowMs - prunedMs) >= PRUNE_EVERY_MS;
}
