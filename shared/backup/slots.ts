import type { Every } from '../model/plan-at-first.ts';

/**
 * The times at which a schedule wants a run. Those of a day and a week are told by the clock on the wall; the hourly
 * ones only by how long it is since the last, so nothing happens twice or not at all when that clock is changed.
 */
export type Times = {
  readonly every: Every;
  /** Minutes since midnight, of days and weeks. */
  readonly atMin: number;
  /** 0 is Sunday. */
  readonly weekday: number;
};

/** What the clock on the wall shows beyond UTC at a moment, in minutes. */
export type OffsetMinAt = (ms: number) => number;

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const PERIODS_MS: Readonly<Record<Exclude<Every, 'hand'>, number>> = {
  hour: HOUR_MS,
  '6-hours': 6 * HOUR_MS,
  '12-hours': 12 * HOUR_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
};

/**
 * A run so shortly before a time counts for it: whoever has just backed up by hand, or caught up on what was missed, does
 * not do so again at once. Longer than the hour that a wall clock repeats in autumn, where it is that clock's time.
 */
const COUNTS_BEFORE_MS: Readonly<Record<Exclude<Every, 'hand'>, number>> = {
  hour: 10 * MINUTE_MS,
  '6-hours': HOUR_MS,
  '12-hours': 2 * HOUR_MS,
  day: 3 * HOUR_MS,
  week: 12 * HOUR_MS,
};

export type Slots = {
  /** The latest at or before a moment. */
  readonly latest: (ms: number) => number;
  /** The first after it. */
  readonly next: (ms: number) => number;
  /** How long before a time a run counts for it. */
  readonly countsBeforeMs: number;
};

/** `undefined` where nothing runs by itself. `phaseMs` keeps the hourly ones of different sets apart. */
export function slotsOf(
  { every, atMin, weekday }: Times,
  { phaseMs, offsetMinAt }: { readonly phaseMs: number; readonly offsetMinAt: OffsetMinAt },
): Slots | undefined {
  if (every === 'hand') return undefined;
  const periodMs = PERIODS_MS[every];
  const isByWall = every === 'day' || every === 'week';
  const offsetMsAt = (ms: number) => (isByWall ? offsetMinAt(ms) * MINUTE_MS : 0);
  const anchorMs = isByWall
    ? atMin * MINUTE_MS + (every === 'week' ? daysTo(weekday) * DAY_MS : 0)
    : phaseMs;

  function slot(number: number): number {
    const wallMs = anchorMs + number * periodMs;
    // The second look is for the day on which the clock is changed.
    const nearMs = wallMs - offsetMsAt(wallMs);
    return wallMs - offsetMsAt(nearMs);
  }
  const numberAt = (ms: number) => Math.floor((ms + offsetMsAt(ms) - anchorMs) / periodMs);

  return {
    countsBeforeMs: COUNTS_BEFORE_MS[every],
    latest: (ms) => {
      let number = numberAt(ms) + 1;
      while (slot(number) > ms) number -= 1;
      return slot(number);
    },
    next: (ms) => {
      let number = numberAt(ms) - 1;
      while (slot(number) <= ms) number += 1;
      return slot(number);
    },
  };
}

/** The first of January 1970 was a Thursday. */
const FIRST_WEEKDAY = 4;

function daysTo(weekday: number): number {
  return (weekday - FIRST_WEEKDAY + 7) % 7;
}

/** The minute of the day that the clock on the wall shows. */
export function minuteAt(ms: number, offsetMinAt: OffsetMinAt): number {
  const wallMin = Math.floor(ms / MINUTE_MS) + offsetMinAt(ms);
  return ((wallMin % 1440) + 1440) % 1440;
}
