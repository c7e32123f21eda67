import type { FriendView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { t } from '../state/words.ts';
import { Size } from '../ui/figures.tsx';

/** What I may use at a friend's place, as he said last. */
export function FriendThere({ friend }: { readonly friend: FriendView }) {
  const { there } = friend;
  const name = nameInSentence(friend.name);
  if (there === null) return <p className="quiet">{t('friend.there-unsaid', { name })}</p>;
  const { shareBytes, useBytes, mayAskBytes, asOfMs } = there;
  const hasNothing = BigInt(mayAskBytes) === 0n && BigInt(useBytes) === 0n;
  const facts = [
    ['friend.there-share', shareBytes],
    ['friend.there-use', useBytes],
    ['friend.there-may-ask', mayAskBytes],
  ] as const;
  return (
    <div className="stack tight">
      {hasNothing ? (
        <p>{t('friend.there-nothing', { name })}</p>
      ) : (
        <dl className="facts">
          {facts.map(([key, bytes]) => (
            <div key={key}>
              <dt>{t(key)}</dt>
              <dd>
                <Size bytes={bytes} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      <p className="small quiet">{t('friend.there-as-of', { name, asOfMs })}</p>
    </div>
  );
}
