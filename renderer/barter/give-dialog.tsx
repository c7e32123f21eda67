import { type FormEvent, useState } from 'react';
import type { MintView, PurseView } from '../../shared/contract/barter-views.ts';
import type { FriendView } from '../../shared/contract/views.ts';
import type { Fault, FaultCode } from '../../shared/fault.ts';
import { sayOwner } from '../../shared/words/say-notes.ts';
import { nameInSentence, shortName } from '../../shared/words/short-name.ts';
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
  const { call, ...state } = useCall();
  return (
    <NotesDialog
      {...common}
      {...state}
      title={t('barter.give-title')}
      what={t('barter.give-what')}
      act={(name) => t('barter.give-act', { name })}
      most={{ units: BigInt(mint.mayIssueUnits), words: 'barter.most-give' }}
      onSend={async (friend, units) => (await call('barter.give', { friend, units })) !== undefined}
    />
  );
}

/** Notes of one friend to another, who can pay the first with them. */
export function SendDialog({ purse, ...common }: Common & { readonly purse: PurseView }) {
  const { call, ...state } = useCall();
  const { issuer, units, heldUnits } = purse;
  const words = { name: sayOwner(t, issuer) };
  return (
    <NotesDialog
      {...common}
      {...state}
      // Whoever issued them needs none of them.
      friends={common.friends.filter(({ owner }) => owner !== issuer.owner)}
      issuer={issuer.owner}
      title={t('barter.send-title', words)}
      what={t('barter.send-what', words)}
      act={(name) => t('barter.send-act', { name })}
      most={{ units: BigInt(units) - BigInt(heldUnits), words: 'barter.most-send' }}
      onSend={async (friend, sent) =>
        (await call('barter.send', { friend, issuer: issuer.owner, units: sent })) !== undefined
      }
    />
  );
}

function NotesDialog({
  friends,
  money,
  onClose,
  busy,
  problem,
  fault,
  title,
  what,
  act,
  most,
  issuer,
  onSend,
}: Common & {
  readonly busy: boolean;
  readonly problem: string | undefined;
  readonly fault: Fault | undefined;
  readonly title: string;
  readonly what: string;
  readonly act: (name: string) => string;
  readonly most: {
    readonly units: bigint;
    readonly words: 'barter.most-give' | 'barter.most-send';
  };
  /** Whose notes; mine where nobody is named. */
  readonly issuer?: string;
  readonly onSend: (friend: string, units: string) => Promise<boolean>;
}) {
  const [friend, setFriend] = useState(friends[0]?.owner ?? '');
  const [size, setSize] = useState('');
  const [days, setDays] = useState(DAYS);
  const [hasTried, setTried] = useState(false);
  const forDays = readWholeDays(days);
  const units = readUnits(size, forDays);
  const name = nameInSentence(friends.find(({ owner }) => owner === friend)?.name ?? '');
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (units === undefined || units === 0n || units > most.units) return;
    if (await onSend(friend, `${units}`)) onClose();
  };
  const isOfSize = fault !== undefined && OF_SIZE.has(fault.code);
  const isEmpty = size.trim() === '' || units === 0n;
  const sizeProblem = isEmpty
    ? hasTried
      ? t('barter.no-size')
      : undefined
    : units === undefined
      ? forDays === undefined
        ? undefined
        : t('fault.bad-size')
      : units > most.units
        ? t(most.words, { room: money.room(most.units, forDays) })
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
      <form className="stack" onSubmit={(event) => void send(event)}>
        <p className="quiet">{what}</p>
        <Select
          label={t('barter.friend')}
          value={friend}
          options={friends.map((each) => ({ value: each.owner, label: shortName(each.name) }))}
          onChange={setFriend}
        />
        <div className="side-by-side">
          <Field
            label={t('barter.size')}
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
        <Problem>{isOfSize ? undefined : problem}</Problem>
        <div className="row end">
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" type="submit" disabled={busy}>
            {act(name)}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
