import type { Fault } from '../../../../shared/fault.ts';
import type { AllocateRequest, Answer, AnyReason } from '../../../../shared/model/allocate.ts';
import { GROUND_KINDS } from '../../../../shared/policy/grounds.ts';
import { ok, type Result } from '../../../../shared/result.ts';
import { encodeJson } from '../../../../shared/wire/json.ts';
import { DAY_MS } from '../../../../shared/units.ts';
import type { Friend } from '../../friends/friend-book.ts';
import type { Clock } from '../../ports.ts';
import { newRequestId, type Peers } from '../peers.ts';
import type { Reasons } from './reasons.ts';

/** A request without what is filled in here. `why`: reasons that its owner gives by hand. */
export type Wanted = Omit<AllocateRequest, 'v' | 'requestId' | 'why'> & {
  readonly why?: AllocateRequest['why'];
};

type Asked = Omit<AllocateRequest, 'v'>;

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
/** Of what was asked and not answered, so much is remembered; more than that no friend leaves open. */
const UNANSWERED_MAX = 100;
/** Afterwards it may have been granted and let go of again, and what was said then is said once more. */
const UNANSWERED_MS = DAY_MS;

export function createAsking({
  peers,
  reasons,
  clock,
}: {
  readonly peers: Pick<Peers, 'allocate' | 'quote'>;
  readonly reasons: Reasons;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}): Asking {
  /** By what was wished of whom. It may have been granted: asked under another id, that would be a second plot. */
  const unanswered = new Map<string, { readonly request: Asked; readonly atMs: number }>();

  const keyOf = ({ owner }: Friend, wanted: Wanted) => `${owner} ${encodeJson(wanted)}`;

  async function ask(host: Friend, wanted: Wanted, request: Asked): Promise<Result<Answer, Fault>> {
    const answered = await peers.allocate(host, request);
    if (!answered.ok && UNDECIDED.has(answered.fault.code)) {
      const [oldest] = unanswered.keys();
      if (unanswered.size >= UNANSWERED_MAX && oldest !== undefined) unanswered.delete(oldest);
      unanswered.set(keyOf(host, wanted), { request, atMs: clock.monotonicMs() });
    }
    return answered;
  }

  /** With what costs nothing. */
  async function askFree(host: Friend, wanted: Wanted): Promise<Result<Answer, Fault>> {
    const key = keyOf(host, wanted);
    const before = unanswered.get(key);
    if (before !== undefined && clock.monotonicMs() - before.atMs < UNANSWERED_MS) {
      const said = await peers.allocate(host, before.request);
      if (!said.ok) return said;
      unanswered.delete(key);
      // A no of then says nothing of now.
      if (said.value.type === 'granted' || said.value.type === 'pending') return said;
    }
    const { why: given = [], ...wish } = wanted;
    const asked = { ...wish, requestId: newRequestId() };
    return ask(host, wanted, { ...asked, why: [...given, ...(await reasons.free(host, asked))] });
  }

  return {
    allocate: async (host, wanted) => {
      const { why: given = [], ...wish } = wanted;
      let first = await askFree(host, wanted);
      const tried: AnyReason[] = [];
      for (let attempt = 0; first.ok && attempt < ATTEMPTS_BETTER; attempt += 1) {
        const better = { ...wish, requestId: newRequestId() };
        const more = await reasons.after(host, better, first.value, tried);
        if (more === undefined) break;
        tried.push(...more);
        const next = await ask(host, wanted, { ...better, why: [...given, ...more] });
        // It may have been granted: paying, too, would be for a second plot.
        if (!next.ok && UNDECIDED.has(next.fault.code)) return next;
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

/** How a call can end that may have been heard. */
const UNDECIDED: ReadonlySet<Fault['code']> = new Set(['unreachable', 'protocol', 'cancelled']);

const GROUNDS: ReadonlySet<string> = new Set([...GROUND_KINDS, 'none']);

/** Only where no other guard refused than the room, which notes that come back make: a pause is not moved by notes. */
function wouldPayingHelp(answer: Answer): boolean {
  if (answer.type !== 'denied' && answer.type !== 'counter') return false;
  return answer.reasons.every(({ ground }) => GROUNDS.has(ground) || ground === 'room');
}
