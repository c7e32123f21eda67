import type { FriendView } from '../../shared/contract/views.ts';
import { shortName } from '../../shared/words/short-name.ts';
import { t } from '../state/words.ts';
import type { Stretch } from './bed-layout.ts';

/** The bed in words: the same for labels, tooltips and the table behind it. */

/** "64 of 100 GB". */
export function usedWords({ here }: FriendView): string {
  return here.shareBytes === null ? t('bed.use-open', { ...here }) : t('bed.use', { ...here });
}

/** What there is to say below it: "share full", "away since Sunday". */
export function stateWords(stretch: Pick<Stretch, 'state' | 'friend' | 'lentBytes'>): string {
  const { state, friend, lentBytes } = stretch;
  return t(`bed.state-${state}`, {
    lastContactMs: friend.lastContactMs,
    writtenBytes: friend.here.writtenBytes,
    lentBytes: `${lentBytes}`,
  });
}

export function stretchWords(stretch: Stretch): string {
  const name = shortName(stretch.friend.name, 60);
  return `${name}: ${usedWords(stretch.friend)}, ${stateWords(stretch)}`;
}
