import type { DenialReason } from '../../../../shared/model/allocate.ts';
import type { Friend } from '../../friends/friend-book.ts';
import type { Reply } from '../../ledger/ledger.ts';
import { fromReply } from '../replies.ts';
import type { Response } from '../router.ts';

/** The whole answer for a friend, and for everybody else what is theirs to know. */
export function toPerson({ relation }: Pick<Friend, 'relation'>, reply: Reply): Response {
  return relation === undefined ? fromReply(reply) : toGuest(reply);
}

/**
 * What somebody hears who is no friend: the same answer, without how it came about. How much room there is is told
 * as far as what speaks for him would let him have it, and no further.
 */
export function toGuest({ status, answer }: Reply): Response {
  if (answer.type === 'pending') return fromReply({ status, answer });
  if (answer.type === 'granted') return fromReply({ status, answer: { ...answer, steps: [] } });
  const mayAsk = `${answer.share?.mayAskBytes ?? 0n}`;
  const reasons = answer.reasons.map((reason) => withoutRoom(reason, mayAsk));
  return fromReply({ status, answer: { ...answer, reasons, steps: [] } });
}

function withoutRoom(reason: DenialReason, freeBytes: string): DenialReason {
  return reason.code === 'no-space' ? { ...reason, params: { freeBytes } } : reason;
}
