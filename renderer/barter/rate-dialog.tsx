import { type FormEvent, useState } from 'react';
import { RATE_MAX } from '../../shared/model/bounds.ts';
import type { PurseView } from '../../shared/contract/barter-views.ts';
import { sayOwner } from '../../shared/words/say-notes.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Choice } from '../ui/choice.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Problem } from '../ui/problem.tsx';
import { readDecimal } from '../ui/typed-number.ts';

/** What a friend's notes are worth to me: by what happened, or by my own word. */
export function RateDialog({
  purse,
  onClose,
}: {
  readonly purse: PurseView;
  readonly onClose: () => void;
}) {
  const [by, setBy] = useState<'past' | 'own'>('past');
  const [percent, setPercent] = useState(`${Math.round(purse.rate * 100)}`);
  const { call, busy, problem } = useCall();
  const name = sayOwner(t, purse.issuer);
  const read = readPercent(percent);
  const isWrong = by === 'own' && read === undefined;
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (isWrong) return;
    const rate = by === 'own' && read !== undefined ? read / 100 : null;
    const set = await call('barter.set', { rate: { friend: purse.issuer.owner, rate } });
    if (set !== undefined) onClose();
  };
  return (
    <Dialog title={t('barter.rate-title', { name })} onClose={onClose}>
      <form className="stack" onSubmit={(event) => void save(event)}>
        <Choice
          label={t('barter.rate-by')}
          value={by}
          options={[
            { value: 'past', label: t('barter.rate-past'), hint: t('barter.rate-past-hint') },
            { value: 'own', label: t('barter.rate-own'), hint: t('barter.rate-own-hint') },
          ]}
          onChange={setBy}
        />
        {by === 'own' ? (
          <Field
            narrow
            label={t('barter.percent')}
            value={percent}
            onChange={setPercent}
            problem={isWrong ? t('barter.bad-percent') : undefined}
          />
        ) : null}
        <Problem>{problem}</Problem>
        <div className="row end">
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" type="submit" disabled={busy || isWrong}>
            {t('barter.rate-act')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function readPercent(text: string): number | undefined {
  return readDecimal(text.trim().replace(/ ?%$/, ''), { places: 2, most: 100 * RATE_MAX });
}
