import type { Async } from '../../../shared/async.ts';
import { createLook } from '../backup/possession.ts';
import type { Books } from '../books-worker.ts';
import type { Asking } from '../client/asking/asking.ts';
import type { HoldingsBook } from '../client/holdings/holdings-book.ts';
import { createIntroductions, type Introductions } from '../client/asking/introductions.ts';
import type { Peers } from '../client/peers.ts';
import { reciprocalSource } from '../client/asking/reciprocal-reason.ts';
import type { ReasonSource } from '../client/asking/reasons.ts';
import type { WishKeeper } from '../client/asking/wish-keeper.ts';
import type { BookThread } from '../database/thread.ts';
import type { FriendRegistry } from '../friends/friend-registry.ts';
import type { Identity } from '../identity/identity.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Clock, Randomness } from '../ports.ts';
import { createKeptKeeper } from '../reciprocity/kept-keeper.ts';
import type { ServiceClock } from '../service-clock.ts';
import type { GuestBook } from '../vouchers/guest-book.ts';
import type { VoucherBook } from '../vouchers/voucher-book.ts';

/** Introductions, guests and reciprocity put together (design §3.7). */
export type Introducing = {
  readonly introductions: Introductions;
  /** What I can say for myself: what was vouched for me, and what I keep in return. */
  readonly reasons: readonly ReasonSource[];
  /** Once a minute: hosts are told, guests without a plot forgotten, plots of mine looked into. */
  readonly tick: () => Promise<void>;
};

export function openIntroducing({
  identity,
  name,
  thread,
  vouchers,
  guests,
  ledger,
  holdings,
  friends,
  peers,
  asking,
  wishes,
  serviceClock,
  clock,
  randomness,
}: {
  readonly identity: Identity;
  readonly name: () => string;
  readonly thread: BookThread;
  readonly vouchers: Async<VoucherBook>;
  readonly guests: Async<GuestBook>;
  readonly ledger: Async<Ledger>;
  readonly holdings: Async<HoldingsBook>;
  readonly friends: FriendRegistry;
  readonly peers: Peers;
  /** Put together after the reasons that it gives. */
  readonly asking: () => Asking;
  readonly wishes: WishKeeper;
  readonly serviceClock: ServiceClock;
  readonly clock: Clock;
  readonly randomness: Randomness;
}): Introducing {
  const { moment } = serviceClock;
  const introductions = createIntroductions({
    identity,
    me: name,
    book: vouchers,
    friends,
    peers,
    asking,
    holdings,
    wishes,
    clock,
    randomness,
  });
  const kept = createKeptKeeper({
    book: thread.book<Books['kept']>('kept'),
    ledger,
    plots: () => holdings.holdings(),
    look: createLook({ friends, peers, password: identity.repositoryPassword }),
    serviceS: () => moment().serviceS,
    monotonicMs: clock.monotonicMs,
  });
  return {
    introductions,
    reasons: [introductions.source, reciprocalSource({ ledger, moment })],
    tick: async () => {
      if (await guests.forget(moment())) await friends.refresh();
      await Promise.all([introductions.tick(), kept.lookDue()]);
    },
  };
}
