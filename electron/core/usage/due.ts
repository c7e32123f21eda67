import type { Moment } from '../../../shared/model/moment.ts';
import { DAY_S } from '../../../shared/units.ts';

/** What is sampled: of one friend or of everybody. */
export type Figures = {
  readonly writtenBytes: bigint;
  readonly promisedBytes: bigint;
  /** The offer, or a friend's share; `undefined` where there was no limit. */
  readonly limitBytes: bigint | undefined;
};

export type Sample = Figures & { readonly atMs: number };
export type Taken = Sample & { readonly serviceS: number };

const LEAST_MS = 10 * 60_000;
const MOST_MS = 60 * 60_000;
/** January 2025: an earlier date is that of a clock that nobody has set yet. */
const CLOCK_IS_SET_MS = 1_735_689_600_000;

/** Whether enough time has gone by to look again at all. */
export function mayLook(last: Taken | undefined, moment: Moment): boolean {
  if (moment.nowMs < CLOCK_IS_SET_MS) return false;
  return last === undefined || isAhead(last, moment) || moment.nowMs - last.atMs >= LEAST_MS;
}

/**
 * Whether these figures are to be kept. After a clock was put back, samples of its future are waited
 * for, as most such jumps are small or mended soon; a clock that is behind for a day of service was
 * ahead before, and `ahead` says that what it dated is worth nothing.
 */
export function isDue(
  last: Taken | undefined,
  now: Figures,
  moment: Moment,
): 'no' | 'yes' | 'ahead' {
  if (!mayLook(last, moment)) return 'no';
  if (last === undefined) return 'yes';
  if (isAhead(last, moment)) return moment.serviceS - last.serviceS >= DAY_S ? 'ahead' : 'no';
  return moment.nowMs - last.atMs >= MOST_MS || isChanged(last, now) ? 'yes' : 'no';
}

function isAhead(last: Taken, moment: Moment): boolean {
  return last.atMs > moment.nowMs;
}

function isChanged(one: Figures, other: Figures): boolean {
  return (
    one.writtenBytes !== other.writtenBytes ||
    one.promisedBytes !== other.promisedBytes ||
    one.limitBytes !== other.limitBytes
  );
}
