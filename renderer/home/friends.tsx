import { type FormEvent, useState } from 'react';
import type { AppSnapshot, FriendView, PairingView } from '../../shared/contract/views.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';

/** Who shares here, who knocks, and how to add somebody. */
export function Friends({
  friends,
  pairings,
  port,
}: {
  readonly friends: AppSnapshot['friends'];
  readonly pairings: AppSnapshot['pairings'];
  readonly port: number | null;
}) {
  const [adding, setAdding] = useState(false);
  const open = pairings.filter(({ state }) => state === 'comparing' || state === 'confirmed-here');
  return (
    <section aria-labelledby="friends-title" className="card">
      <div className="row between">
        <h2 id="friends-title">{t('ui.friends')}</h2>
        <Button onPress={() => setAdding(true)}>{t('ui.friend-add')}</Button>
      </div>
      {open.map((pairing) => (
        <Compare key={pairing.id} pairing={pairing} />
      ))}
      {friends.length === 0 ? <p className="quiet">{t('ui.friends-empty')}</p> : null}
      <ul className="plain">
        {friends.map((friend) => (
          <FriendLine key={friend.owner} friend={friend} />
        ))}
      </ul>
      {port === null ? null : <p className="quiet small">{t('ui.address-mine', { port })}</p>}
      {adding ? <AddFriend onClose={() => setAdding(false)} /> : null}
    </section>
  );
}

function FriendLine({ friend }: { readonly friend: FriendView }) {
  const { call, busy, problem } = useCall();
  const { name, here } = friend;
  const give = () =>
    void call('policy.set', {
      friend: friend.owner,
      policy: { guards: {}, grounds: [{ kind: 'fair-share', weight: 1 }] },
    });
  return (
    <li>
      <div className="row between">
        <strong>{name}</strong>
        <span className="quiet numbers">
          {here.shareBytes === null
            ? t('ui.bed-line-open', { ...here })
            : t('ui.bed-line', { ...here })}
        </span>
      </div>
      {here.weight === 0 ? (
        <div className="row">
          <span>{t('ui.weight-title', { name })}</span>
          <Button primary disabled={busy} onPress={give}>
            {t('ui.weight-give')}
          </Button>
        </div>
      ) : null}
      {problem === undefined ? null : <p className="fault">{problem}</p>}
    </li>
  );
}

function AddFriend({ onClose }: { readonly onClose: () => void }) {
  const [address, setAddress] = useState('');
  const { call, busy, problem } = useCall();
  const start = async (event: FormEvent) => {
    event.preventDefault();
    const begun = await call('pairings.start', { address });
    if (begun !== undefined) onClose();
  };
  return (
    <Dialog title={t('ui.friend-add')} onClose={onClose}>
      <form className="stack" onSubmit={(event) => void start(event)}>
        <Field
          label={t('ui.friend-address')}
          hint={t('ui.friend-address-hint')}
          value={address}
          onChange={setAddress}
        />
        {problem === undefined ? null : (
          <p className="fault" role="alert">
            {problem}
          </p>
        )}
        <div className="row end">
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button primary type="submit" disabled={address.trim() === '' || busy}>
            {t('ui.friend-call')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Here both people see the digits; "the same" confirms with the digits of this very screen. */
function Compare({ pairing }: { readonly pairing: PairingView }) {
  const { call, busy, problem } = useCall();
  const { id, name, digits, state, leftS } = pairing;
  return (
    <div className="compare" role="group" aria-label={t('ui.pair-title', { name })}>
      <h3>
        {state === 'confirmed-here' ? t('ui.pair-waiting', { name }) : t('ui.pair-title', { name })}
      </h3>
      <p className="digits numbers">
        {digits === null ? '…' : `${digits.slice(0, 3)} ${digits.slice(3)}`}
      </p>
      <p>{t('ui.pair-say', { name })}</p>
      <div className="row">
        <Button
          primary
          disabled={busy || digits === null || state === 'confirmed-here'}
          onPress={() => void call('pairings.confirm', { id, code: digits ?? '' })}
        >
          {t('ui.pair-same')}
        </Button>
        <Button disabled={busy} onPress={() => void call('pairings.reject', { id })}>
          {t('ui.pair-differ')}
        </Button>
        <span className="quiet small">{t('ui.pair-left', { leftS })}</span>
      </div>
      {problem === undefined ? null : <p className="fault">{problem}</p>}
    </div>
  );
}
