import { accountChanges, watched } from '../api/watched-books.ts';
import type { Books } from '../books-worker.ts';
import { type Befriending, befriendPaired } from '../friends/befriend.ts';
import { createPairingTable, type PairingTable } from '../friends/pairing-table.ts';
import { createWitnesses, type Witnesses } from '../ledger/witnesses.ts';
import { createListening, type Listening } from '../listening.ts';
import { createReaders, type Readers } from '../plots/readers.ts';
import { createRepositoryHandler } from '../plots/repository-handler.ts';
import { SERVER_LIMITS } from '../server/limits.ts';
import { createPeerServer, type PeerServer } from '../server/peer-server.ts';
import { createRateLimiter } from '../server/rate-limit.ts';
import { createVoucherWitness } from '../vouchers/voucher-witness.ts';
import { createBarter } from './barter.ts';
import type { Bartering } from './bartering.ts';
import type { Base } from './base.ts';
import { createHousehold, type Household } from './household.ts';
import type { Trading } from './trading.ts';

/** What friends' calls reach: whoever knocks, asks, keeps accounts, brings notes, and the server that they come in by. */
export type Serving = {
  readonly pairings: PairingTable;
  readonly befriending: Befriending;
  readonly household: Household;
  readonly bartering: Bartering;
  readonly trading: Trading;
  readonly witnesses: Witnesses;
  readonly readers: Readers;
  readonly server: PeerServer;
  readonly listening: Listening;
};

export function createServing(base: Base): Serving {
  const { options, config, identity, thread, ledger, holdings, guests, vouchers } = base;
  const { late, touch, touchAll, name, kind, friends, peers, isOnline, isThere, hosting } = base;
  const { clock, randomness, logger } = base.ports;
  const { moment } = base.serviceClock;
  const limits = options.limits ?? SERVER_LIMITS;
  const checks = createRateLimiter(limits.mint, clock);
  const pairings = createPairingTable({ me: identity, clock, randomness });
  const befriending = befriendPaired({
    pairings,
    friends,
    clock,
    logger: logger.named('friends'),
  });
  const household = createHousehold({
    books: {
      accounts: watched(thread.book<Books['accounts']>('accounts'), accountChanges, touchAll),
      hosted: thread.book<Books['hosted']>('hosted'),
      memberships: thread.book<Books['memberships']>('memberships'),
    },
    identity,
    friends,
    peers,
    isOnline,
    moment,
    clock,
    randomness,
    logger: logger.named('accounts'),
    onChange: () => touch('household'),
  });
  const { bartering, trading } = createBarter({
    thread,
    identity,
    friends,
    ledger,
    holdings,
    peers,
    isOn: () => config.get().settings.barter,
    isOnline,
    isThere,
    mayCheck: (owner) => checks.admit(owner),
    moment,
    disk: hosting.disk,
    clock,
    randomness,
    logger,
    onChange: () => touch('barter'),
  });
  const vouched = createVoucherWitness({ host: identity.owner, clock });
  const witnesses = createWitnesses([household.witness, vouched, bartering.mint.witness], ledger);
  const readers = createReaders(() => touch('friends'));
  const server = createPeerServer({
    identity,
    name,
    kind,
    friends,
    pairings,
    kept: befriending.kept,
    ledger,
    guests,
    vouchers,
    witnesses,
    accounts: household.desk,
    barter: bartering,
    orders: trading.orders.door,
    moment,
    disk: hosting.disk,
    onReleased: hosting.released,
    examine: hosting.examine,
    limits,
    repository: createRepositoryHandler(hosting.plots, readers),
    onNews: (device, news, address) => {
      // Between the first moment of listening and the last line here.
      if (late.presence === undefined) return Promise.resolve('shutting-down');
      return late.presence.heard(device, news, address);
    },
    clock,
    logger: logger.named('server'),
  });
  const listening = createListening({
    server,
    config,
    host: options.host ?? '::',
    before: options.beforeListening ?? (() => Promise.resolve(undefined)),
    onBegun: () => touch('status'),
    logger: logger.named('listening'),
  });
  return {
    pairings,
    befriending,
    household,
    bartering,
    trading,
    witnesses,
    readers,
    server,
    listening,
  };
}
