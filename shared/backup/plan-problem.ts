import type { BackupPlanText } from '../model/backup-plan.ts';
import { isWithin } from './bucket.ts';

/**
 * What is wrong with a plan that is whole and still makes no sense. The word is one of `plan-problem` in the catalogue;
 * `field` is the part of the plan that has to change.
 */
export type PlanProblem = {
  readonly field: keyof BackupPlanText;
  readonly problem: 'quiet-always' | 'quiet-then' | 'too-many-copies' | 'bad-pattern';
  /** Of `bad-pattern`. */
  readonly detail?: string;
};

export function planProblem(
  { schedule, rules, copies }: BackupPlanText,
  friends: number,
): PlanProblem | undefined {
  const { every, atMin, quietHours } = schedule;
  if (quietHours !== null && quietHours.fromMin === quietHours.untilMin)
    return { field: 'schedule', problem: 'quiet-always' };
  const isAtTime = every === 'day' || every === 'week';
  if (isAtTime && quietHours !== null && isWithin(atMin, quietHours))
    return { field: 'schedule', problem: 'quiet-then' };
  if (copies > friends) return { field: 'copies', problem: 'too-many-copies' };
  const bad = rules.exclude.find((pattern) => !isPattern(pattern));
  return bad === undefined
    ? undefined
    : { field: 'rules', problem: 'bad-pattern', detail: bad.slice(0, 100) };
}

/** gitignore takes every text for a pattern; these are the ones that can match nothing, so somebody meant something else. */
function isPattern(text: string): boolean {
  if (/[\n\r\0]/.test(text)) return false;
  if (text.startsWith('#')) return true;
  const bare = text.replace(/^!/, '').trim();
  if (/^\/*$/.test(bare)) return false;
  // A backslash at the end escapes nothing.
  const backslashes = /\\*$/.exec(bare)?.[0].length ?? 0;
  return backslashes % 2 === 0;
}
