import type { Fault } from '../../../../shared/fault.ts';
import type { AllocateRequest, Answer, AnyReason } from '../../../../shared/model/allocate.ts';
import { GROUND_KINDS } from '../../../../shared/policy/grounds.ts';
import { ok, type Result } from '../../../../shared/result.ts';
import type { Friend } from '../../friends/friend-book.ts';
import { newRequestId, type Peers } from '../peers.ts';
import type { Reasons } from './reasons.ts';

/** A request without what is filled in here. `why`: reasons that its owner gives by hand. */
export type Wanted = Omit<AllocateRequest, 'v' | 'requestId' | 'why'> & {
  readonly why?: AllocateRequest['why'];
};

/** Asks a friend for room with everything that speaks for it; what costs something only where nothing else helped. */
export type Asking = {
  readonly allocate: (host: Friend, wish: Wanted) => Promise<Result<Answer, Fault>>;
  /** What would be answered to the same without anything that costs. */
  readonly quote: Asking['allocate'];
};

/** What helps one host is nothing to another, such as the ticket of a keeper whom he does not know: then the next one's. */
const ATTEMPTS_BETTER = 4;
/** Whoever has paid asks the same again until he knows: the same id is answered the same. */
const ATTEMPTS_PAID = 3;

export function createAsking({
  peers,
  reasons,
}: {
  readonly peers: Pick<Peers, 'allocate' | 'quote'>;
  readonly reasons: Reasons;
}): Asking {
  return {
    allocate: async (host, { why: given = [], ...wish }) => {
      const asked = { ...wish, requestId: newRequestId() };
      const free = [...given, ...(await reasons.free(host, asked))];
      let first = await peers.allocate(host, { ...asked, why: free });
      const tried: AnyReason[] = [];
      for (let attempt = 0; first.ok && attempt < ATTEMPTS_BETTER; attempt += 1) {
        const better = { ...wish, requestId: newRequestId() };
        const more = await reasons.after(host, better, first.value, tried);
        if (more === undefined) break;
        tried.push(...more);
        const next = await peers.allocate(host, { ...better, why: [...given, ...more] });
        if (!next.ok) break;
        first = next;
      }
      if (!first.ok || !wouldPayingHelp(first.value)) return first;
      const again = { ...wish, requestId: newRequestId() };
      const paid = await reasons.paid(host, again, first.value);
      if (paid === undefined) return first;
      const why = [...given, ...paid];
      let answered: Result<Answer, Fault> = first;
      for (let attempt = 0; attempt < ATTEMPTS_PAID; attempt += 1) {
        answered = await peers.allocate(host, { ...again, why });
        if (answered.ok) break;
      }
      const answer = answered.ok ? answered.value : undefined;
      // What pends there pends with what was paid.
      const granted =
        answer === undefined || answer.type === 'pending' ? undefined : answer.type === 'granted';
      await reasons.settled({ host, reasons: paid, granted, answer });
      // What is not paid for after all is what was said first.
      return answered.ok && granted === false ? ok(first.value) : answered;
    },
    quote: async (host, { why: given = [], ...wish }) => {
      const asked = { ...wish, requestId: newRequestId() };
      const why = [...given, ...(await reasons.free(host, asked))];
      return peers.quote(host, { ...asked, why });
    },
  };
}

const GROUNDS: ReadonlySet<string> = new Set([...GROUND_KINDS, 'none']);

/** Only where no other guard refused than the room, which notes that come back make: a pause is not moved by notes. */
function wouldPayingHelp(answer: Answer): boolean {
  if (answer.type !== 'denied' && answer.type !== 'counter') return false;
  return answer.reasons.every(({ ground }) => GROUNDS.has(ground) || ground === 'room');
}
