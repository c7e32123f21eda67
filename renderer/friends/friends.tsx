import { useState } from 'react';
import type { AppSnapshot, FriendView, PairingView } from '../../shared/contract/views.ts';
import { stateWords, usedWords } from '../bed/bed-words.ts';
import { layOutBed } from '../bed/bed-layout.ts';
import { href } from '../state/router.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Person } from '../ui/figures.tsx';
import { Empty } from '../ui/states.tsx';
import { AddFriendDialog } from './add-friend.tsx';
import { Comparing, PairingEnded } from './comparing.tsx';
import { Fill } from './fill.tsx';
import { PolicyForm } from './policy-form.tsx';
import './friends.css';

/** Who is a friend, who wants to be one, and how to add somebody. */
export function Friends({ snapshot }: { readonly snapshot: AppSnapshot & { asOfMs: number } }) {
  const [adding, setAdding] = useState(false);
  const { friends, hosted, pairings, status, asOfMs } = snapshot;
  const open = pairings.filter(isOpen);
  const ended = pairings.filter(({ state }) => ENDED.has(state));
  const { stretches } = layOutBed(
    { offerBytes: '1' },
    { friends, hosted },
    { width: 1000, nowMs: asOfMs },
  );
  return (
    <>
      <header className="page-head">
        <div className="row between">
          <h1>{t('friends.title')}</h1>
          <Button look={friends.length === 0 ? 'primary' : 'plain'} onPress={() => setAdding(true)}>
            {t('friends.add')}
          </Button>
        </div>
        <p className="quiet">{addressWords(status)}</p>
      </header>
      {open.length + ended.length === 0 ? null : (
        <section className="section" aria-labelledby="pairings-title">
          <h2 id="pairings-title" className="visually-hidden">
            {t('friends.pairings')}
          </h2>
          {open.map((pairing) => (
            <Comparing key={pairing.id} pairing={pairing} />
          ))}
          {ended.map((pairing) => (
            <PairingEnded key={pairing.id} pairing={pairing} />
          ))}
        </section>
      )}
      {friends.length === 0 ? (
        <Empty
          title={t('friends.empty-title')}
          action={
            <Button look="primary" onPress={() => setAdding(true)}>
              {t('friends.add')}
            </Button>
          }
        >
          {t('friends.empty')}
        </Empty>
      ) : (
        <ul className="lines card" aria-label={t('friends.title')}>
          {friends.map((friend) => {
            const stretch = stretches.find(({ owner }) => owner === friend.owner);
            return (
              <FriendLine
                key={friend.owner}
                friend={friend}
                state={stretch === undefined ? t('bed.state-empty') : stateWords(stretch)}
                isWarning={stretch?.state === 'full' || stretch?.state === 'damaged'}
              />
            );
          })}
        </ul>
      )}
      <section className="section" aria-labelledby="default-policy">
        <h2 id="default-policy">{t('policy.title-all')}</h2>
        <div className="card">
          <PolicyForm offer={snapshot.offer} />
        </div>
      </section>
      {adding ? <AddFriendDialog onClose={() => setAdding(false)} /> : null}
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

const ENDED: ReadonlySet<PairingView['state']> = new Set(['rejected', 'expired', 'failed']);

export function isOpen({ state }: PairingView): boolean {
  return state === 'comparing' || state === 'confirmed-here';
}

function FriendLine({
  friend,
  state,
  isWarning,
}: {
  readonly friend: FriendView;
  readonly state: string;
  readonly isWarning: boolean;
}) {
  return (
    <li className="friend-line">
      <div>
        <a className="friend-name" href={href({ page: 'friend', owner: friend.owner })}>
          <Person name={friend.name} max={40} />
        </a>
        <p className={isWarning ? 'small warn' : 'small quiet'}>{state}</p>
      </div>
      <div>
        <Fill friend={friend} />
        <p className="small quiet numbers">{usedWords(friend)}</p>
      </div>
    </li>
  );
}
