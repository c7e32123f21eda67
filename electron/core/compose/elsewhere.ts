import type { Books } from '../books-worker.ts';
import { type Asking, createAsking } from '../client/asking/asking.ts';
import { createGrowth, type Growth } from '../client/asking/growth.ts';
import { collectReasons } from '../client/asking/reasons.ts';
import { createWishKeeper, type WishKeeper } from '../client/asking/wish-keeper.ts';
import { type LeaseKeeper, startLeaseKeeper } from '../client/holdings/lease-keeper.ts';
import { createLookIn, type LookIn } from '../client/holdings/look-in.ts';
import { createUpkeepCalls, type UpkeepCalls } from '../client/holdings/upkeep-calls.ts';
import type { Base } from './base.ts';
import { type Introducing, openIntroducing } from './introducing.ts';
import type { Serving } from './serving.ts';

/** My room at friends': asked for, waited for, looked into and kept; a part of the composition root. */
export type Elsewhere = {
  readonly wishes: WishKeeper;
  readonly introducing: Introducing;
  readonly asking: Asking;
  readonly growth: Growth;
  readonly lookIn: LookIn;
  readonly upkeep: UpkeepCalls;
  readonly keeper: LeaseKeeper;
};

export function createElsewhere(base: Base, { household, bartering }: Serving): Elsewhere {
  const { identity, name, thread, vouchers, guests, ledger, holdings, friends, peers } = base;
  const { serviceClock, touch } = base;
  const { clock, randomness } = base.ports;
  const wishes = createWishKeeper({
    book: thread.book<Books['wishes']>('wishes'),
    peers,
    friends,
    holdings,
    clock,
    onChange: () => touch('wishes', 'mine'),
  });
  const introducing = openIntroducing({
    identity,
    name,
    thread,
    vouchers,
    guests,
    ledger,
    holdings,
    friends,
    peers,
    asking: () => asking,
    wishes,
    serviceClock,
    clock,
    randomness,
  });
  const asking: Asking = createAsking({
    peers,
    reasons: collectReasons([household.source, ...introducing.reasons, bartering.payments.source]),
    clock,
  });
  const upkeep = createUpkeepCalls(peers);
  return {
    wishes,
    introducing,
    asking,
    growth: createGrowth({ asking, holdings, wishes, clock }),
    lookIn: createLookIn({ peers, friends, holdings, clock, onChange: () => touch('mine') }),
    upkeep,
    keeper: startLeaseKeeper({ upkeep, friends, holdings, pays: bartering.payments, clock }),
  };
}
