import type { FriendView } from '../../shared/contract/views.ts';
import { shortName } from '../../shared/words/short-name.ts';
import { size, t } from '../state/words.ts';
import type { Stretch } from './bed-layout.ts';

/** The bed in words: the same for labels, tooltips and the table behind it. */

/** "64 of 100 GB": the unit once where both have the same. */
export function usedWords({ here }: FriendView): string {
  if (here.shareBytes === null) return t('bed.use-open', { ...here });
  const used = size(here.promisedBytes);
  const share = size(here.shareBytes);
  const [figure, unit] = used.split(/\s/);
  // Nothing is nothing in every unit.
  const isSame = here.promisedBytes === '0' || share.split(/\s/)[1] === unit;
  return t('bed.use', { used: isSame ? figure : used, share });
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
  const name = shortName(stretch.friend.name);
  return `${name}: ${usedWords(stretch.friend)}, ${stateWords(stretch)}`;
}
