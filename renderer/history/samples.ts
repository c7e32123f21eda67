import { DAY_MS } from '../../shared/units.ts';
import type { UsageSample } from '../../shared/contract/views.ts';

/**
 * What is worked out from samples of use before anything is drawn: which of them, what they add up to
 * in a sentence, and which lines the table keeps.
 */
export const RANGES = ['week', 'month', 'year', 'all'] as const;
export type Range = (typeof RANGES)[number];

const RANGE_MS: Readonly<Record<Exclude<Range, 'all'>, number>> = {
  week: 7 * DAY_MS,
  month: 30 * DAY_MS,
  year: 365 * DAY_MS,
};

export function rangeStartMs(range: Range, nowMs: number): number {
  return range === 'all' ? 0 : Math.max(0, nowMs - RANGE_MS[range]);
}

/** Columns as the chart wants them: seconds, then a line per figure. Bytes lose precision here and only here. */
export type Columns = {
  readonly times: readonly number[];
  readonly written: readonly number[];
  readonly promised: readonly number[];
  readonly limit: readonly (number | null)[];
};

/** `rising`: as `risingIn` gives them, so that what the pointer is at is the sample that was drawn there. */
export function columnsOf(rising: readonly UsageSample[]): Columns {
  return {
    times: rising.map(({ atMs }) => atMs / 1000),
    written: rising.map(({ writtenBytes }) => Number(writtenBytes)),
    promised: rising.map(({ promisedBytes }) => Number(promisedBytes)),
    limit: rising.map(({ limitBytes }) => (limitBytes === null ? null : Number(limitBytes))),
  };
}

/** A clock that was set back would draw a line backwards: of such samples the later count. */
export function risingIn(samples: readonly UsageSample[]): readonly UsageSample[] {
  const rising: UsageSample[] = [];
  for (const sample of samples) {
    while ((rising.at(-1)?.atMs ?? -1) >= sample.atMs) rising.pop();
    rising.push(sample);
  }
  return rising;
}

export type Change = {
  readonly kind: 'more' | 'less' | 'same';
  readonly changeBytes: bigint;
  readonly fromBytes: bigint;
  readonly toBytes: bigint;
  readonly limitBytes: bigint | null;
};

/** The first sample against the last; `undefined` where there is nothing to compare. */
export function changeIn(samples: readonly UsageSample[]): Change | undefined {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || samples.length < 2) return undefined;
  const fromBytes = BigInt(first.writtenBytes);
  const toBytes = BigInt(last.writtenBytes);
  const difference = toBytes - fromBytes;
  return {
    kind: difference > 0n ? 'more' : difference < 0n ? 'less' : 'same',
    changeBytes: difference < 0n ? -difference : difference,
    fromBytes,
    toBytes,
    limitBytes: last.limitBytes === null ? null : BigInt(last.limitBytes),
  };
}

/** Evenly thinned to at most `max` (two or more); the first and the last always stay. */
export function thinned<T>(all: readonly T[], max: number): readonly T[] {
  if (all.length <= max) return all;
  const step = (all.length - 1) / (max - 1);
  return Array.from({ length: max }, (_, index) => all[Math.round(index * step)]).filter(
    (each): each is T => each !== undefined,
  );
}

/** Round steps for an axis of sizes: 1, 2, 5 of each unit, or powers of two where sizes are binary. */
export function axisSteps(units: 'decimal' | 'binary'): readonly number[] {
  const [base, steps] =
    units === 'decimal'
      ? [1000, [1, 2, 5, 10, 20, 50, 100, 200, 500]]
      : [1024, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]];
  return [0, 1, 2, 3, 4, 5, 6].flatMap((power) => steps.map((step) => step * base ** power));
}
