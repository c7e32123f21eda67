import { useState } from 'react';
import type { AppSnapshot, Revisioned } from '../../shared/contract/views.ts';
import { say, sayNotice } from '../../shared/words/say.ts';
import { Restores } from '../backups/restores.tsx';
import { worstFirst } from '../backups/safety.ts';
import { Bed } from '../bed/bed.tsx';
import { AddFriendDialog } from '../pairing/add-friend.tsx';
import { isCalling } from '../pairing/pairing-states.ts';
import { pendingHere } from '../friends/lending.ts';
import { InLine } from '../friends/requests.tsx';
import { History } from '../history/history-chart.tsx';
import { href } from '../state/router.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Empty } from '../ui/states.tsx';
import { type Mood, moodOf } from './mood.ts';
import { NeedsYou } from './needs-you.tsx';
import { OfferDialog } from './offer-dialog.tsx';
import { SpacePanel } from './space-panel.tsx';
import { SetCards } from './set-cards.tsx';
import './home.css';

/** Are my files safe, who uses my disk, what needs me. */
export function Home({ snapshot }: { readonly snapshot: Revisioned & AppSnapshot }) {
  const [asking, setAsking] = useState<'offer' | 'friend'>();
  const { offer, friends, hosted, sets, jobs, asOfMs } = snapshot;
  const { title, body } = sayMood(moodOf(snapshot));
  const close = () => setAsking(undefined);
  return (
    <>
      <header className="page-head">
        <h1>{title}</h1>
        <p className="quiet">{body}</p>
        {/* Two minutes are short, and what is kept may fill the screen: there they are at the top. */}
        {snapshot.pairings.some(isCalling) ? (
          <p>
            <a href={href({ page: 'friends' })}>{t('pairing.compare')}</a>
          </p>
        ) : null}
      </header>
      <Restores restores={snapshot.restores} />
      {sets.length === 0 ? null : <SetCards sets={worstFirst(sets)} jobs={jobs} />}
      {offer === null ? (
        <section className="section" aria-labelledby="offer-title">
          <h2 id="offer-title">{t('bed.title')}</h2>
          <Empty
            title={t('home.offer-empty-title')}
            action={
              <Button look="primary" onPress={() => setAsking('offer')}>
                {t('offer.begin')}
              </Button>
            }
          >
            {t('home.offer-empty')}
          </Empty>
        </section>
      ) : (
        <Bed
          offer={offer}
          friends={friends}
          hosted={hosted}
          nowMs={asOfMs}
          onAddFriend={() => setAsking('friend')}
          onChangeOffer={() => setAsking('offer')}
        />
      )}
      {offer === null ? null : <SpacePanel />}
      <NeedsYou snapshot={snapshot} isCovered={asking !== undefined} />
      <InLine requests={pendingHere(snapshot).inLine} hosted={hosted} nowMs={asOfMs} />
      {offer === null ? null : <History />}
      {asking === 'offer' ? <OfferDialog offer={offer} onClose={close} /> : null}
      {asking === 'friend' ? <AddFriendDialog snapshot={snapshot} onClose={close} /> : null}
    </>
  );
}

function sayMood(mood: Mood): { readonly title: string; readonly body: string } {
  if (mood.notice !== undefined) return sayNotice(t, mood.notice);
  return { title: say(t, mood.title), body: say(t, mood.more) };
}
