import { RETENTION_RULES, type RetentionRule } from '../../shared/backup/retention.ts';
import { EXCLUDE_CHARS_MAX, EXCLUDES_MAX, KEPT_MAX } from '../../shared/model/bounds.ts';
import type { BackupPlanText, Retention } from '../../shared/model/backup-plan.ts';
import {
  type Every,
  PLAN_AT_FIRST,
  PROTECT_DAYS_MAX,
  VERIFY_DAYS_MAX,
} from '../../shared/model/plan-at-first.ts';
import type { SizeUnits } from '../../shared/units.ts';
import { readWhole } from '../ui/typed-number.ts';
import { asTypedLimit, readSize } from '../ui/typed-size.ts';
import { asTypedTimeOfDay, readTimeOfDay } from '../ui/typed-time.ts';

/** A set's plan as it is typed: what is a figure in it is text until it is sent. Pure. */
export type PlanForm = {
  readonly every: Every;
  readonly at: string;
  readonly weekday: string;
  readonly whenIdle: boolean;
  readonly onBattery: boolean;
  readonly isQuiet: boolean;
  readonly quietFrom: string;
  readonly quietUntil: string;
  readonly keep: Keep;
  /** Of `own`. */
  readonly counts: Readonly<Record<RetentionRule, string>>;
  /** One pattern a line. */
  readonly exclude: string;
  readonly caches: boolean;
  /** Empty: none is too large. */
  readonly largest: string;
  readonly copies: number;
  readonly protectDays: string;
  readonly verifyDays: string;
};

export const KEEPS = ['much', 'sensible', 'little', 'all', 'own'] as const;
export type Keep = (typeof KEEPS)[number];

const NOTHING: Retention = { last: 0, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };

/** `all`: no counts at all, by which nothing is ever forgotten. */
const PRESETS: Readonly<Record<Exclude<Keep, 'own'>, Retention>> = {
  much: { last: 10, hourly: 48, daily: 60, weekly: 26, monthly: 36, yearly: 25 },
  sensible: PLAN_AT_FIRST.retention,
  little: { last: 2, hourly: 0, daily: 7, weekly: 4, monthly: 3, yearly: 0 },
  all: NOTHING,
};

export type PlanProblem =
  | 'bad-time'
  | 'bad-quiet'
  | 'bad-counts'
  | 'bad-exclude'
  | 'bad-largest'
  | 'bad-protect'
  | 'bad-verify';

export function planForm(plan: BackupPlanText): PlanForm {
  const { schedule, retention, rules, copies, protectDays, verifyDays } = plan;
  const quiet = schedule.quietHours;
  return {
    every: schedule.every,
    at: asTypedTimeOfDay(schedule.atMin),
    weekday: `${schedule.weekday}`,
    whenIdle: schedule.whenIdle,
    onBattery: schedule.onBattery,
    isQuiet: quiet !== null,
    quietFrom: asTypedTimeOfDay(quiet?.fromMin ?? 22 * 60),
    quietUntil: asTypedTimeOfDay(quiet?.untilMin ?? 7 * 60),
    keep: keepOf(retention),
    counts: countsText(retention),
    exclude: rules.exclude.join('\n'),
    caches: rules.caches,
    largest: asTypedLimit(rules.maxFileBytes),
    copies,
    protectDays: `${protectDays}`,
    verifyDays: `${verifyDays}`,
  };
}

/** Which of the presets it is; whatever is none of them is somebody's own. */
export function keepOf(retention: Retention): Keep {
  const isSame = (other: Retention) =>
    RETENTION_RULES.every((rule) => other[rule] === retention[rule]);
  return KEEPS.find((keep) => keep !== 'own' && isSame(PRESETS[keep])) ?? 'own';
}

/** Own numbers begin with those of what was chosen before. */
export function withKeep(form: PlanForm, keep: Keep): Pick<PlanForm, 'keep' | 'counts'> {
  return { keep, counts: keep === 'own' ? form.counts : countsText(PRESETS[keep]) };
}

