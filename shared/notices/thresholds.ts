import { DAY_MS } from '../units.ts';

/**
 * When "it is filling up" is worth a word (design §7): on the way up only, not again before it was
 * clearly below, and not twice within a month. That it is full is said only when somebody felt it.
 */
export const THRESHOLDS = [80, 90, 100] as const;
export type Threshold = (typeof THRESHOLDS)[number];

export type ThresholdMemory = {
  /** Those that were crossed; they count again when it was clearly below them. */
  readonly crossed: readonly Threshold[];
  readonly toldMs: Readonly<Partial<Record<Threshold, number>>>;
};

/** How full something is now. */
export type Level = {
  /** `undefined`: it can't be said now; what was said stays. */
  readonly percent: number | undefined;
  /** Somebody was refused for want of this room, since the last look or still. */
  readonly isRefusing: boolean;
};

const REARM_POINTS = 5;
const AGAIN_AFTER_MS = 30 * DAY_MS;

export const NOTHING_CROSSED: ThresholdMemory = { crossed: [], toldMs: {} };

export function crossThresholds(
  memory: ThresholdMemory,
  level: Level,
  nowMs: number,
): { readonly memory: ThresholdMemory; readonly tell: Threshold | undefined } {
  const kept = memory.crossed.filter((threshold) => isStillAt(threshold, level));
  const fresh = THRESHOLDS.filter(
    (threshold) => !kept.includes(threshold) && isOver(threshold, level),
  );
  const highest = fresh.at(-1);
  const before = notInTheFuture(memory.toldMs, nowMs);
  const crossed = THRESHOLDS.filter(
    (threshold) => kept.includes(threshold) || fresh.includes(threshold),
  );
  if (highest === undefined || nowMs - (before[highest] ?? -Infinity) < AGAIN_AFTER_MS)
    return { memory: { crossed, toldMs: before }, tell: undefined };
  // Whoever hears of 90 need not hear of 80 afterwards.
  const told = THRESHOLDS.filter((threshold) => threshold <= highest);
  const toldMs = { ...before, ...Object.fromEntries(told.map((each) => [each, nowMs])) };
  return { memory: { crossed, toldMs }, tell: highest };
}

/** Crossed before anybody looked: no news. */
export function crossedAtFirst(level: Level): ThresholdMemory {
  return { crossed: THRESHOLDS.filter((threshold) => isOver(threshold, level)), toldMs: {} };
}

/** Whether what was said of a threshold is still so: it holds until it is clearly below. */
export function isStillAt(threshold: Threshold, { percent }: Level): boolean {
  // A refusal lasts for one look only, so it may begin this and never carry it on. Without a figure, that
  // it is full was felt by somebody, and nobody feels it any more.
  if (percent === undefined) return threshold !== 100;
  return percent >= threshold - REARM_POINTS;
}

/** Full is what is nearly full and refuses: to the last byte nothing ever is. */
function isOver(threshold: Threshold, { percent, isRefusing }: Level): boolean {
  if (percent === undefined) return false;
  return threshold === 100
    ? isRefusing && percent >= threshold - REARM_POINTS
    : percent >= threshold;
}

/** Such a time was written by a clock that was wrong, and would keep quiet for years. */
function notInTheFuture(
  toldMs: ThresholdMemory['toldMs'],
  nowMs: number,
): ThresholdMemory['toldMs'] {
  return Object.fromEntries(
    Object.entries(toldMs).map(([threshold, ms]) => [threshold, Math.min(ms, nowMs)]),
  );
}

/** Rounded down; 0 where there is no limit, `undefined` where it can't be said. */
export function percentOf(useBytes: bigint, limitBytes: bigint | undefined): number | undefined {
  if (limitBytes === undefined) return 0;
  if (limitBytes <= 0n) return undefined;
  const percent = (useBytes * 100n) / limitBytes;
  return percent > 1000n ? 1000 : Number(percent);
}
