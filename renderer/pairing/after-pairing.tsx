import { friendly } from '../friends/friendly.ts';
import { useState } from 'react';
import type { AppSnapshot, FriendView, PairingView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { PhraseDialog, SetDialog } from '../backups/dialogs-later.ts';
import { OfferDialog } from '../home/offer-dialog.tsx';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { answered, pairedWith, type Question } from './pairing-answers.ts';
import { PolicyForm } from '../policy/policy-form.tsx';

/**
 * The two questions after a pairing, one after the other, each to be skipped: giving space and asking for
 * some are two things (design §5).
 */
export function AfterPairing({
  pairing,
  question,
  count,
  snapshot,
}: {
  readonly pairing: PairingView;
  /** The next one that is open. */
  readonly question: Question | undefined;
  /** How many are asked here. */
  readonly count: number;
  readonly snapshot: AppSnapshot;
}) {
  const friend = pairedWith(pairing, snapshot.friends);
  if (friend === undefined || question === undefined) return null;
  const name = nameInSentence(friend.name);
  const { id } = pairing;
  return (
    <article className="card acts stack" aria-label={t('pairing.paired', { name })} tabIndex={-1}>
      <p className="small quiet" role="status">
        {t('pairing.paired', { name })}
        {count === 1
          ? ''
          : ` · ${t('pairing.step', { number: question === 'space' ? 1 : 2, count })}`}
      </p>
      {question === 'space' ? (
        <HowMuch friend={friend} offer={snapshot.offer} onDone={() => answered('space', id)} />
      ) : (
        <AskBack friend={friend} snapshot={snapshot} onDone={() => answered('asked', id)} />
      )}
    </article>
  );
}

function HowMuch({
  friend,
  offer,
  onDone,
}: {
  readonly friend: FriendView;
  readonly offer: AppSnapshot['offer'];
  readonly onDone: () => void;
}) {
  const [offering, setOffering] = useState(false);
  const name = nameInSentence(friend.name);
  const skip = (
    <Button look="link" onPress={onDone}>
      {t('pairing.later-here')}
    </Button>
  );
  return (
    <div className="stack">
      <p className="strong">{t('policy.title', { friend: name })}</p>
      {offer === null ? (
        <>
          <p>{t('pairing.offer-first', { name })}</p>
          <div className="row">
            <Button look="primary" onPress={() => setOffering(true)}>
              {t('pairing.offer-first-act')}
            </Button>
            {skip}
          </div>
          {offering ? <OfferDialog offer={offer} onClose={() => setOffering(false)} /> : null}
        </>
      ) : (
        <PolicyForm
          friend={friend}
          offer={offer}
          compact
          suggested={{ kind: 'fair', weight: '1' }}
          beside={skip}
          onDone={onDone}
        />
      )}
    </div>
  );
}

function AskBack({
  friend,
  snapshot,
  onDone,
}: {
  readonly friend: FriendView;
  readonly snapshot: AppSnapshot;
  readonly onDone: () => void;
}) {
  const [asking, setAsking] = useState<'phrase' | 'set'>();
  const { status, friends } = snapshot;
  const name = nameInSentence(friend.name);
  return (
    <div className="stack">
      <p className="strong">{t('pairing.ask-title', { name })}</p>
      <p role="status">{thereWords(friend, name)}</p>
      <div className="row">
        <Button look="primary" onPress={() => setAsking(status.phraseSaved ? 'set' : 'phrase')}>
          {t('pairing.ask-act')}
        </Button>
        <Button look="link" onPress={onDone}>
          {t('pairing.ask-later')}
        </Button>
      </div>
      {asking === 'phrase' ? (
        <PhraseDialog
          isFirst
          onDone={() => setAsking('set')}
          onClose={() => setAsking(undefined)}
        />
      ) : null}
      {asking === 'set' ? (
        <SetDialog
          friends={friendly(friends)}
          chosen={friend.owner}
          onClose={() => setAsking(undefined)}
          onMade={onDone}
        />
      ) : null}
    </div>
  );
}

function thereWords({ there }: FriendView, name: string): string {
  if (there === null) return t('pairing.ask-unsaid', { name });
  return BigInt(there.mayAskBytes) === 0n
    ? t('pairing.ask-nothing', { name })
    : t('pairing.ask-may', { name, mayAskBytes: there.mayAskBytes });
}
