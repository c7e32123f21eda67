import { describe, expect, it } from 'vitest';
import { createTranslator } from '../../../electron/headless/translator.ts';
import type { TriedView } from '../../../shared/contract/views.ts';
import type { TicketId } from '../../../shared/ids.ts';
import { sayTried, sayTriedReason } from '../../../shared/words/say-tried.ts';

const t = await createTranslator();
const DAY_S = 86_400;
const ticket = 'a'.repeat(26) as TicketId;

const waits = (why: 'queue' | 'owner-approval' | 'account-server'): TriedView => ({
  answer: { type: 'pending', ticket, pollAfter: 60, why },
  steps: [],
});
const offered = (plotClass: 'guaranteed' | 'borrowed'): TriedView => ({
  answer: {
    type: 'counter',
    offer: { size: '5000000000', duration: 7 * DAY_S, class: plotClass },
    validFor: 0,
    reasons: [{ code: 'size-too-big', ground: 'guard', params: { maxBytes: '5000000000' } }],
    share: { useBytes: '0', mayAskBytes: '0' },
    steps: [],
  },
  steps: [],
});

describe('what a friend would be answered, in words', () => {
  it('tells a loan from what is kept', () => {
    expect(sayTried(t, offered('guaranteed'), 'Ana')).toBe(
      'Not quite: 5 GB for 7 days would be offered instead.',
    );
    expect(sayTried(t, offered('borrowed'), 'Ana')).toContain('a loan of 5 GB for 7 days');
    expect(sayTriedReason(t, offered('borrowed'))).toBe(
      'The reason: at most 5 GB are given at once.',
    );
  });

  it('says what would be waited for, and needs no reason for it', () => {
    expect(sayTried(t, waits('queue'), 'Ana')).toContain('Ana would wait in line');
    expect(sayTried(t, waits('owner-approval'), 'Ana')).toContain('you would be asked first');
    expect(sayTried(t, waits('account-server'), 'Ana')).toContain('keeps the accounts');
    expect(sayTriedReason(t, waits('queue'))).toBeUndefined();
  });

  it('is a plain no where nothing is left', () => {
    const no: TriedView = {
      answer: {
        type: 'denied',
        reasons: [{ code: 'not-yet-shared', ground: 'fair-share', params: {} }],
        final: false,
        steps: [],
      },
      steps: [],
    };
    expect(sayTried(t, no, 'Ana')).toBe('No.');
    expect(sayTriedReason(t, no)).toContain('nobody has said yet how much');
  });
});
