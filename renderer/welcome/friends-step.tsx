import { useEffect, useRef } from 'react';
import type { FriendView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { AddFriendForm } from '../friends/add-friend.tsx';
import { Comparing, PairingEnded } from '../friends/comparing.tsx';
import { OwnAddress } from '../settings/own-address.tsx';
import { announcer } from '../state/announce.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Person, When } from '../ui/figures.tsx';
import { StepActs } from './step-acts.tsx';
import type { StepProps } from './welcome.tsx';

const OPEN: ReadonlySet<string> = new Set(['comparing', 'confirmed-here']);
const ENDED: ReadonlySet<string> = new Set(['rejected', 'expired', 'failed']);

/** One of the two calls the other; it doesn't matter which. */
export function FriendsStep({ snapshot, onBack, onNext }: StepProps) {
  const { status, pairings, friends } = snapshot;
  const open = pairings.filter(({ state }) => OPEN.has(state));
  const ended = pairings.filter(({ state }) => ENDED.has(state));
  const present = friends.filter(({ departed }) => !departed);
  const comparing = useRef<HTMLDivElement>(null);
  const { id, began, name = '' } = open[0] ?? {};
  useEffect(() => {
    // Whoever called looks for the digits now; whoever is called may be typing.
    if (began === 'here') comparing.current?.focus();
    if (began === 'there') announcer.announce(t('pairing.asks', { name: nameInSentence(name) }));
  }, [id, began, name]);
  return (
    <div className="stack welcome-step">
      <p>{t('welcome.friends-what')}</p>
      {open.length === 0 ? null : (
        <div ref={comparing} className="stack" tabIndex={-1}>
          {open.map((pairing) => (
            <Comparing key={pairing.id} pairing={pairing} />
          ))}
        </div>
      )}
      {ended.map((pairing) => (
        <PairingEnded key={pairing.id} pairing={pairing} />
      ))}
      {present.length === 0 ? null : <Paired friends={present} />}
      <section className="card stack tight" aria-labelledby="welcome-address">
        <h2 id="welcome-address">{t('welcome.address')}</h2>
        <OwnAddress status={status} />
      </section>
      <section className="card stack tight" aria-labelledby="welcome-add">
        <h2 id="welcome-add">{t('welcome.add')}</h2>
        <AddFriendForm onCalled={() => undefined} autoFocus={false} />
      </section>
      <p className="hint">{t('welcome.reach')}</p>
      <StepActs onBack={onBack}>
        <Button look="primary" onPress={onNext}>
          {t(present.length === 0 ? 'welcome.later' : 'welcome.next')}
        </Button>
      </StepActs>
    </div>
  );
}

function Paired({ friends }: { readonly friends: readonly FriendView[] }) {
  return (
    <section className="card stack tight" aria-labelledby="welcome-paired">
      <h2 id="welcome-paired">{t('welcome.paired')}</h2>
      <ul className="lines">
        {friends.map(({ owner, name, sinceMs }) => (
          <li key={owner} className="row between">
            <strong>
              <Person name={name} max={40} />
            </strong>
            <span className="small quiet">
              {t('friend.since')} <When ms={sinceMs} time={false} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
