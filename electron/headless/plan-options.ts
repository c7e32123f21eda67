import type { ParseArgsOptionsConfig } from 'node:util';
import { type BackupPlanText, EVERY, PLAN_AT_FIRST } from '../../shared/model/backup-plan.ts';
import type { Fault } from '../../shared/fault.ts';
import { ok, type Result } from '../../shared/result.ts';
import { parseSize } from '../../shared/units.ts';
import { badArguments, NO_THOUSANDS, textOption, textsOption, type Values } from './command.ts';
import { readHours, readTimeOfDay } from './time-of-day.ts';

/** The options by which a backup set's plan is said on the command line. */
export const planOptions = {
  exclude: { type: 'string', multiple: true },
  caches: { type: 'string' },
  'max-file': { type: 'string' },
  every: { type: 'string' },
  at: { type: 'string' },
  weekday: { type: 'string' },
  'when-idle': { type: 'string' },
  'on-battery': { type: 'string' },
  quiet: { type: 'string' },
  keep: { type: 'string' },
  copies: { type: 'string' },
  protect: { type: 'string' },
  'verify-days': { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

export const PLAN_USAGE =
  '[--every hand|hour|6-hours|12-hours|day|week] [--at 12:00] [--weekday sun…sat] [--when-idle yes|no] [--on-battery yes|no] [--quiet 22:00-06:00|none] [--keep last=3,hourly=24,daily=14,weekly=8,monthly=12,yearly=10|everything] [--exclude PATTERN …] [--caches leave-out|keep] [--max-file 4GB|none] [--copies 2] [--protect 30d|0] [--verify-days 90]';

export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** Only the parts that were named, on top of what the plan is now. */
export function planOption(
  values: Values,
  now: BackupPlanText = PLAN_AT_FIRST,
): Result<Partial<BackupPlanText>, Fault> {
  const schedule = scheduleOption(values, now.schedule);
  if (!schedule.ok) return schedule;
  const keep = keepOption(textOption(values, 'keep'));
  if (!keep.ok) return keep;
  const rules = rulesOption(values, now.rules);
  if (!rules.ok) return rules;
  const copies = wholeOption(values, 'copies');
  if (!copies.ok) return copies;
  const protectDays = wholeOption(values, 'protect', 'd');
  if (!protectDays.ok) return protectDays;
  const verifyDays = wholeOption(values, 'verify-days', 'd');
  if (!verifyDays.ok) return verifyDays;
  return ok({
    ...(schedule.value === undefined ? {} : { schedule: schedule.value }),
    ...(keep.value === undefined ? {} : { retention: keep.value }),
    ...(rules.value === undefined ? {} : { rules: rules.value }),
    ...(copies.value === undefined ? {} : { copies: copies.value }),
    ...(protectDays.value === undefined ? {} : { protectDays: protectDays.value }),
    ...(verifyDays.value === undefined ? {} : { verifyDays: verifyDays.value }),
  });
}

type Schedule = BackupPlanText['schedule'];

function scheduleOption(values: Values, now: Schedule): Result<Schedule | undefined, Fault> {
  const every = textOption(values, 'every');
  const at = textOption(values, 'at');
  const weekday = textOption(values, 'weekday');
  const quiet = textOption(values, 'quiet');
  const whenIdle = yesOption(values, 'when-idle');
  if (!whenIdle.ok) return whenIdle;
  const onBattery = yesOption(values, 'on-battery');
  if (!onBattery.ok) return onBattery;
  if (
    [every, at, weekday, quiet, whenIdle.value, onBattery.value].every((each) => each === undefined)
  )
    return ok(undefined);
  const chosen = every === undefined ? now.every : EVERY.find((each) => each === every);
  if (chosen === undefined) return badArguments(`--every is one of: ${EVERY.join(', ')}`);
  const atMin = at === undefined ? now.atMin : readTimeOfDay(at);
  if (atMin === undefined) return badArguments('--at is a time of day, like 12:00');
  const day = weekday === undefined ? now.weekday : dayOf(weekday);
  if (day < 0) return badArguments(`--weekday is one of: ${WEEKDAYS.join(', ')}`);
  const quietHours =
    quiet === undefined ? now.quietHours : quiet === 'none' ? null : readHours(quiet);
  if (quietHours === undefined)
    return badArguments('--quiet is a stretch of the day, like 22:00-06:00, or none');
  return ok({
    every: chosen,
    atMin,
    weekday: day,
    whenIdle: whenIdle.value ?? now.whenIdle,
    onBattery: onBattery.value ?? now.onBattery,
    quietHours,
  });
}

function dayOf(text: string): number {
  return WEEKDAYS.findIndex((each) => text.toLowerCase().startsWith(each));
}

type Retention = BackupPlanText['retention'];

/** As a plan without any rule has it. */
const EVERYTHING: Retention = { last: 0, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };

/** `daily=14,weekly=8`: what is named is all that is kept, as restic has it. */
function keepOption(text: string | undefined): Result<Retention | undefined, Fault> {
  if (text === undefined) return ok(undefined);
  if (text === 'everything') return ok(EVERYTHING);
  const next: Record<string, number> = { ...EVERYTHING };
  for (const part of text.split(',')) {
    const [, rule = '', count = ''] = /^\s*([a-z]+)=(\d{1,4})\s*$/.exec(part) ?? [];
    if (!Object.hasOwn(EVERYTHING, rule))
      return badArguments(
        `--keep is like daily=14,weekly=8, or everything; what can be counted: ${Object.keys(EVERYTHING).join(', ')}`,
      );
    next[rule] = Number(count);
  }
  if (Object.values(next).every((count) => count === 0))
    return badArguments('--keep keeps at least one; --keep everything lets nothing go');
  return ok(next as Retention);
}

type Rules = BackupPlanText['rules'];

function rulesOption(values: Values, now: Rules): Result<Rules | undefined, Fault> {
  const exclude = textsOption(values, 'exclude');
  const caches = textOption(values, 'caches');
  const maxFile = textOption(values, 'max-file');
  if (exclude.length === 0 && caches === undefined && maxFile === undefined) return ok(undefined);
  if (caches !== undefined && caches !== 'keep' && caches !== 'leave-out')
    return badArguments('--caches is leave-out or keep');
  const largest = maxFile === undefined || maxFile === 'none' ? undefined : parseSize(maxFile);
  if (maxFile !== undefined && maxFile !== 'none' && largest === undefined)
    return badArguments(`--max-file is a size, like 4GB, ${NO_THOUSANDS}, or none`);
  return ok({
    // Patterns replace those of before: there is no other way to take one away.
    exclude: exclude.length > 0 ? exclude : now.exclude,
    caches: caches === undefined ? now.caches : caches === 'leave-out',
    maxFileBytes:
      maxFile === undefined ? now.maxFileBytes : largest === undefined ? null : `${largest}`,
  });
}

function yesOption(values: Values, name: string): Result<boolean | undefined, Fault> {
  const text = textOption(values, name);
  if (text === undefined) return ok(undefined);
  return text === 'yes' || text === 'no'
    ? ok(text === 'yes')
    : badArguments(`--${name} is yes or no`);
}

function wholeOption(values: Values, name: string, unit = ''): Result<number | undefined, Fault> {
  const text = textOption(values, name);
  if (text === undefined) return ok(undefined);
  const [, digits = ''] = new RegExp(`^(\\d{1,4})${unit}?$`).exec(text) ?? [];
  return digits === '' ? badArguments(`--${name} is a whole number`) : ok(Number(digits));
}
