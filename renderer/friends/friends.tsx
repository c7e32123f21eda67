import { useState } from 'react';
import type { AppSnapshot, FriendView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { stateWords, usedWords } from '../bed/bed-words.ts';
import { layOutBed, type Stretch } from '../bed/bed-layout.ts';
import { href } from '../state/router.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Person } from '../ui/figures.tsx';
import { Empty } from '../ui/states.tsx';
import { AddByAddressDialog, AddFriendDialog } from '../pairing/add-friend.tsx';
import { Fill } from './fill.tsx';
import { GuestPolicy } from '../policy/guest-policy.tsx';
import { Guests, HeldVouchers } from '../introductions/guests.tsx';
import { IntroducedDialog } from '../introductions/introduced-dialog.tsx';
import { LeavingTag } from './leaving.tsx';
import { endingOf } from './losses.ts';
import { labelsOf } from './namesakes.ts';
import { Nearby } from '../pairing/nearby.tsx';
import { Pairings } from '../pairing/pairings.tsx';
import { PolicyForm } from '../policy/policy-form.tsx';
import { Presence } from './presence.tsx';
import './friends.css';

/** Who is a friend, who wants to be one, who is near, and how to add somebody. */
export function Friends({
  snapshot,
}: {
  readonly snapshot: AppSnapshot & { readonly asOfMs: number };
}) {
  const [adding, setAdding] = useState<'any' | 'address' | 'introduced'>();
  const close = () => setAdding(undefined);
  const { hosted, status, asOfMs } = snapshot;
  const friends = snapshot.friends.filter(({ departed }) => !departed);
  const labelOf = labelsOf(friends, 40);
  const { stretches } = layOutBed(
    { offerBytes: '1' },
    { friends, hosted },
    { width: 1000, nowMs: asOfMs },
  );
  const standing = new Map(stretches.map((stretch) => [stretch.owner, stretch]));
  return (
    <>
      <header className="page-head">
        <div className="row between">
          <h1>{t('friends.title')}</h1>
          <Button look="primary" onPress={() => setAdding('any')}>
            {t('friends.add')}
          </Button>
        </div>
        <p className="quiet">{addressWords(status)}</p>
      </header>
      <Pairings snapshot={snapshot} isCovered={adding !== undefined} />
      {friends.length === 0 ? (
        <Empty title={t('friends.empty-title')}>{t('friends.empty')}</Empty>
      ) : (
        <ul className="lines card" aria-label={t('friends.title')}>
          {friends.map((friend) => (
            <FriendLine
              key={friend.owner}
              friend={friend}
              label={labelOf(friend.owner)}
              nowMs={asOfMs}
              stretch={standing.get(friend.owner)}
            />
          ))}
        </ul>
      )}
      <Guests guests={snapshot.vouchers.guests} />
      <HeldVouchers held={snapshot.vouchers.held} />
      <section className="section" aria-labelledby="nearby-title">
        <div className="stack tight">
          <h2 id="nearby-title">{t('nearby.title')}</h2>
          <p className="small quiet">{t('nearby.about')}</p>
        </div>
        <Nearby snapshot={snapshot} />
        <div className="row">
          <Button onPress={() => setAdding('address')}>{t('friends.by-address')}</Button>
          <Button onPress={() => setAdding('introduced')}>{t('introductions.taking')}</Button>
        </div>
      </section>
      <section className="section" aria-labelledby="default-policy">
        <h2 id="default-policy">{t('policy.title-all')}</h2>
        <div className="card">
          <PolicyForm offer={snapshot.offer} />
        </div>
      </section>
      <section className="section" aria-labelledby="guests-policy">
        <h2 id="guests-policy">{t('guests.policy')}</h2>
        <div className="card">
          <GuestPolicy hasBarter={snapshot.settings.barter} />
        </div>
      </section>
      {adding === 'any' ? <AddFriendDialog snapshot={snapshot} onClose={close} /> : null}
      {adding === 'introduced' ? <IntroducedDialog owner={status.owner} onClose={close} /> : null}
      {adding === 'address' ? <AddByAddressDialog snapshot={snapshot} onClose={close} /> : null}
    </>
  );
}

/** What a friend must type; the likeliest address, the others where somebody looks for them. */
function addressWords({ port, addresses }: AppSnapshot['status']): string {
  if (port === null) return t('friends.not-listening');
  const [address] = addresses;
  return address === undefined
    ? t('friends.my-port', { port })
    : t('friends.my-address', { address });
}

function FriendLine({
  friend,
  label,
  nowMs,
  stretch,
}: {
  readonly friend: FriendView;
  readonly label: string;
  readonly nowMs: number;
  readonly stretch: Stretch | undefined;
}) {
  const { trouble, state } = friend.presence;
  // Whoever has ended it may well be there, but not for this device.
  const isThere = state !== 'online' || endingOf(friend, nowMs)?.by !== 'left';
  const isWarning = stretch?.state === 'full' || stretch?.state === 'damaged';
  return (
    <li className="friend-line">
      <div>
        <p className="row">
          <a className="friend-name" href={href({ page: 'friend', owner: friend.owner })}>
            <Person name={friend.name} label={label} />
          </a>
          <LeavingTag friend={friend} nowMs={nowMs} />
        </p>
        {isThere ? (
          <p className="small">
            <Presence friend={friend} nowMs={nowMs} />
          </p>
        ) : null}
        {trouble === 'wrong-key' || trouble === 'revoked' ? (
          <p className="small warn">
            {t(`presence.trouble-${trouble}`, { name: nameInSentence(friend.name) })}
          </p>
        ) : null}
        {/* That he is away was said above. */}
        {stretch?.state === 'away' ? null : (
          <p className={isWarning ? 'small warn' : 'small quiet'}>
            {stretch === undefined ? t('bed.state-empty') : stateWords(stretch)}
          </p>
        )}
      </div>
      <div>
        <Fill friend={friend} />
        <p className="small quiet numbers">{usedWords(friend)}</p>
      </div>
    </li>
  );
}
