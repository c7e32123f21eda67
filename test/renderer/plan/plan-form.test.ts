import { describe, expect, test } from 'vitest';
import {
  keepOf,
  planForm,
  planOf,
  planProblems,
  retentionOf,
  withKeep,
} from '../../../renderer/plan/plan-form.ts';
import { backupPlan, type BackupPlanText } from '../../../shared/model/backup-plan.ts';
import { EVERY, PLAN_AT_FIRST } from '../../../shared/model/plan-at-first.ts';
import { fc } from '../../fakes/properties.ts';

const form = planForm(PLAN_AT_FIRST);
const minute = fc.integer({ min: 0, max: 1439 });
const count = fc.integer({ min: 0, max: 9999 });

const plans: fc.Arbitrary<BackupPlanText> = fc.record({
  schedule: fc.record({
    every: fc.constantFrom(...EVERY),
    atMin: minute,
    weekday: fc.integer({ min: 0, max: 6 }),
    whenIdle: fc.boolean(),
    onBattery: fc.boolean(),
    quietHours: fc.option(
      fc.uniqueArray(minute, { minLength: 2, maxLength: 2 }).map(([fromMin = 0, untilMin = 0]) => ({
        fromMin,
        untilMin,
      })),
    ),
  }),
  retention: fc.record({
    last: count,
    hourly: count,
    daily: count,
    weekly: count,
    monthly: count,
    yearly: count,
  }),
  rules: fc.record({
    exclude: fc.array(fc.stringMatching(/^[a-z*/!]{1,20}$/), { maxLength: 5 }),
    caches: fc.boolean(),
    maxFileBytes: fc.option(fc.bigInt({ min: 1n, max: 10n ** 15n }).map(String)),
  }),
  copies: fc.integer({ min: 1, max: 8 }),
  protectDays: fc.integer({ min: 0, max: 365 }),
  verifyDays: fc.integer({ min: 1, max: 3650 }),
});

describe('a plan in the form', () => {
  test('what was not touched is saved as it was, whatever plan it is', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const typed = planForm(plan);
        expect(planProblems(typed, 'decimal')).toEqual([]);
        expect(planOf(typed, 'decimal')).toEqual(plan);
      }),
    );
  });

  test('whatever is typed, what would be sent is a plan that a core takes', () => {
    const typedAs = (...usual: readonly string[]) =>
      fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...usual) },
        fc.integer({ min: -1, max: 5000 }).map(String),
        fc.string({ maxLength: 12 }),
      );
    fc.assert(
      fc.property(
        typedAs('7:30', '22 Uhr', ' 12:00 '),
        typedAs('', '4 GB', '1,5 TB'),
        typedAs('0', '30', ' 365 '),
        typedAs('1', '90'),
        (at, largest, protectDays, verifyDays) => {
          const typed = { ...form, at, largest, protectDays, verifyDays };
          if (planProblems(typed, 'decimal').length > 0) return;
          expect(backupPlan.safeParse(planOf(typed, 'decimal')).success).toBe(true);
        },
      ),
    );
  });

  test('says what can’t be read', () => {
    const wrong = {
      ...form,
      at: 'noon',
      isQuiet: true,
      quietFrom: '22:00',
      quietUntil: '22:00',
      keep: 'own' as const,
      counts: { ...form.counts, daily: 'many' },
      exclude: 'x'.repeat(1001),
      largest: 'huge',
      protectDays: '400',
      verifyDays: '0',
    };
    expect(planProblems(wrong, 'decimal')).toEqual([
      'bad-time',
      'bad-quiet',
      'bad-counts',
      'bad-exclude',
      'bad-largest',
      'bad-protect',
      'bad-verify',
    ]);
    // Where it runs at no time of day, none is asked for.
    expect(planProblems({ ...form, every: 'hour', at: 'noon' }, 'decimal')).toEqual([]);
  });

  test('presets are told from numbers of one’s own, which begin where the preset was', () => {
    expect(keepOf(PLAN_AT_FIRST.retention)).toBe('sensible');
    expect(keepOf({ ...PLAN_AT_FIRST.retention, daily: 15 })).toBe('own');
    const little = { ...form, ...withKeep(form, 'little') };
    const own = { ...little, ...withKeep(little, 'own') };
    expect(retentionOf(own)).toEqual(retentionOf(little));
    expect(own.counts.daily).toBe('7');
  });
});
