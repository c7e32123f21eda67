import type { Async } from '../../../shared/async.ts';
import type { Fault } from '../../../shared/fault.ts';
import type { TicketId } from '../../../shared/ids.ts';
import type { Answer } from '../../../shared/model/allocate.ts';
import type { Result } from '../../../shared/result.ts';
import type { FriendRegistry } from '../friends/friend-registry.ts';
import type { Clock } from '../ports.ts';
import type { HoldingsBook } from './holdings-book.ts';
import type { Peers } from './peers.ts';
import type { Wish, WishBook } from './wish-book.ts';

/**
 * Asks again about what pends at friends', until there is a yes or a no. A yes becomes a plot of mine by
 * itself; a no is forgotten here, because the friend's own log has it and the next backup says it.
 */
export type WishKeeper = {
  readonly wishes: () => Promise<readonly Wish[]>;
  /** An answer that pends is written down; every other leaves things as they are. */
  readonly note: (answer: Answer, wish: Omit<Wish, 'ticket' | 'why' | 'sinceMs'>) => Promise<void>;
  /** Whoever is due is asked. Once a minute; `now`: whoever is not. */
  readonly askDue: (now?: boolean) => Promise<void>;
  /** I want it no longer. */
  readonly withdraw: (ticket: TicketId) => Promise<boolean>;
};

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
  readonly peers: Pick<Peers, 'poll' | 'withdraw'>;
  readonly friends: Pick<FriendRegistry, 'friend'>;
  readonly holdings: Async<Pick<HoldingsBook, 'keep'>>;
  readonly clock: Clock;
  readonly onChange: () => void;
}): WishKeeper {
  const nextMs = new Map<TicketId, number>();
  let isAsking = false;

  async function ask(wish: Wish): Promise<void> {
    const { ticket, host, set } = wish;
    const friend = friends.friend(host);
    if (friend === undefined || friend.departed) return forget(ticket);
    const askedAtMs = clock.nowMs();
    const answered: Result<Answer, Fault> = await peers.poll(friend, ticket);
    // Not there now: the wait goes on, and at his place it lapses only while he is on.
    if (!answered.ok) return planNext(ticket, POLL_S.least);
    const answer = answered.value;
    if (answer.type === 'pending') {
      planNext(ticket, answer.pollAfter);
      if (answer.why === wish.why) return;
      await book.keep({ ...wish, why: answer.why });
      return onChange();
    }
    // The plot first: what was granted must not be forgotten between two lines.
    if (answer.type === 'granted') await holdings.keep({ host, granted: answer, askedAtMs, set });
    await forget(ticket);
  }

  function planNext(ticket: TicketId, afterS: number): void {
    const waitS = Math.min(POLL_S.most, Math.max(POLL_S.least, afterS));
    nextMs.set(ticket, clock.monotonicMs() + waitS * 1000);
  }

  async function forget(ticket: TicketId): Promise<void> {
    nextMs.delete(ticket);
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
    askDue: async (now = false) => {
      if (isAsking) return;
      isAsking = true;
      try {
        for (const wish of await book.wishes()) {
          const dueMs = nextMs.get(wish.ticket) ?? Number.NEGATIVE_INFINITY;
          if (now || clock.monotonicMs() >= dueMs) await ask(wish);
        }
      } finally {
        isAsking = false;
      }
    },
    withdraw: async (ticket) => {
      const wish = (await book.wishes()).find((each) => each.ticket === ticket);
      if (wish === undefined) return false;
      const friend = friends.friend(wish.host);
      // If he can't be told, it lapses there by itself.
      if (friend !== undefined && !friend.departed) await peers.withdraw(friend, ticket);
      await forget(ticket);
      return true;
    },
  };
}