function countsText(retention: Retention): PlanForm['counts'] {
  return Object.fromEntries(RETENTION_RULES.map((rule) => [rule, `${retention[rule]}`])) as Record<
    RetentionRule,
    string
  >;
}

/** `undefined`: one of the own numbers is none. */
export function retentionOf({
  keep,
  counts,
}: Pick<PlanForm, 'keep' | 'counts'>): Retention | undefined {
  if (keep !== 'own') return PRESETS[keep];
  const read = RETENTION_RULES.map((rule) => [rule, readWhole(counts[rule], KEPT_MAX)] as const);
  return read.every(([, count]) => count !== undefined)
    ? (Object.fromEntries(read) as Retention)
    : undefined;
}

export function planProblems(form: PlanForm, units: SizeUnits): readonly PlanProblem[] {
  const { every, at, isQuiet, quietFrom, quietUntil } = form;
  const quiet = [readTimeOfDay(quietFrom), readTimeOfDay(quietUntil)];
  const isBadTime = isAtTime(every) && readTimeOfDay(at) === undefined;
  const isBadQuiet = isQuiet && (quiet.includes(undefined) || quiet[0] === quiet[1]);
  return [
    ...(isBadTime ? (['bad-time'] as const) : []),
    ...(isBadQuiet ? (['bad-quiet'] as const) : []),
    ...(retentionOf(form) === undefined ? (['bad-counts'] as const) : []),
    ...(isTooLong(lines(form.exclude)) ? (['bad-exclude'] as const) : []),
    ...(largestOf(form, units) === undefined ? (['bad-largest'] as const) : []),
    ...(readWhole(form.protectDays, PROTECT_DAYS_MAX) === undefined
      ? (['bad-protect'] as const)
      : []),
    ...((readWhole(form.verifyDays, VERIFY_DAYS_MAX) ?? 0) < 1 ? (['bad-verify'] as const) : []),
  ];
}

/** Only these begin at a time of day. */
export function isAtTime(every: Every): boolean {
  return every === 'day' || every === 'week';
}

/** What could not be read was complained of before; it stays as it is at first. */
export function planOf(form: PlanForm, units: SizeUnits): BackupPlanText {
  const first = PLAN_AT_FIRST;
  return {
    schedule: {
      every: form.every,
      atMin: readTimeOfDay(form.at) ?? first.schedule.atMin,
      weekday: Number(form.weekday),
      whenIdle: form.whenIdle,
      onBattery: form.onBattery,
      quietHours: form.isQuiet
        ? {
            fromMin: readTimeOfDay(form.quietFrom) ?? 0,
            untilMin: readTimeOfDay(form.quietUntil) ?? 0,
          }
        : null,
    },
    retention: retentionOf(form) ?? first.retention,
    rules: rulesOf(form, units),
    copies: form.copies,
    protectDays: readWhole(form.protectDays, PROTECT_DAYS_MAX) ?? first.protectDays,
    verifyDays: readWhole(form.verifyDays, VERIFY_DAYS_MAX) ?? first.verifyDays,
  };
}

export function rulesOf(form: PlanForm, units: SizeUnits): BackupPlanText['rules'] {
  return {
    exclude: lines(form.exclude),
    caches: form.caches,
    maxFileBytes: largestOf(form, units) ?? null,
  };
}

/** `null`: none is too large; `undefined`: that is no size. */
function largestOf({ largest }: PlanForm, units: SizeUnits): string | null | undefined {
  if (largest.trim() === '') return null;
  const bytes = readSize(largest, units);
  return bytes === undefined ? undefined : `${bytes}`;
}

function isTooLong(patterns: readonly string[]): boolean {
  return (
    patterns.length > EXCLUDES_MAX || patterns.some((pattern) => pattern.length > EXCLUDE_CHARS_MAX)
  );
}

function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
