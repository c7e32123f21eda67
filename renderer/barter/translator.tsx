import { type FormEvent, useEffect, useState } from 'react';
import type { TranslatorView } from '../../shared/contract/barter-views.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Problem } from '../ui/problem.tsx';
import { Saved } from '../ui/saved.tsx';
import { Switch } from '../ui/switch.tsx';
import { asTypedRoom, readUnits } from './amounts.ts';

const PERIOD_DAYS = 30;

/** Turns what happens here into standing orders, within limits that are set here and nowhere else. */
export function TranslatorSection({ translator }: { readonly translator: TranslatorView }) {
  const { on, mostGiveUnits, mostWantUnits } = translator;
  const [give, setGive] = useState(asTypedRoom(mostGiveUnits));
  const [want, setWant] = useState(asTypedRoom(mostWantUnits));
  const [isSaved, setSaved] = useState(false);
  const { call, busy, problem } = useCall();
  useEffect(() => setGive(asTypedRoom(mostGiveUnits)), [mostGiveUnits]);
  useEffect(() => setWant(asTypedRoom(mostWantUnits)), [mostWantUnits]);
  // Left as it stands it stays exactly what it was, whatever was rounded for showing it.
  const giveUnits = give === asTypedRoom(mostGiveUnits) ? mostGiveUnits : textOf(give);
  const wantUnits = want === asTypedRoom(mostWantUnits) ? mostWantUnits : textOf(want);
  const isWhole = giveUnits !== undefined && wantUnits !== undefined;
  const isUnchanged = giveUnits === mostGiveUnits && wantUnits === mostWantUnits;
  const set = async (isOn: boolean) => {
    if (giveUnits === undefined || wantUnits === undefined) return;
    const limits = { mostGiveUnits: giveUnits, mostWantUnits: wantUnits };
    setSaved((await call('barter.set', { translator: { on: isOn, ...limits } })) !== undefined);
  };
  const save = (event: FormEvent) => {
    event.preventDefault();
    void set(on);
  };
  return (
    <form className="card stack" onSubmit={save}>
      <Switch
        label={t('barter.translator-on')}
        hint={t('barter.translator-hint')}
        isOn={on}
        disabled={busy || !isWhole}
        onChange={(isOn) => void set(isOn)}
      />
      <div className="side-by-side">
        <Field
          label={t('barter.most-to-give')}
          value={give}
          onChange={(text) => {
            setSaved(false);
            setGive(text);
          }}
          problem={giveUnits === undefined ? t('barter.bad-size') : undefined}
        />
        <Field
          label={t('barter.most-to-want')}
          value={want}
          onChange={(text) => {
            setSaved(false);
            setWant(text);
          }}
          problem={wantUnits === undefined ? t('barter.bad-size') : undefined}
        />
      </div>
      <p className="hint">{t('barter.limits-hint')}</p>
      <Problem>{problem}</Problem>
      <div className="row">
        <Button type="submit" disabled={busy || !isWhole || isUnchanged}>
          {t('barter.limits-act')}
        </Button>
        <Saved isSaved={isSaved} />
      </div>
    </form>
  );
}

function textOf(size: string): string | undefined {
  const units = readUnits(size, PERIOD_DAYS);
  return units === undefined ? undefined : `${units}`;
}
