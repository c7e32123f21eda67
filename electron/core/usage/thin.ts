import { DAY_MS, HOUR_MS } from '../../../shared/units.ts';

/**
 * What is kept of samples as they grow old, and what of them a chart is given. Pure. Hours and days are
 * those of the world's clock (UTC): which samples go must not depend on where the computer stands.
 */

const ALL_FOR_MS = 2 * DAY_MS;
const HOURLY_FOR_MS = 60 * DAY_MS;

/**
 * Of times in rising order, those that are kept: all of the last two days, then the last of each hour
 * for sixty days, then the last of each day. The newest always. Done again later, it comes to the same
 * as if it had been done once.
 */
export function thinned(timesMs: readonly number[], nowMs: number): readonly number[] {
  return timesMs.filter((atMs, index) => {
    const nextMs = timesMs[index + 1];
    const spanMs = spanOf(atMs, nowMs);
    if (nextMs === undefined || spanMs === undefined) return true;
    return Math.floor(nextMs / spanMs) !== Math.floor(atMs / spanMs);
  });
}

/** One sample of each stretch of this length is kept; `undefined`: every one. A whole stretch is treated alike. */
function spanOf(atMs: number, nowMs: number): number | undefined {
  if (endOf(atMs, DAY_MS) <= nowMs - HOURLY_FOR_MS) return DAY_MS;
  return endOf(atMs, HOUR_MS) <= nowMs - ALL_FOR_MS ? HOUR_MS : undefined;
}

function endOf(atMs: number, spanMs: number): number {
  return (Math.floor(atMs / spanMs) + 1) * spanMs;
}

/** At most `most` (three or more) of samples in rising order, evenly over their time; the oldest and the newest among them. */
export function spread<T extends { readonly atMs: number }>(
  samples: readonly T[],
  most: number,
): readonly T[] {
  const [first] = samples;
  const last = samples.at(-1);
  if (samples.length <= most || first === undefined || last === undefined) return samples;
  const slots = most - 1;
  const slotOf = ({ atMs }: T) =>
    Math.min(slots - 1, Math.floor(((atMs - first.atMs) * slots) / (last.atMs - first.atMs)));
  return samples.filter((sample, index) => {
    const next = samples[index + 1];
    return index === 0 || next === undefined || slotOf(next) !== slotOf(sample);
  });
}
