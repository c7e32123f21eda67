import { PURPOSE_CHARS_MAX } from '../../shared/model/bounds.ts';
import { shortName } from '../../shared/words/short-name.ts';
import { t } from '../state/words.ts';

/** What a friend says it is for; whatever came is shown as one line of inert text. */
export function Purpose({
  words,
  small = false,
}: {
  readonly words: string | null;
  readonly small?: boolean;
}) {
  if (words === null || words === '') return null;
  return (
    <p className={small ? 'small' : undefined}>
      <span className="quiet">{t('activity.purpose')}</span>{' '}
      <q>
        <bdi>{shortName(words, PURPOSE_CHARS_MAX)}</bdi>
      </q>
    </p>
  );
}
