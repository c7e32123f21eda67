import { type FormEvent, useState } from 'react';
import type { MintView, PurseView } from '../../shared/contract/barter-views.ts';
import type { FriendView } from '../../shared/contract/views.ts';
import type { FaultCode } from '../../shared/fault.ts';
import { sayOwner } from '../../shared/words/say-notes.ts';
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

const DAYS = '30';
/** Faults that are about how much. */
const OF_SIZE: ReadonlySet<FaultCode> = new Set(['over-issue', 'notes-short']);

type Common = {
  readonly friends: readonly FriendView[];
  readonly money: Money;
  readonly onClose: () => void;
};

/** Notes of mine as a present. */
export function GiveDialog({ mint, ...common }: Common & { readonly mint: MintView }) {
  return (
    <NotesDialog
      {...common}
      way="give"
      title={t('barter.give-title')}
      what={t('barter.give-what')}
      mostUnits={BigInt(mint.mayIssueUnits)}
      send={(call, friend, units) => call('barter.give', { friend, units })}
    />
  );
}

/** Notes of one friend to another, who can pay the first with them. */
export function SendDialog({ purse, ...common }: Common & { readonly purse: PurseView }) {
  const { issuer, units, heldUnits } = purse;
  const words = { name: sayOwner(t, issuer) };
  return (
    <NotesDialog
      {...common}
      way="send"
      // Whoever issued them needs none of them.
      friends={common.friends.filter(({ owner }) => owner !== issuer.owner)}
      issuer={issuer.owner}
      title={t('barter.send-title', words)}
      what={t('barter.send-what', words)}
      mostUnits={BigInt(units) - BigInt(heldUnits)}
      send={(call, friend, sent) =>
        call('barter.send', { friend, issuer: issuer.owner, units: sent })
      }
    />
  );
}

type Call = ReturnType<typeof useCall>['call'];

function NotesDialog({
  friends,
  money,
  onClose,
  way,
  title,
  what,
  mostUnits,
  issuer,
  send,
}: Common & {
  readonly way: 'give' | 'send';
  readonly title: string;
  readonly what: string;
  readonly mostUnits: bigint;
  /** Whose notes; mine where nobody is named. */
  readonly issuer?: string;
  readonly send: (call: Call, friend: string, units: string) => Promise<unknown>;
}) {
  const { call, busy, problem, fault } = useCall();
  const [friend, setFriend] = useState(friends[0]?.owner ?? '');
  const labelOf = labelsOf(friends);
  const [size, setSize] = useState('');
  const [days, setDays] = useState(DAYS);
  const [hasTried, setTried] = useState(false);
  const forDays = readWholeDays(days);
  const units = readUnits(size, forDays);
  const name = nameInSentence(friends.find(({ owner }) => owner === friend)?.name ?? '');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (units === undefined || units === 0n || units > mostUnits) return;
    if ((await send(call, friend, `${units}`)) !== undefined) onClose();
  };
  const isOfSize = fault !== undefined && OF_SIZE.has(fault.code);
  // Sent already, only not taken yet: another press would send as much again.
  const isUnderWay = fault?.code === 'notes-on-their-way';
  // The answer was lost with whoever would have given it, perhaps after everything was done.
  const isUnsure = fault?.code === 'not-running';
  const isEmpty = size.trim() === '' || units === 0n;
  const sizeProblem = isEmpty
    ? hasTried
      ? t('barter.no-size')
      : undefined
    : units === undefined
      ? forDays === undefined
        ? undefined
        : t('fault.bad-size')
      : units > mostUnits
        ? t(`barter.most-${way}`, { room: money.room(mostUnits, forDays) })
        : undefined;
  if (friends.length === 0)
    return (
      <Dialog title={title} onClose={onClose}>
        <p>{t('barter.nobody-else')}</p>
        <div className="row end">
          <Button onPress={onClose}>{t('ui.close')}</Button>
        </div>
      </Dialog>
    );
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <p className="quiet">{what}</p>
        <Select
          label={t('barter.to')}
          value={friend}
          options={friends.map(({ owner }) => ({ value: owner, label: labelOf(owner) }))}
          onChange={setFriend}
        />
        <div className="side-by-side">
          <Field
            label={t('barter.size')}
            hint={t('barter.size-example')}
            value={size}
            onChange={setSize}
            problem={sizeProblem ?? (isOfSize ? problem : undefined)}
          />
          <Field
            label={t('barter.days')}
            value={days}
            onChange={setDays}
            problem={forDays === undefined ? t('barter.bad-days') : undefined}
          />
        </div>
        <p className="small" role="status">
          {units === undefined || units === 0n
            ? ''
            : t('barter.means', { amount: money.amount(units, issuer) })}
        </p>
        {isUnderWay ? <p role="status">{problem}</p> : null}
        <Problem>
          {isUnsure ? t('barter.maybe-sent') : isOfSize || isUnderWay ? undefined : problem}
        </Problem>
        <div className="row end">
          <Button onPress={onClose}>{t(isUnderWay ? 'ui.close' : 'ui.cancel')}</Button>
          <Button look="primary" type="submit" disabled={busy || isUnderWay}>
            {t(`barter.${way}-act`, { name })}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
