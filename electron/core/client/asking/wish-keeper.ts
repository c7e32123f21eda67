import type { Async } from '../../../../shared/async.ts';
import { denials } from '../../../../shared/denial.ts';
import type { Fault } from '../../../../shared/fault.ts';
import type { OwnerId, TicketId } from '../../../../shared/ids.ts';
import type { Answer } from '../../../../shared/model/allocate.ts';
import type { Result } from '../../../../shared/result.ts';
import type { FriendRegistry } from '../../friends/friend-registry.ts';
import type { Clock } from '../../ports.ts';
import type { HoldingsBook } from '../holdings/holdings-book.ts';
import type { Peers } from '../peers.ts';
import type { Wish, WishBook } from './wish-book.ts';

/**
 * Asks again about what pends at friends', until there is a yes or a no. A yes becomes a plot of mine by
 * itself; a no is forgotten here, because the friend's own log has it and the next backup says it.
 */
export type WishKeeper = {
  readonly wishes: () => Promise<readonly Wish[]>;
  /** An answer that pends is written down; every other leaves things as they are. */
  readonly note: (answer: Answer, wish: Omit<Wish, 'ticket' | 'why' | 'sinceMs'>) => Promise<void>;
  /**
   * Asks about what pends for this very purpose; undefined: nothing does. Nobody is asked twice for the
   * same, or a yes to both would be two plots.
   */
  readonly again: (purpose: Purpose) => Promise<Result<Answer, Fault> | undefined>;
  /** A friend said that something changed: my turn may have come. */
  readonly news: (host: OwnerId) => void;
  /** Whoever is due is asked. Once a minute; `now`: whoever is not. */
  readonly askDue: (now?: boolean) => Promise<void>;
  /** I want it no longer. */
  readonly withdraw: (ticket: TicketId) => Promise<boolean>;
};

type Purpose = Pick<Wish, 'host' | 'set' | 'plot'>;

/** A friend who says all the time that something changed is not asked all the time. */
const NEWS_GAP_MS = 10_000;
/** A host says when to ask again, within these bounds: neither a storm nor so seldom that it lapses. */
const POLL_S = { least: 60, most: 6 * 3600 } as const;

export function createWishKeeper({
  book,
  peers,
  friends,
  holdings,
  clock,
  onChange,
}: {
  readonly book: Async<WishBook>;
  readonly peers: Pick<Peers, 'poll' | 'withdraw' | 'release'>;
  readonly friends: Pick<FriendRegistry, 'person'>;
  readonly holdings: Async<Pick<HoldingsBook, 'keep'>>;
  readonly clock: Clock;
  readonly onChange: () => void;
}): WishKeeper {
  const nextMs = new Map<TicketId, number>();
  const askedMs = new Map<TicketId, number>();
  let rounds = 0;
  let last: Promise<void> = Promise.resolve();

  async function ask(wish: Wish): Promise<Result<Answer, Fault> | undefined> {
    const { ticket, host, set } = wish;
    const friend = friends.person(host);
    if (friend === undefined || friend.departed) {
      await forget(ticket);
      return undefined;
    }
    const askedAtMs = clock.nowMs();
    askedMs.set(ticket, clock.monotonicMs());
    const answered = await peers.poll(friend, ticket);
    // Not there now: the wait goes on, and at his place it lapses only while he is on.
    if (!answered.ok || isNotNow(answered.value)) {
      planNext(ticket, POLL_S.least);
      return answered;
    }
    const answer = answered.value;
    if (answer.type !== 'pending') {
      // The plot first: what was granted must not be forgotten between two lines.
      if (answer.type === 'granted') await holdings.keep({ host, granted: answer, askedAtMs, set });
      await forget(ticket);
      return answered;
    }
    planNext(ticket, answer.pollAfter);
    if (answer.why !== wish.why) {
      await book.keep({ ...wish, why: answer.why });
      onChange();
    }
    return answered;
  }

  async function askAll(isDue: (wish: Wish) => boolean): Promise<void> {
    for (const wish of await book.wishes()) if (isDue(wish)) await ask(wish);
  }

  /** One round after the other, or a friend who is slow to answer would be asked by several. */
  function round(isDue: (wish: Wish) => boolean): Promise<void> {
    rounds += 1;
    last = last
      .catch(() => undefined)
      .then(() => askAll(isDue))
      .finally(() => {
        rounds -= 1;
      });
    return last;
  }

  function planNext(ticket: TicketId, afterS: number): void {
    const waitS = Math.min(POLL_S.most, Math.max(POLL_S.least, afterS));
    nextMs.set(ticket, clock.monotonicMs() + waitS * 1000);
  }

  async function forget(ticket: TicketId): Promise<void> {
    nextMs.delete(ticket);
    askedMs.delete(ticket);
    await book.drop(ticket);
    onChange();
  }

  return {
    wishes: () => book.wishes(),
    note: async (answer, wish) => {
      if (answer.type !== 'pending') return;
      const { ticket, why, pollAfter } = answer;
      await book.keep({ ...wish, ticket, why, sinceMs: clock.nowMs() });
      planNext(ticket, pollAfter);
      onChange();
    },
    again: async ({ host, set, plot }) => {
      const wish = (await book.wishes()).find(
        (each) => each.host === host && each.set === set && each.plot === plot,
      );
      return wish && ask(wish);
    },
    news: (host) => {
      const isDue = ({ host: whose, ticket }: Wish): boolean => {
        if (whose !== host) return false;
        const nowMs = clock.monotonicMs();
        const fromMs = (askedMs.get(ticket) ?? Number.NEGATIVE_INFINITY) + NEWS_GAP_MS;
        // Asked just now: what came since is asked about with the next minute.
        if (fromMs > nowMs) nextMs.set(ticket, fromMs);
        return fromMs <= nowMs;
      };
      // The minute's round says what is wrong with the books; this one only comes sooner.
      round(isDue).catch(() => undefined);
    },
    askDue: async (now = false) => {
      // The minute's round is not worth waiting for another.
      if (rounds > 0 && !now) return;
      await round(
        ({ ticket }) =>
          now || clock.monotonicMs() >= (nextMs.get(ticket) ?? Number.NEGATIVE_INFINITY),
      );
    },
    withdraw: async (ticket) => {
      const wish = (await book.wishes()).find((each) => each.ticket === ticket);
      if (wish === undefined) return false;
      const friend = friends.person(wish.host);
      await forget(ticket);
      // If he can't be told, it lapses there by itself.
      if (friend === undefined || friend.departed) return true;
      const told = await peers.withdraw(friend, ticket);
      // It may have been granted, and the answer lost on its way: then it is let go.
      const said = told.ok ? await peers.poll(friend, ticket) : told;
      if (said.ok && said.value?.type === 'granted') await peers.release(friend, said.value.plot);
      return true;
    },
  };
}

/** A device that is busy, or shuts down just now, has not decided anything. */
function isNotNow(answer: Answer): boolean {
  if (answer.type !== 'denied' || answer.final) return false;
  const status = denials[answer.reasons[0]?.code ?? 'bad-request'].status;
  return status === 429 || status === 503;
}
