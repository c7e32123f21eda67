import type { Async } from '../../../shared/async.ts';
import { type Bartering, createBartering } from './bartering.ts';
import type { Books } from '../books-worker.ts';
import type { HoldingsBook } from '../client/holdings/holdings-book.ts';
import type { Peers } from '../client/peers.ts';
import type { BookThread } from '../database/thread.ts';
import type { Presence } from '../discovery/presence.ts';
import type { FriendRegistry } from '../friends/friend-registry.ts';
import type { Identity } from '../identity/identity.ts';
import type { DiskFacts, Ledger } from '../ledger/ledger.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import type { Clock, Logger, Randomness } from '../ports.ts';
import { createTrading, type Trading } from './trading.ts';

/** Both halves of barter: notes themselves, and what people do with them; a part of the composition root. */
export function createBarter({
  thread,
  late,
  holdings,
  identity,
  logger,
  ...common
}: {
  readonly thread: BookThread;
  readonly identity: Pick<Identity, 'owner' | 'device'>;
  readonly friends: FriendRegistry;
  readonly ledger: Async<Ledger>;
  readonly holdings: Async<HoldingsBook>;
  readonly isOn: () => boolean;
  /** Put together after the server, which needs what stands here. */
  readonly late: { readonly peers?: Peers; readonly presence?: Presence };
  readonly moment: () => Moment;
  readonly disk: () => Promise<DiskFacts>;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly onChange: () => void;
}): { readonly bartering: Bartering; readonly trading: Trading } {
  const wishes = thread.book<Books['wishes']>('wishes');
  const peers = () => late.peers;
  const bartering = createBartering({
    ...common,
    books: {
      mint: thread.book<Books['mint']>('mint'),
      wallet: thread.book<Books['wallet']>('wallet'),
    },
    identity,
    peers,
    holdings,
    isOnline: (device) => late.presence?.isOnline(device) === true,
    pends: async (owner) => (await wishes.wishes()).some(({ host }) => host === owner),
    logger: logger.named('barter'),
    onCollected: (owner) => trading.orders.poke(owner),
  });
  const trading = createTrading({
    ...common,
    thread,
    bartering,
    peers,
    isOnline: (owner) => late.presence?.of(owner).state === 'online',
    logger: logger.named('orders'),
  });
  return { bartering, trading };
}
