import { type FormEvent, useState } from 'react';
import { CURRENCY_CHARS_MAX, PER_GB_MONTH_MAX } from '../../shared/model/bounds.ts';
import type { CurrencyView } from '../../shared/contract/barter-views.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Choice } from '../ui/choice.tsx';
import { Field } from '../ui/field.tsx';
import { Problem } from '../ui/problem.tsx';
import { Saved } from '../ui/saved.tsx';
import { readDecimal } from '../ui/typed-number.ts';

/** The one measure that prices and balances are shown in: GB-months, or what the owner likes to call it. */
export function CurrencySection({ currency }: { readonly currency: CurrencyView }) {
  const [kind, setKind] = useState<'months' | 'own'>(currency.name === null ? 'months' : 'own');
  const [name, setName] = useState(currency.name ?? '');
  const [rate, setRate] = useState(`${currency.perGbMonth}`);
  const [isSaved, setSaved] = useState(false);
  const { call, busy, problem } = useCall();
  const chosen = chosenOf(kind, name, rate);
  const isUnchanged = chosen?.name === currency.name && chosen.perGbMonth === currency.perGbMonth;
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (chosen === undefined) return;
    setSaved((await call('barter.set', { currency: chosen })) !== undefined);
  };
  const change = (apply: () => void) => {
    setSaved(false);
    apply();
  };
  return (
    <form className="card stack" onSubmit={(event) => void save(event)}>
      <Choice
        label={t('barter.currency-how')}
        value={kind}
        options={[
          { value: 'months', label: t('barter.currency-months') },
          { value: 'own', label: t('barter.currency-own') },
        ]}
        onChange={(value) => change(() => setKind(value))}
        strip
        hint={t('barter.currency-hint')}
      />
      {kind === 'own' ? (
        <div className="side-by-side">
          <Field
            label={t('barter.currency-name')}
            value={name}
            onChange={(text) => change(() => setName(text))}
            maxLength={CURRENCY_CHARS_MAX}
            problem={name.trim() === '' ? t('barter.currency-unnamed') : undefined}
          />
          <Field
            label={t('barter.currency-rate')}
            value={rate}
            onChange={(text) => change(() => setRate(text))}
            problem={readRate(rate) === undefined ? t('barter.currency-bad-rate') : undefined}
          />
        </div>
      ) : null}
      <Problem>{problem}</Problem>
      <div className="row">
        <Button type="submit" disabled={busy || chosen === undefined || isUnchanged}>
          {t('barter.currency-act')}
        </Button>
        <Saved isSaved={isSaved} />
      </div>
    </form>
  );
}

function chosenOf(kind: 'months' | 'own', name: string, rate: string): CurrencyView | undefined {
  if (kind === 'months') return { name: null, perGbMonth: 1 };
  const perGbMonth = readRate(rate);
  return name.trim() === '' || perGbMonth === undefined
    ? undefined
    : { name: name.trim(), perGbMonth };
}

function readRate(text: string): number | undefined {
  const rate = readDecimal(text, { places: 4, most: PER_GB_MONTH_MAX });
  return rate === 0 ? undefined : rate;
}
