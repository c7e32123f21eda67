import { t } from '../state/words.ts';

/** How long a lease still runs, or for how long it has been over. */
export function leaseWords(leftS: number): string {
  return leftS > 0
    ? t('friend.lease-left', { leftS })
    : t('friend.lease-over', { overS: Math.max(1, -leftS) });
}
