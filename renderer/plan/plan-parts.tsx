import { currentUnits, t } from '../state/words.ts';
import { Problem } from '../ui/problem.tsx';
import { GuardFields, Part, RetentionFields, RulesFields, ScheduleFields } from './plan-fields.tsx';
import { type PlanForm, type PlanProblem, planOf } from './plan-form.ts';
import { guardWords, retentionWords, rulesWords, scheduleWords } from './plan-words.ts';
import type { SetProblem } from './set-form.ts';

/** When, what is kept, what is left out, and how it is guarded: each folded behind a sentence of what it is now. */
export function PlanParts({
  form,
  before,
  change,
  wrong,
  said,
  fault,
}: {
  readonly form: PlanForm;
  /** Days of protection as they are; absent for a new set. */
  readonly before: number | undefined;
  readonly change: (part: Partial<PlanForm>) => void;
  readonly wrong: readonly SetProblem[];
  readonly said: (...kinds: readonly PlanProblem[]) => string | undefined;
  /** What the core said of one of them. */
  readonly fault: { readonly at: string; readonly problem: string | undefined } | undefined;
}) {
  const plan = planOf(form, currentUnits());
  const common = { form, change, problem: said };
  const of = (part: string) => (fault?.at === part ? fault.problem : undefined);
  const has = (...kinds: readonly PlanProblem[]) => kinds.some((kind) => wrong.includes(kind));
  const schedule = of('schedule');
  const rules = of('rules');
  return (
    <div className="plan-parts">
      <Part
        title={t('plan.schedule')}
        words={scheduleWords(plan.schedule)}
        isOpen={has('bad-time', 'bad-quiet') || schedule !== undefined}
      >
        <ScheduleFields {...common} />
        <Problem>{schedule}</Problem>
      </Part>
      <Part
        title={t('plan.retention')}
        words={retentionWords(plan.retention)}
        isOpen={has('bad-counts')}
      >
        <RetentionFields {...common} />
      </Part>
      <Part
        title={t('plan.rules')}
        words={rulesWords(plan.rules)}
        isOpen={has('bad-exclude', 'bad-largest') || rules !== undefined}
      >
        <RulesFields {...common} />
        <Problem>{rules}</Problem>
      </Part>
      <Part
        title={t('plan.guard')}
        words={guardWords(plan)}
        isOpen={has('bad-protect', 'bad-verify')}
      >
        <GuardFields {...common} before={before} />
      </Part>
    </div>
  );
}
