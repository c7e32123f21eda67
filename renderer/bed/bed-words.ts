import type { FriendView } from '../../shared/contract/views.ts';
import { shortName } from '../../shared/words/short-name.ts';
import { size, t } from '../state/words.ts';
import type { Stretch } from './bed-layout.ts';

/** The bed in words: the same for labels, tooltips and the table behind it. */

/** "64 of 100 GB": the unit once where both have the same. What is lent is no part of a share. */
export function usedWords({ here }: FriendView): string {
  if (here.shareBytes === null) return t('bed.use-open', { ...here });
  const ownBytes = `${ownBytesOf(here)}`;
  const used = size(ownBytes);
  const share = size(here.shareBytes);
  const [figure, unit] = used.split(/\s/);
  // Nothing is nothing in every unit.
  const isSame = ownBytes === '0' || share.split(/\s/)[1] === unit;
  return t('bed.use', { used: isSame ? figure : used, share });
}

/** What is promised out of a friend's own share, also to others on his word: without what is lent to him. */
export function ownBytesOf({
  promisedBytes,
  lentBytes,
  vouchedBytes = '0',
}: Pick<FriendView['here'], 'promisedBytes' | 'lentBytes' | 'vouchedBytes'>): bigint {
  const own = BigInt(promisedBytes) + BigInt(vouchedBytes) - BigInt(lentBytes);
  return own > 0n ? own : 0n;
}

/** What there is to say below it: "share full", "away since Sunday". */
export function stateWords(stretch: Pick<Stretch, 'state' | 'friend' | 'lentBytes'>): string {
  const { state, friend, lentBytes } = stretch;
  const key = state === 'full' && lentBytes > 0n ? 'full-lent' : state;
  return t(`bed.state-${key}`, {
    lastContactMs: friend.lastContactMs,
    writtenBytes: friend.here.writtenBytes,
    lentBytes: `${lentBytes}`,
  });
}

export function stretchWords(stretch: Stretch): string {
  const name = shortName(stretch.friend.name);
  return `${name}: ${usedWords(stretch.friend)}, ${stateWords(stretch)}`;
}
