import type { BackupPlanText } from './backup-plan.ts';

/** What a plan can be and what it is at first, for whoever draws it: the window carries no schemas. */
export const EVERY = ['hand', 'hour', '6-hours', '12-hours', 'day', 'week'] as const;
export type Every = (typeof EVERY)[number];

export const COPIES_MAX = 8;
export const PROTECT_DAYS_MAX = 365;
export const VERIFY_DAYS_MAX = 3650;

export const PLAN_AT_FIRST: BackupPlanText = {
  schedule: {
    every: 'day',
    atMin: 12 * 60,
    weekday: 0,
    whenIdle: false,
    onBattery: false,
    quietHours: null,
  },
  retention: { last: 3, hourly: 24, daily: 14, weekly: 8, monthly: 12, yearly: 10 },
  rules: { exclude: [], caches: true, maxFileBytes: null },
  copies: 1,
  protectDays: 0,
  verifyDays: 90,
};
