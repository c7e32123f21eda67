import { z } from 'zod';
import { EXCLUDE_CHARS_MAX, EXCLUDES_MAX, KEPT_MAX } from './bounds.ts';
import { bytes } from './ids.ts';
import {
  COPIES_MAX,
  EVERY,
  PLAN_AT_FIRST,
  PROTECT_DAYS_MAX,
  VERIFY_DAYS_MAX,
} from './plan-at-first.ts';

/**
 * How a backup set is kept: when it runs, what it leaves out, what is kept of it, how many copies there are.
 * Every field has a default (`PLAN_AT_FIRST`), so that a plan from an older version is still whole.
 */
export { COPIES_MAX, EVERY, PLAN_AT_FIRST, PROTECT_DAYS_MAX };

/** Minutes since midnight by this computer's clock. */
const minuteOfDay = z.int().min(0).max(1439);

export const schedule = z.strictObject({
  /** `hand`: only when somebody asks for it. */
  every: z.enum(EVERY),
  /** For `day` and `week`: from then on. */
  atMin: minuteOfDay,
  /** For `week`: 0 is Sunday. */
  weekday: z.int().min(0).max(6),
  /** Begins only when nobody has touched keyboard or mouse for a while; where that can't be known, at any time. */
  whenIdle: z.boolean(),
  /** Also begins while the computer runs on its battery. */
  onBattery: z.boolean(),
  /** Nothing begins between these minutes; over midnight where `fromMin` is later. */
  quietHours: z.strictObject({ fromMin: minuteOfDay, untilMin: minuteOfDay }).nullable(),
});
export type Schedule = z.infer<typeof schedule>;

/**
 * What stays, as restic's `forget` counts: the newest of each of the latest so many hours, days, ISO weeks, months and
 * years that have one, and the newest `last`. Nothing at all would keep nothing: then everything is kept.
 */
const count = z.int().min(0).max(KEPT_MAX);
export const retention = z.strictObject({
  last: count,
  hourly: count,
  daily: count,
  weekly: count,
  monthly: count,
  yearly: count,
});
export type Retention = z.infer<typeof retention>;

/** What is left out. */
export const fileRules = z.strictObject({
  /** In gitignore's syntax, relative to each folder of the set; the last that matches decides. */
  exclude: z.array(z.string().min(1).max(EXCLUDE_CHARS_MAX)).max(EXCLUDES_MAX),
  /** Folders marked by a CACHEDIR.TAG, and what this system and common programs keep only for speed. */
  caches: z.boolean(),
  /** Files larger than this; null: none is too large. */
  maxFileBytes: bytes.nullable(),
});
export type FileRules = z.infer<typeof fileRules>;
/** As doors and threads see it. */
export type FileRulesText = z.input<typeof fileRules>;

export const backupPlan = z.strictObject({
  schedule,
  retention,
  rules: fileRules,
  /** Complete copies wanted, each at another friend's. */
  copies: z.int().min(1).max(COPIES_MAX),
  /** So long a friend keeps what this device deletes (design §6, protected sets); 0: not at all. */
  protectDays: z.int().min(0).max(PROTECT_DAYS_MAX),
  /** Within so many days every byte of every copy is read back once. */
  verifyDays: z.int().min(1).max(VERIFY_DAYS_MAX),
});
export type BackupPlan = z.infer<typeof backupPlan>;
export type BackupPlanText = z.input<typeof backupPlan>;

/** What is to be changed of a plan: parts as a whole, each of them whole. */
export const planChange = backupPlan.partial();
