import type { Async } from '../../../shared/async.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import { bytesFor } from '../../../shared/model/notes.ts';
import { failed } from '../../../shared/result.ts';
import { DAY_MS } from '../../../shared/units.ts';
import type { Bartering } from './bartering.ts';
import type { Books } from '../books-worker.ts';
import type { ChoicesBook } from '../barter/choices-book.ts';
import { needsIn } from '../barter/translator/doings.ts';
import type { Mint } from '../barter/mint/mint.ts';
import type { MintState } from '../barter/mint/mint-book.ts';
import type { NoteLog } from '../barter/note-log.ts';
import { createOrderKeeper, type OrderKeeper } from '../barter/orders/order-keeper.ts';
import type { OrderMeans } from '../barter/orders/order-round.ts';
import type { ReputationBook } from '../barter/reputation-book.ts';
import { createTranslatorKeeper, type Doings } from '../barter/translator/translator-keeper.ts';
import type { Wallet } from '../barter/wallet/wallet.ts';
import type { Purse } from '../barter/wallet/wallet-book.ts';
import { createOrderCalls } from '../client/barter/order-calls.ts';
import type { Peers } from '../client/peers.ts';
import type { BookThread } from '../database/thread.ts';
import { type FriendRegistry, nameOf } from '../friends/friend-registry.ts';
import type { DiskFacts, Ledger } from '../ledger/ledger.ts';
import type { Clock, Logger, Randomness } from '../ports.ts';

/** What people do with notes, put together (design §3.6): standing orders, the translator, currency and log. */
export type Trading = {
  readonly isOn: () => boolean;
  readonly mint: Pick<Mint, 'give'>;
  readonly mintState: () => Promise<MintState>;
  readonly wallet: Pick<Wallet, 'send'>;
  readonly purses: () => Promise<readonly Purse[]>;
  readonly orders: OrderKeeper;
  readonly choices: Async<ChoicesBook>;
  readonly reputation: Async<ReputationBook>;
  readonly log: Async<NoteLog>;
  /** Something of it is not what it was. */
  readonly touch: () => void;
  /** Once a minute. */
  readonly tick: () => Promise<void>;
  /** A friend was heard of. */
  readonly news: (owner: OwnerId) => void;
  readonly close: () => Promise<void>;
};

/** What is paid in this time for plots is what they go on costing. */
const PAID_MS = 30 * DAY_MS;

export function createTrading({
  thread,
  bartering,
  isOn,
  peers,
  friends,
  isThere,
  ledger,
  moment,
  disk,
  clock,
  randomness,
  logger,
  onChange,
}: {
  readonly thread: BookThread;
  readonly bartering: Pick<Bartering, 'mint' | 'wallet' | 'mintBook' | 'walletBook'>;
  readonly isOn: () => boolean;
  readonly peers: Pick<Peers, 'call' | 'devices'>;
  readonly friends: FriendRegistry;
  /** One of this friend's devices can be reached now. */
  readonly isThere: (owner: OwnerId) => boolean;
  readonly ledger: Pick<Async<Ledger>, 'policy' | 'totals' | 'pause'>;
  readonly moment: () => Moment;
  readonly disk: () => Promise<DiskFacts>;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly onChange: () => void;
}): Trading {
  const { mint, wallet, mintBook, walletBook } = bartering;
  const orderBook = thread.book<Books['orders']>('orders');
  const choices = thread.book<Books['barterChoices']>('barterChoices');
  const log = thread.book<Books['noteLog']>('noteLog');
  const holdings = thread.book<Books['holdings']>('holdings');
  const sets = thread.book<Books['sets']>('sets');
  const wishes = thread.book<Books['wishes']>('wishes');
  let isClosing = false;
  const mintState = async () => mintBook.state({ moment: moment(), disk: await disk() });

  const means: OrderMeans = {
    give: (call) => mint.give({ ...call, why: 'order' }),
    given: (order) => mintBook.instalments({ order }),
    takeBack: (claim) => mintBook.takeBack({ claim }),
    got: (order) => orderBook.got(order),
    collect: async (friend) => {
      const collected = await wallet.collect(friend);
      // A no is an answer too: then his list says why.
      return collected.ok || collected.fault.code === 'refused';
    },
    mayIssueUnits: async () => (await mintState()).mayIssueUnits,
    isPaused: async (owner) => {
      if ((await ledger.pause()) !== undefined) return true;
      const friend = friends.friend(owner);
      const isGoing = friend?.leavingServiceS !== undefined || friend?.leavesMs !== undefined;
      if (friend === undefined || friend.blocked || isGoing) return true;
      return (await ledger.policy({ owner })).policy.guards.paused === true;
    },
  };
  const orders = createOrderKeeper({
    book: orderBook,
    // What is under way ends with its connections; nothing new is begun on others.
    calls: createOrderCalls({
      peers: {
        call: async (device, message) =>
          isClosing ? failed({ code: 'unreachable', detail: '' }) : peers.call(device, message),
        devices: (friend) => (isClosing ? [] : peers.devices(friend)),
      },
      friends,
    }),
    friends,
    means,
    isOn,
    clock,
    randomness,
    onChange,
    onError: (error) => logger.warn('standing orders wait', { error: String(error) }),
  });

  async function doings(): Promise<Doings> {
    const present = friends.friends().filter(({ departed, blocked }) => !departed && !blocked);
    // First, as in `nearness.ts`: what is under way while something else is waited for has nobody who hears of its end.
    const facts = await disk();
    const [kept, all, waiting, paid, { mayIssueUnits }, totals] = await Promise.all([
      holdings.holdings(),
      sets.sets(),
      wishes.wishes(),
      log.paid({ sinceMs: clock.nowMs() - PAID_MS }),
      mintState(),
      ledger.totals({ disk: facts }),
    ]);
    return {
      friends: needsIn({
        friends: present.map((friend) => ({
          owner: friend.owner,
          name: nameOf(friend),
          isThere: isThere(friend.owner),
          mayAskBytes: friend.told?.mayAskBytes,
        })),
        sets: all,
        holdings: kept,
        wishes: waiting,
        paid,
      }),
      idleBytes: bytesFor(mayIssueUnits),
      capacityBytes: totals.capacityBytes,
    };
  }

  const translator = createTranslatorKeeper({
    choices,
    orders,
    friends,
    doings,
    clock,
    logger,
  });
  return {
    isOn,
    mint,
    mintState,
    wallet,
    purses: () => walletBook.purses({ nowMs: clock.nowMs() }),
    orders,
    choices,
    reputation: thread.book<Books['reputation']>('reputation'),
    log,
    touch: onChange,
    tick: async () => {
      if (!isOn()) return;
      await orders.tick();
      await translator.tick();
    },
    news: orders.news,
    close: () => {
      isClosing = true;
      return orders.close();
    },
  };
}
