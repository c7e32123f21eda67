import type { Async } from '../../../../shared/async.ts';
import type { Fault } from '../../../../shared/fault.ts';
import type { PlotId } from '../../../../shared/ids.ts';
import type { Answer, AnyReason, RenewRequest } from '../../../../shared/model/allocate.ts';
import { priceOf } from '../../../../shared/model/notes.ts';
import { promisedBytes } from '../../../../shared/model/plot.ts';
import type { Result } from '../../../../shared/result.ts';
import type { Wallet } from '../../barter/wallet/wallet.ts';
import type { Friend } from '../../friends/friend-book.ts';
import type { Clock } from '../../ports.ts';
import type { HoldingsBook } from '../holdings/holdings-book.ts';
import { newRequestId, type Peers } from '../peers.ts';
import type { ReasonSource, Wish } from './reasons.ts';

/** Pays with notes of the very friend who is asked: for room that he does not give without, and for its renewals. */
export type NotePayments = {
  readonly source: ReasonSource;
  /** Undefined: the refusal is not one that notes help against, or there are none. */
  readonly renew: (
    host: Friend,
    plot: PlotId,
    asked: { readonly duration: RenewRequest['duration']; readonly refusal: Answer },
  ) => Promise<Result<Answer, Fault> | undefined>;
};

/** Whoever has paid asks the same again until he knows: the same id is answered the same. */
const ATTEMPTS = 3;

export function createNotePayments({
  wallet,
  peers,
  holdings,
  clock,
}: {
  readonly wallet: Pick<Wallet, 'pay' | 'settled'>;
  readonly peers: Pick<Peers, 'renew' | 'decider'>;
  readonly holdings: Async<Pick<HoldingsBook, 'holding'>>;
  readonly clock: Clock;
}): NotePayments {
  /** The most that is right for it by my own books; undefined: I know nothing of that plot. */
  async function fairPrice({ size, duration, plot }: Pick<Wish, 'size' | 'duration' | 'plot'>) {
    if (plot === undefined)
      return priceOf({ afterBytes: promisedBytes(size), forS: duration.want });
    const holding = await holdings.holding(plot);
    if (holding === undefined) return undefined;
    const leftS = Math.floor((holding.untilMs - clock.nowMs()) / 1000);
    const price = priceOf({
      afterBytes: promisedBytes(holding.sizeBytes + size),
      forS: Math.max(duration.want, leftS),
      beforeBytes: promisedBytes(holding.sizeBytes),
      leftS,
    });
    // The host counts in service time, and both round.
    return price + price / 10n + 2n;
  }

  async function pay(
    host: Friend,
    wish: Pick<Wish, 'size' | 'duration' | 'plot' | 'requestId'>,
    refusal: Answer,
  ): Promise<readonly AnyReason[]> {
    const most = await fairPrice(wish);
    const units = neededUnits(refusal) ?? (isFull(refusal) ? most : undefined);
    // More than the rule says is not paid, whoever asks for it.
    if (units === undefined || most === undefined || units > most) return [];
    const { requestId, plot } = wish;
    const device = await peers.decider(host, plot);
    const notes = await wallet.pay({ host: host.owner, device, requestId, units, plot });
    return notes === undefined ? [] : [{ kind: 'notes', notes: [...notes] }];
  }

  async function settle(
    host: Friend,
    reasons: readonly AnyReason[],
    answer: Answer | undefined,
  ): Promise<void> {
    for (const reason of reasons)
      if (isNotes(reason))
        await wallet.settled({ host: host.owner, notes: reason.notes, ...outcomeOf(answer) });
  }

  return {
    source: {
      cost: 'paid',
      reasons: async (host, wish, refusal) =>
        refusal === undefined ? [] : pay(host, wish, refusal),
      settled: ({ host, reasons, answer }) => settle(host, reasons, answer),
    },
    renew: async (host, plot, { duration, refusal }) => {
      const requestId = newRequestId();
      // A renewal is the growth of a plot by nothing.
      const why = await pay(host, { requestId, size: 0n, duration, plot }, refusal);
      if (why.length === 0) return undefined;
      let answered: Result<Answer, Fault> | undefined;
      for (let attempt = 0; attempt < ATTEMPTS && answered?.ok !== true; attempt += 1)
        answered = await peers.renew(host, plot, duration, { requestId, why: [...why] });
      await settle(host, why, answered?.ok === true ? answered.value : undefined);
      return answered;
    },
  };
}

type NotesReason = Extract<AnyReason, { readonly kind: 'notes' }>;

function isNotes(reason: AnyReason): reason is NotesReason & { readonly notes: string[] } {
  return reason.kind === 'notes';
}

/** What the host says that it would cost; undefined: he does not take notes, or they would not help. */
function neededUnits(answer: Answer): bigint | undefined {
  if (answer.type !== 'denied' && answer.type !== 'counter') return undefined;
  for (const { code, params } of [...answer.reasons, ...answer.steps]) {
    const needed = code === 'notes-short' ? params?.['needUnits'] : undefined;
    if (needed !== undefined) return BigInt(needed);
  }
  return undefined;
}

/** Notes make the room that they are owed; whether he takes any is seen when he is asked. */
function isFull(answer: Answer): boolean {
  return answer.type === 'denied' && answer.reasons.some(({ ground }) => ground === 'room');
}

/** What the host says of notes that he has made himself, or swapped for me. */
const BLAMES: ReadonlySet<string> = new Set(['notes-bad', 'notes-spent', 'keyset-expired']);
/** He takes notes and has no room for whoever brings them. */
const DISHONOURS: ReadonlySet<string> = new Set(['no-space', 'no-offer']);

function outcomeOf(
  answer: Answer | undefined,
): Pick<Parameters<Wallet['settled']>[0], 'outcome' | 'verdict'> {
  if (answer === undefined || answer.type === 'pending') return { outcome: 'unknown' };
  if (answer.type === 'granted') {
    const isPaid = answer.steps.some(
      ({ by, verdict }) => by === 'notes' && (verdict === 'allow' || verdict === 'limit'),
    );
    // Perhaps he had no need of them after all.
    return isPaid ? { outcome: 'spent', verdict: 'honoured' } : { outcome: 'doubtful' };
  }
  const codes = answer.reasons.map(({ code }) => code);
  if (codes.some((code) => BLAMES.has(code))) return { outcome: 'doubtful', verdict: 'refused' };
  if (codes.some((code) => DISHONOURS.has(code))) return { outcome: 'free', verdict: 'refused' };
  return { outcome: 'free' };
}
