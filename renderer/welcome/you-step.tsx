import { type FormEvent, useState } from 'react';
import { NAME_CHARS_MAX } from '../../shared/model/bounds.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { StepActs } from './step-acts.tsx';
import type { StepProps } from './welcome.tsx';
import { WelcomeDrawing } from './welcome-drawing.tsx';

/** What this is, and who is asking friends in. */
export function YouStep({
  snapshot,
  draft,
  change,
  onNext,
  onWords,
}: StepProps & {
  /** Not the first computer: the person has words, and comes back with them. */
  readonly onWords: () => void;
}) {
  const { call, busy, problem } = useCall();
  const [isMissing, setMissing] = useState(false);
  const present = snapshot.settings.name;
  const name = draft.name ?? present;
  const next = async (event: FormEvent) => {
    event.preventDefault();
    const typed = name.trim();
    setMissing(typed === '');
    if (typed === '' || busy) return;
    if (typed !== present && (await call('settings.set', { name: typed })) === undefined) return;
    onNext();
  };
  return (
    <form className="stack" onSubmit={(event) => void next(event)}>
      <WelcomeDrawing />
      <div className="stack tight">
        <p>{t('welcome.what-1')}</p>
        <p>{t('welcome.what-2')}</p>
        <p>{t('welcome.what-3')}</p>
      </div>
      <Field
        label={t('settings.name')}
        hint={t('welcome.name-hint')}
        value={name}
        onChange={(text) => change({ name: text })}
        maxLength={NAME_CHARS_MAX}
        problem={isMissing && name.trim() === '' ? t('settings.name-empty') : problem}
      />
      {snapshot.recovery.possible ? (
        <p>
          {t('recovery.ask')}{' '}
          <Button look="link" onPress={onWords}>
            {t('recovery.ask-act')}
          </Button>
        </p>
      ) : null}
      <StepActs>
        <Button look="primary" type="submit">
          {t('welcome.next')}
        </Button>
      </StepActs>
    </form>
  );
}
