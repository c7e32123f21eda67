import { useState } from 'react';
import { t } from '../state/words.ts';
import { CheckLine } from '../ui/checks.tsx';
import { Field } from '../ui/field.tsx';
import {
  type GuardChoice,
  guardCount,
  type GuardField,
  type GuardProblems,
} from './guard-choice.ts';
import './policy.css';

const WORDS = {
  maxSize: 'largest',
  maxDuration: 'longest',
  maxPlots: 'plots',
  askAbove: 'ask-above',
  quietFrom: 'quiet-from',
  quietUntil: 'quiet-until',
} as const satisfies Readonly<Record<GuardField, string>>;

/** "More": what limits any yes, folded away because most people need none of it. */
export function GuardFields({
  choice,
  problems,
  onChange,
}: {
  readonly choice: GuardChoice;
  readonly problems: GuardProblems;
  readonly onChange: (choice: GuardChoice) => void;
}) {
  const [isOpen, setOpen] = useState(false);
  const count = guardCount(choice);
  const isWrong = Object.keys(problems).length > 0;
  const field = (name: GuardField, { hasHint = true } = {}) => {
    const problem = problems[name];
    return (
      <Field
        narrow
        label={t(`guards.${WORDS[name]}`)}
        value={choice[name]}
        onChange={(text) => onChange({ ...choice, [name]: text })}
        problem={problem === undefined ? undefined : t(problem)}
        {...(hasHint ? { hint: t(`guards.${WORDS[name]}-hint`) } : {})}
      />
    );
  };
  return (
    <div className="stack tight">
      <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>{count === 0 ? t('guards.more') : t('guards.more-set', { count })}</summary>
        <div className="stack guards">
          {field('askAbove')}
          <div className="stack tight" role="group" aria-label={t('guards.quiet')}>
            <div className="side-by-side">
              {field('quietFrom', { hasHint: false })}
              {field('quietUntil', { hasHint: false })}
            </div>
            <p className="hint">{quietHint(choice, problems)}</p>
          </div>
          {field('maxSize')}
          {field('maxDuration')}
          {field('maxPlots')}
          <CheckLine
            label={t('guards.stop-renewing')}
            hint={t('guards.stop-renewing-hint')}
            isChecked={choice.stopsRenewing}
            onChange={(stopsRenewing) => onChange({ ...choice, stopsRenewing })}
          />
        </div>
      </details>
      {/* Folded away, nobody would see why it can't be saved. */}
      {isWrong && !isOpen ? <p className="fault small">{t('guards.wrong')}</p> : null}
    </div>
  );
}

function quietHint({ quietFrom, quietUntil }: GuardChoice, problems: GuardProblems): string {
  const isSame = quietFrom.trim() !== '' && quietFrom.trim() === quietUntil.trim();
  return isSame && problems.quietFrom === undefined
    ? t('guards.quiet-whole-day')
    : t('guards.quiet-hint');
}
