import { failed, type Result } from '../../../../shared/result.ts';
import type { Message, PeerSession } from './peer-client.ts';
import type { PeerFault } from './peer-fault.ts';

/** A message of a pairing is answered at once, or the line is no good. */
export const ANSWER_WITHIN_MS = 5000;

/**
 * For messages that a person waits for with a finger on "cancel": given up when the time is over or
 * the signal says so, also in the middle of connecting, which a request by itself would sit out.
 */
export async function sendSoon<T>(
  session: PeerSession,
  message: Message<T>,
  withinMs = ANSWER_WITHIN_MS,
): Promise<Result<T, PeerFault>> {
  const late = AbortSignal.timeout(withinMs);
  const signal = message.signal === undefined ? late : AbortSignal.any([message.signal, late]);
  const sent = await Promise.race([session.send({ ...message, signal }), whenAborted(signal)]);
  const isLate = !sent.ok && sent.fault.code === 'cancelled' && message.signal?.aborted !== true;
  return isLate ? failed(TOO_LATE) : sent;
}

const TOO_LATE: PeerFault = { code: 'unreachable', detail: 'no answer in time' };

function whenAborted(signal: AbortSignal): Promise<Result<never, PeerFault>> {
  return new Promise((resolve) => {
    const give = () => resolve(failed({ code: 'cancelled' }));
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });
}
