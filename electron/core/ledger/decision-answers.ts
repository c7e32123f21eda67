import { assert, assertNever } from '../../../shared/assert.ts';
import { denials } from '../../../shared/denial.ts';
import type { PlotId, TicketId } from '../../../shared/ids.ts';
import type { Answer, Granted, ShareState, Step } from '../../../shared/model/allocate.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import { termsOf } from '../../../shared/model/plot.ts';
import type { Decision } from '../../../shared/policy/decision.ts';
import { RETRY_AFTER_S } from './decision-log.ts';

/** From decisions to the messages that say them (design §3.1). */

/** A counter-offer holds no room; it is only as good as the next minutes are quiet. */
const COUNTER_VALID_S = 600;

/** Rooms come back when leases end, owners answer within hours: neither in a minute. */
const POLL_AFTER_S = { queue: 600, 'owner-approval': 60 } as const;

export function pendingAnswer(ticket: TicketId, why: keyof typeof POLL_AFTER_S): Answer {
  return { type: 'pending', ticket, pollAfter: POLL_AFTER_S[why], why };
}

export function grantAnswer(terms: {
  readonly plot: PlotId;
  readonly sizeBytes: bigint;
  readonly class: 'guaranteed' | 'borrowed';
  readonly leaseS: number;
  readonly moment: Moment;
  readonly receipt: Granted['receipt'];
  readonly share: ShareState;
  readonly steps: readonly Step[];
}): Granted {
  return {
    type: 'granted',
    plot: terms.plot,
    size: terms.sizeBytes,
    class: terms.class,
    ttl: terms.leaseS,
    expiresAt: new Date(terms.moment.nowMs + terms.leaseS * 1000).toISOString(),
    serverTime: new Date(terms.moment.nowMs).toISOString(),
    grace: termsOf(terms.class).graceS,
    renewFrom: termsOf(terms.class).renewFromS,
    share: terms.share,
    steps: [...terms.steps],
    receipt: terms.receipt,
  };
}

/** What is said to a decision that is no grant and does not wait. */
export function refusal(decision: Extract<Decision, { type: 'counter' | 'denial' }>): Answer {
  const common = {
    reasons: [...decision.reasons],
    share: decision.share,
    steps: [...decision.steps],
  };
  switch (decision.type) {
    case 'counter':
      return {
        type: 'counter',
        offer: { size: decision.sizeBytes, duration: decision.durationS, class: decision.class },
        validFor: COUNTER_VALID_S,
        ...common,
      };
    case 'denial':
      return {
        type: 'denied',
        final: decision.final,
        ...(decision.final ? {} : { retryAfter: RETRY_AFTER_S }),
        ...common,
      };
    default:
      return assertNever(decision);
  }
}

export function statusOf(answer: Answer): number {
  if (answer.type !== 'denied') return 200;
  const [nearest] = answer.reasons;
  assert(nearest !== undefined, 'a denial has a reason');
  return denials[nearest.code].status;
}
