import { describe, expect, it } from 'vitest';
import { planProblem } from '../../../shared/backup/plan-problem.ts';
import { PLAN_AT_FIRST } from '../../../shared/model/plan-at-first.ts';

const plan = (more: Partial<typeof PLAN_AT_FIRST> = {}) => ({ ...PLAN_AT_FIRST, ...more });
const schedule = (more: Partial<(typeof PLAN_AT_FIRST)['schedule']>) =>
  planProblem(plan({ schedule: { ...PLAN_AT_FIRST.schedule, ...more } }), 1);
const exclude = (...patterns: readonly string[]) =>
  planProblem(plan({ rules: { ...PLAN_AT_FIRST.rules, exclude: [...patterns] } }), 1);

describe('a plan', () => {
  it('as it is at first makes sense', () => {
    expect(planProblem(plan(), 1)).toBeUndefined();
  });

  it('can’t begin at a time that is in its quiet hours', () => {
    const nights = { fromMin: 22 * 60, untilMin: 7 * 60 };
    const night = { atMin: 3 * 60, quietHours: nights };
    const problem = { field: 'schedule', problem: 'quiet-then' };
    expect(schedule({ every: 'day', ...night })).toEqual(problem);
    expect(schedule({ every: 'week', ...night })).toEqual(problem);
    expect(schedule({ every: 'day', atMin: 22 * 60, quietHours: nights })).toEqual(problem);
    expect(schedule({ every: 'day', atMin: 7 * 60, quietHours: nights })).toBeUndefined();
    // These have no time of day.
    expect(schedule({ every: 'hour', ...night })).toBeUndefined();
    expect(schedule({ every: 'hand', ...night })).toBeUndefined();
  });

  it('can’t have quiet hours that begin when they end', () => {
    const quietHours = { fromMin: 60, untilMin: 60 };
    expect(schedule({ every: 'hour', quietHours })?.problem).toBe('quiet-always');
  });

  it('wants no more copies than there are friends', () => {
    expect(planProblem(plan({ copies: 2 }), 1)).toEqual({
      field: 'copies',
      problem: 'too-many-copies',
    });
    expect(planProblem(plan({ copies: 2 }), 2)).toBeUndefined();
  });

  it('may keep everything: no counts at all', () => {
    const nothing = { last: 0, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
    expect(planProblem(plan({ retention: nothing }), 1)).toBeUndefined();
  });

  it.each([
    '*.tmp',
    '/build/',
    '!keep.me',
    '# a comment',
    'a/**/b',
    '[ab',
    '\\#x',
    'ends\\\\',
    ' x ',
  ])('may leave out %j', (pattern) => expect(exclude(pattern)).toBeUndefined());

  it.each(['!', '/', '!/', '  ', 'ends\\', 'two\nlines', 'x\0'])(
    'can’t leave out %j, which matches nothing',
    (pattern) => {
      expect(exclude('*.tmp', pattern)).toEqual({
        field: 'rules',
        problem: 'bad-pattern',
        detail: pattern,
      });
    },
  );
});
