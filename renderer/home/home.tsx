import { useState } from 'react';
import type { AppSnapshot, Revisioned } from '../../shared/contract/views.ts';
import { say } from '../../shared/words/say.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Backups } from './backups.tsx';
import { Bed } from './bed.tsx';
import { Decisions } from './decisions.tsx';
import { Friends } from './friends.tsx';
import { OfferDialog } from './offer-dialog.tsx';
import './home.css';

/** Are my files safe, who uses my disk, what needs me. */
export function Home({
  snapshot,
  isOffline,
}: {
  readonly snapshot: Revisioned & AppSnapshot;
  readonly isOffline: boolean;
}) {
  const [offering, setOffering] = useState(false);
  const { status, offer, friends, decisions, pairings, sets, jobs, asOfMs } = snapshot;
  return (
    <main className="page">
      <header>
        <p className="mark">
          {t('ui.app')} · {status.name}
        </p>
        <div className="row between">
          <h1>{headline(snapshot)}</h1>
          <Button primary={offer === null} onPress={() => setOffering(true)}>
            {offer === null ? t('ui.offer-set') : t('ui.offer-change')}
          </Button>
        </div>
      </header>
      {isOffline ? (
        <p className="notice" role="status">
          {t('ui.offline', { asOfMs })}
        </p>
      ) : null}
      {status.warnings.map((warning) => (
        <p className="notice" key={warning.key}>
          {say(t, warning)}
        </p>
      ))}
      {offer === null ? null : <Bed offer={offer} friends={friends} asOfMs={asOfMs} />}
      <div className="columns">
        <div className="column">
          <Friends friends={friends} pairings={pairings} port={status.port} />
          <Backups sets={sets} jobs={jobs} />
        </div>
        <Decisions decisions={decisions} />
      </div>
      {offering ? <OfferDialog offer={offer} onClose={() => setOffering(false)} /> : null}
    </main>
  );
}

/** Home opens with a sentence, never with a number. */
function headline({ offer, pairings, status, friends, sets }: AppSnapshot): string {
  const knocking = pairings.find(({ began, state }) => began === 'there' && state === 'comparing');
  if (knocking !== undefined) return t('ui.asks-in', { name: knocking.name });
  const failing = sets.some(({ lastFault }) => lastFault !== null);
  const missing = status.warnings.some(({ key }) => key === 'warning.volume-missing');
  if (failing || missing) return t('ui.needs-you');
  if (offer === null && sets.length === 0) return t('ui.nothing-shared');
  return friends.length === 0 ? t('ui.no-friends') : t('ui.all-well');
}
