import { memo } from 'react';
import type { DecisionView } from '../../shared/contract/views.ts';
import type { DecisionOutcome } from '../../shared/model/decision-kinds.ts';
import { sayDecision } from '../../shared/words/say.ts';
import { href } from '../state/router.ts';
import { t } from '../state/words.ts';
import { Person, When } from '../ui/figures.tsx';
import { Purpose } from '../ui/purpose.tsx';
import { Tag } from '../ui/states.tsx';
import { Steps } from './steps.tsx';

const TONES: Readonly<Record<DecisionOutcome, 'plain' | 'good' | 'warn' | 'bad'>> = {
  granted: 'good',
  counter: 'warn',
  pending: 'warn',
  denied: 'bad',
  done: 'plain',
};

/** One decision. Drawn anew only if something about it has changed: there are many. */
export const Entry = memo(function Entry({
  decision,
  name,
  hasLink,
  position,
  total,
  isOpen,
  isTabStop,
  onOpen,
}: {
  readonly decision: DecisionView;
  /** What the friend is called now. */
  readonly name: string;
  readonly hasLink: boolean;
  readonly position: number;
  /** −1: nobody knows yet. */
  readonly total: number;
  readonly isOpen: boolean;
  readonly isTabStop: boolean;
  /** Language and units: with others the same decision reads otherwise. */
  readonly wording: string;
  readonly onOpen: (number: number, isOpen: boolean) => void;
}) {
  const { number, owner, outcome, atMs, purpose, steps } = decision;
  const id = `decision-${number}`;
  return (
    <article
      className="entry"
      data-row={number}
      tabIndex={isTabStop ? 0 : -1}
      aria-posinset={position}
      aria-setsize={total}
      aria-labelledby={id}
      aria-describedby={`${id}-about`}
    >
      <Tag tone={TONES[outcome]}>{t(`activity.outcome-${outcome}`)}</Tag>
      <div className="entry-words">
        <p id={id}>{sayDecision(t, { ...decision, friend: name })}</p>
        <p id={`${id}-about`} className="small quiet entry-about">
          <When ms={atMs} />
          {hasLink ? (
            <a href={href({ page: 'friend', owner })}>
              <Person name={name} />
            </a>
          ) : null}
        </p>
        <Purpose words={purpose} small />
        {steps.length === 0 ? null : (
          <details
            open={isOpen}
            onToggle={({ currentTarget }) => onOpen(number, currentTarget.open)}
          >
            <summary>{t('activity.why')}</summary>
            {isOpen ? <Steps steps={steps} /> : null}
          </details>
        )}
      </div>
    </article>
  );
});
