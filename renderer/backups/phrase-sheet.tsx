import type { AppSnapshot } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { t } from '../state/words.ts';
import './phrase-sheet.css';

/**
 * The words in their order. On paper, where nothing else of the window is printed, with whose they are
 * and where a first friend can be found: a new computer knows nothing but what stands here.
 */
export function PhraseSheet({
  words,
  snapshot,
}: {
  readonly words: readonly string[];
  readonly snapshot: AppSnapshot;
}) {
  const { status, friends } = snapshot;
  const friend = friends.find(({ devices }) =>
    devices.some(({ addresses }) => addresses.length > 0),
  );
  const device = friend?.devices.find(({ addresses }) => addresses.length > 0);
  return (
    <div className="phrase-sheet">
      <div className="only-paper">
        <h1>{t('phrase.sheet-title', { name: nameInSentence(status.name, 60) })}</h1>
        <p>{t('phrase.sheet-what', { nowMs: Date.now() })}</p>
      </div>
      <ol className="phrase-words">
        {words.map((word, index) => (
          // A word can stand twice among them.
          <li key={index}>
            <span className="quiet numbers phrase-number">{index + 1}</span>
            <span className="strong">{word}</span>
          </li>
        ))}
      </ol>
      {friend === undefined || device === undefined ? null : (
        <div className="only-paper">
          <p>
            {t('phrase.sheet-friend', {
              name: nameInSentence(friend.name, 60),
              address: device.addresses.join(', '),
            })}
          </p>
          <p className="phrase-key">{device.device.match(/.{1,4}/g)?.join(' ')}</p>
        </div>
      )}
    </div>
  );
}
