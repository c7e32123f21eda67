import { type FormEvent, useState } from 'react';
import type { FriendView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { labelsOf } from '../friends/namesakes.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Problem } from '../ui/problem.tsx';
import { Select } from '../ui/select.tsx';
import { type Money, readUnits, readWholeDays } from './amounts.ts';

const PERIOD = '30';

/** "Every 30 days so much of mine for so much of yours": agreed once, then it goes on by itself. */
export function ProposeDialog({
  friends,
  money,
  onClose,
}: {
  readonly friends: readonly FriendView[];
  readonly money: Money;
  readonly onClose: () => void;
}) {
  const [friend, setFriend] = useState(friends[0]?.owner ?? '');
  const labelOf = labelsOf(friends);
  const [give, setGive] = useState('');
  const [want, setWant] = useState('');
  const [period, setPeriod] = useState(PERIOD);
  const [hasTried, setTried] = useState(false);
  const { call, busy, problem } = useCall();
  const name = nameInSentence(friends.find(({ owner }) => owner === friend)?.name ?? '');
  const periodDays = readWholeDays(period);
  const giveUnits = readUnits(give, periodDays);
  const wantUnits = readUnits(want, periodDays);
  const sum = (giveUnits ?? 0n) + (wantUnits ?? 0n);
  const propose = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (giveUnits === undefined || wantUnits === undefined || periodDays === undefined) return;
    if (sum === 0n) return;
    const order = { giveUnits: `${giveUnits}`, wantUnits: `${wantUnits}`, periodDays };
    if ((await call('barter.propose', { friend, ...order })) !== undefined) onClose();
  };
  const sizeProblem = (text: string, units: bigint | undefined) => {
    if (text.trim() === '') return hasTried ? t('barter.no-size') : undefined;
    return units === undefined && periodDays !== undefined ? t('barter.bad-size') : undefined;
  };
  const isNothing = hasTried && giveUnits === 0n && wantUnits === 0n;
  return (
    <Dialog title={t('barter.propose-title')} onClose={onClose}>
      <form className="stack" onSubmit={(event) => void propose(event)}>
        <p className="quiet">{t('barter.propose-what')}</p>
        <Select
          label={t('barter.friend')}
          value={friend}
          options={friends.map(({ owner }) => ({ value: owner, label: labelOf(owner) }))}
          onChange={setFriend}
        />
        <div className="side-by-side">
          <Field
            label={t('barter.give-size')}
            hint={t('barter.size-hint')}
            value={give}
            onChange={setGive}
            problem={isNothing ? t('barter.nothing') : sizeProblem(give, giveUnits)}
          />
          <Field
            label={t('barter.want-size')}
            hint={t('barter.size-hint')}
            value={want}
            onChange={setWant}
            problem={sizeProblem(want, wantUnits)}
          />
          <Field
            label={t('barter.period')}
            value={period}
            onChange={setPeriod}
            problem={periodDays === undefined ? t('barter.bad-days') : undefined}
          />
        </div>
        <p className="small" role="status">
          {sum === 0n
            ? ''
            : t('barter.propose-means', {
                name,
                give: money.amount(giveUnits ?? 0n),
                want: money.amount(wantUnits ?? 0n, friend),
              })}
        </p>
        <Problem>{problem}</Problem>
        <div className="row end">
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" type="submit" disabled={busy}>
            {t('barter.propose-act', { name })}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
