import type { Async } from '../../../shared/async.ts';
import type { DeviceId, OwnerId } from '../../../shared/ids.ts';
import { type Bartering, createBartering } from './bartering.ts';
import type { Books } from '../books-worker.ts';
import type { HoldingsBook } from '../client/holdings/holdings-book.ts';
import type { Peers } from '../client/peers.ts';
import type { BookThread } from '../database/thread.ts';
import type { FriendRegistry } from '../friends/friend-registry.ts';
import type { Identity } from '../identity/identity.ts';
import type { DiskFacts, Ledger } from '../ledger/ledger.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import type { Clock, Logger, Randomness } from '../ports.ts';
import { createTrading, type Trading } from './trading.ts';

/** Both halves of barter: notes themselves, and what people do with them; a part of the composition root. */
export function createBarter({
  thread,
  isOnline,
  isThere,
  logger,
  ...common
}: {
  readonly thread: BookThread;
  readonly identity: Pick<Identity, 'owner' | 'device'>;
  readonly friends: FriendRegistry;
  readonly ledger: Async<Ledger>;
  readonly holdings: Async<HoldingsBook>;
  readonly peers: Pick<Peers, 'call' | 'devices' | 'renew' | 'decider'>;
  readonly isOn: () => boolean;
  readonly isOnline: (device: DeviceId) => boolean;
  /** One of this friend's devices is. */
  readonly isThere: (owner: OwnerId) => boolean;
  readonly mayCheck: Parameters<typeof createBartering>[0]['mayCheck'];
  readonly moment: () => Moment;
  readonly disk: () => Promise<DiskFacts>;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly onChange: () => void;
}): { readonly bartering: Bartering; readonly trading: Trading } {
  const wishes = thread.book<Books['wishes']>('wishes');
  const bartering = createBartering({
    ...common,
    books: {
      mint: thread.book<Books['mint']>('mint'),
      wallet: thread.book<Books['wallet']>('wallet'),
    },
    isOnline,
    pendingSince: async (owner) =>
      (await wishes.wishes()).filter(({ host }) => host === owner).map(({ sinceMs }) => sinceMs),
    logger: logger.named('barter'),
    onCollected: (owner) => trading.orders.poke(owner),
  });
  const trading = createTrading({
    ...common,
    thread,
    bartering,
    isThere,
    logger: logger.named('orders'),
  });
  return { bartering, trading };
}
