import type { FriendView, PairingView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { answered } from './pairing-answers.ts';
import { KeyTail, Machine } from './machine.tsx';

/** That a friend's other device was taken in: there is nothing to ask, but whoever compared wants to know. */
export function FurtherDevice({
  pairing: { id, name, kind, tail },
  friend,
}: {
  readonly pairing: PairingView;
  readonly friend: FriendView;
}) {
  const words = { name: nameInSentence(name), friend: nameInSentence(friend.name) };
  const said = t('pairing.paired-device', words);
  return (
    <article className="card stack" aria-label={said} tabIndex={-1}>
      <div className="stack tight" role="status">
        <p>{said}</p>
        <p className="row small quiet device-line">
          <Machine kind={kind} />
          <KeyTail tail={tail} />
        </p>
      </div>
      <div className="row">
        <Button
          look="link"
          label={t('pairing.put-away-what', { name: words.name })}
          onPress={() => answered('putAway', id)}
        >
          {t('pairing.put-away')}
        </Button>
      </div>
    </article>
  );
}
