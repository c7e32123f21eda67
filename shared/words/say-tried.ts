import type { TriedView } from '../contract/views.ts';
import { nameInSentence } from './short-name.ts';
import { say, type Translate } from './say.ts';

/** What a friend would be answered, in words; the same for the command line and the window. */
export function sayTried(t: Translate, { answer }: TriedView, friend: string): string {
  switch (answer.type) {
    case 'granted':
      return t(answer.class === 'borrowed' ? 'tried.lent' : 'tried.granted', {
        sizeBytes: answer.size,
        durationS: answer.ttl,
      });
    case 'counter':
      return t(answer.offer.class === 'borrowed' ? 'tried.counter-lent' : 'tried.counter', {
        sizeBytes: answer.offer.size,
        durationS: answer.offer.duration,
      });
    case 'pending':
      return t(`tried.pending-${answer.why}`, { name: nameInSentence(friend) });
    case 'denied':
      return t('tried.denied');
  }
}

/** The nearest miss says most; the steps say the rest. `undefined`: nothing was missing. */
export function sayTriedReason(t: Translate, { answer }: TriedView): string | undefined {
  const [reason] = 'reasons' in answer ? answer.reasons : [];
  if (reason === undefined) return undefined;
  const { code, params } = reason;
  return t('tried.because', { reason: say(t, { key: `denial.${code}`, params }) });
}
