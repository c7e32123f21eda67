import type {
  BackupPlan,
  BackupPlanText,
  FileRules,
  FileRulesText,
} from '../../../shared/model/backup-plan.ts';

/** A plan as doors, books and the engine's thread see it: byte counts are text. */
export function planText(plan: BackupPlan): BackupPlanText {
  return { ...plan, rules: rulesText(plan.rules) };
}

export function rulesText({ maxFileBytes, ...rules }: FileRules): FileRulesText {
  return { ...rules, maxFileBytes: maxFileBytes === null ? null : `${maxFileBytes}` };
}
