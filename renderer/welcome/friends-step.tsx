import type { FriendView } from '../../shared/contract/views.ts';
import { AddFriendForm } from '../pairing/add-friend.tsx';
import { Nearby } from '../pairing/nearby.tsx';
import { Pairings } from '../pairing/pairings.tsx';
import { OwnAddress } from '../settings/own-address.tsx';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Person, When } from '../ui/figures.tsx';
import { StepActs } from './step-acts.tsx';
import type { StepProps } from './welcome.tsx';

/** One of the two calls the other; it doesn't matter which. */
export function FriendsStep({ snapshot, onBack, onNext }: StepProps) {
  const { status, friends } = snapshot;
  const present = friends.filter(({ departed }) => !departed);
  return (
    <div className="stack welcome-step">
      <p>{t('welcome.friends-what')}</p>
      <Pairings snapshot={snapshot} small />
      {present.length === 0 ? null : <Paired friends={present} />}
      <section className="stack tight" aria-labelledby="welcome-nearby">
        <h2 id="welcome-nearby">{t('nearby.title')}</h2>
        <Nearby snapshot={snapshot} small />
      </section>
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
