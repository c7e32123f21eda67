import { DAY_MS } from '../../shared/units.ts';
import { type FormEvent, useState } from 'react';
import type { FriendView } from '../../shared/contract/views.ts';
import { nameInSentence, shortName } from '../../shared/words/short-name.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Choice } from '../ui/choice.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Problem } from '../ui/problem.tsx';
import type { Losses } from './losses.ts';

/** The first is what people part with in peace: time to fetch what is theirs. */
const DAYS = ['30', '7', '90', '0'] as const;
type Days = (typeof DAYS)[number];
const SETS_MAX = 4;

/** What ending it means for both, in bytes, before anything ends. */
export function LeaveDialog({
  friend,
  losses,
  nowMs,
  onClose,
}: {
  readonly friend: FriendView;
  readonly losses: Losses;
  readonly nowMs: number;
  readonly onClose: () => void;
}) {
  const [days, setDays] = useState<Days>('30');
  const [typed, setTyped] = useState('');
  const { call, busy, problem } = useCall();
  const name = nameInSentence(friend.name);
  // As it stands on the screen: nobody can type what was cut off or left out.
  const shown = shortName(friend.name, NAME_MAX);
  const isNow = days === '0';
  const isSure = !isNow || typed.trim().toLowerCase() === shown.toLowerCase();
  const writtenBytes = `${losses.theirBytes}`;
  const atMs = nowMs + Number(days) * DAY_MS;
  const leave = async (event: FormEvent) => {
    event.preventDefault();
    if (!isSure) return;
    const left = await call('friends.leave', {
      friend: friend.owner,
      days: Number(days),
      ...(isNow ? { name: friend.name } : {}),
    });
    if (left !== undefined) onClose();
  };
  return (
    <Dialog title={t('leaving.title', { name })} onClose={onClose} role="alertdialog">
      <form className="stack" onSubmit={(event) => void leave(event)}>
        <Theirs name={name} days={days} writtenBytes={losses.theirBytes} />
        <Mine name={name} losses={losses} />
        <Choice<Days>
          label={t('leaving.when')}
          value={days}
          options={DAYS.map((value) => ({
            value,
            label: value === '0' ? t('leaving.now') : t('leaving.days', { count: Number(value) }),
            ...(value === days
              ? { hint: t(isNow ? 'leaving.now-hint' : 'leaving.days-hint', { atMs }) }
              : {}),
          }))}
          onChange={setDays}
        />
        {isNow ? (
          <Field
            label={t('leaving.type-name', { name: shown })}
            value={typed}
            onChange={setTyped}
            autoFocus
          />
        ) : null}
        <Problem>{problem}</Problem>
        <div className="row end">
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button look="danger" type="submit" disabled={busy || !isSure}>
            {!isNow
              ? t('leaving.act', { atMs })
              : losses.theirBytes === 0n
                ? t('leaving.act-now-nothing')
                : t('leaving.act-now', { writtenBytes })}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

const NAME_MAX = 40;

function Theirs({
  name,
  days,
  writtenBytes,
}: {
  readonly name: string;
  readonly days: Days;
  readonly writtenBytes: bigint;
}) {
  const params = { name, writtenBytes: `${writtenBytes}`, count: Number(days) };
  return (
    <div className="stack tight">
      <h3>{t('leaving.theirs', { name })}</h3>
      <p className={days === '0' && writtenBytes > 0n ? 'warn' : ''} role="status">
        {writtenBytes === 0n
          ? t('leaving.theirs-nothing', params)
          : t(days === '0' ? 'leaving.theirs-now' : 'leaving.theirs-days', params)}
      </p>
    </div>
  );
}

function Mine({ name, losses }: { readonly name: string; readonly losses: Losses }) {
  const { sets, myBytes } = losses;
  const more = sets.length - SETS_MAX;
  return (
    <div className="stack tight">
      <h3>{t('leaving.mine', { name })}</h3>
      {myBytes === 0n && sets.length === 0 ? (
        <p>{t('leaving.mine-nothing', { name })}</p>
      ) : (
        <>
          <p>{t('leaving.mine-some', { name, writtenBytes: `${myBytes}` })}</p>
          <ul className="stack tight">
            {sets.slice(0, SETS_MAX).map(({ set, otherCopies }) => (
              <li key={set} className={otherCopies === 0 ? 'warn' : ''}>
                {otherCopies === 0
                  ? t('leaving.mine-only', { set: nameInSentence(set, 40) })
                  : t('leaving.mine-copy', { set: nameInSentence(set, 40), count: otherCopies })}
              </li>
            ))}
            {more > 0 ? <li>{t('leaving.mine-more', { count: more })}</li> : null}
          </ul>
        </>
      )}
    </div>
  );
}
