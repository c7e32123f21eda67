import type { RecoverySheetView } from '../../shared/contract/backup-views.ts';
import { nameInSentence, tameText } from '../../shared/words/short-name.ts';
import { inGroups } from '../pairing/machine.tsx';
import { listed, t } from '../state/words.ts';
import './phrase-sheet.css';

/**
 * What a person needs on the day this computer is gone, on paper: the words in their order, if they can still be
 * shown, whose they are, where friends are found and by which key they are known, what is kept, and what to
 * do. A new computer knows nothing but what stands here.
 */
export function PhraseSheet({
  words,
  sheet,
  isRead = false,
}: {
  readonly words: readonly string[] | null;
  /** Absent: it could not be had. The words are printed all the same. */
  readonly sheet: RecoverySheetView | undefined;
  /** Everything is to be seen on the screen too, and not only the words. */
  readonly isRead?: boolean;
}) {
  const paper = isRead ? 'sheet-part' : 'sheet-part only-paper';
  return (
    <div className="phrase-sheet">
      {sheet === undefined ? null : (
        <div className={paper}>
          <p className="sheet-title">
            {t('sheet.title', { name: nameInSentence(sheet.name, 60) })}
          </p>
          <p>{t(words === null ? 'sheet.what-without' : 'sheet.what', { madeMs: sheet.madeMs })}</p>
        </div>
      )}
      {words === null ? (
        <p className={`${paper} sheet-line`}>{t('sheet.words-elsewhere')}</p>
      ) : (
        <ol className="phrase-words">
          {words.map((word, index) => (
            // A word can stand twice among them.
            <li key={index}>
              <span className="quiet numbers phrase-number">{index + 1}</span>
              <span className="strong">{word}</span>
            </li>
          ))}
        </ol>
      )}
      {sheet === undefined ? null : (
        <div className={paper}>
          <Steps />
          <Friends friends={sheet.friends} />
          <Sets sets={sheet.sets} />
          <p>
            {t('sheet.instance')} <bdi className="phrase-key">{onPaper(sheet.instance)}</bdi>
          </p>
        </div>
      )}
    </div>
  );
}

const STEPS = ['install', 'words', 'address', 'wait', 'restore'] as const;

function Steps() {
  return (
    <>
      <h3>{t('sheet.steps')}</h3>
      <ol className="sheet-steps">
        {STEPS.map((step) => (
          <li key={step}>{t(`sheet.step-${step}`)}</li>
        ))}
      </ol>
    </>
  );
}

function Friends({ friends }: Pick<RecoverySheetView, 'friends'>) {
  return (
    <>
      <h3>{t('sheet.friends')}</h3>
      {friends.length === 0 ? <p>{t('sheet.no-friends')}</p> : null}
      <ul className="sheet-list">
        {friends.map(({ device, name, addresses, keepsSets }) => (
          <li key={device}>
            <p>
              <strong>{nameInSentence(name, 60)}</strong>{' '}
              {addresses.length === 0 ? t('sheet.no-address') : addresses.join(', ')}
            </p>
            <p>
              {t('sheet.key')} <bdi className="phrase-key">{onPaper(device)}</bdi>
            </p>
            {keepsSets.length === 0 ? null : <p>{t('sheet.keeps', { sets: listed(keepsSets) })}</p>}
          </li>
        ))}
      </ul>
    </>
  );
}

function Sets({ sets }: Pick<RecoverySheetView, 'sets'>) {
  return (
    <>
      <h3>{t('sheet.sets')}</h3>
      {sets.length === 0 ? <p>{t('sheet.no-sets')}</p> : null}
      <ul className="sheet-list">
        {sets.map(({ name, folders }) => (
          <li key={name}>
            <strong>{name}</strong> {folders.map((folder) => tameText(folder, 300)).join(', ')}
          </li>
        ))}
      </ul>
    </>
  );
}

/** Easier to read off a paper and to type. */
function onPaper(key: string): string {
  return inGroups(key, 4).join(' ');
}
