import type { Async } from '../../../../shared/async.ts';
import { type Fault, fault } from '../../../../shared/fault.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import { bytesFor } from '../../../../shared/model/notes.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import type { Friend } from '../../friends/friend-book.ts';
import { type FriendRegistry, nameOf } from '../../friends/friend-registry.ts';
import { toBase32 } from '../../identity/base32.ts';
import type { Clock, Randomness } from '../../ports.ts';
import type { OrderBook } from './order-book.ts';
import type { OrderCallFault, OrderCalls } from './order-calls.ts';
import { createOrderDoor, type OrderDoor } from './order-door.ts';
import { createOrderRound, type OrderMeans } from './order-round.ts';
import type { Order, OrderId, Terms } from './orders.ts';

/**
 * Standing orders at work (design §3.6): what people agree on is told to the friend, and from then on carried out by
 * itself, once a minute looked at, tried again where it fails.
 */
export type OrderKeeper = {
  readonly orders: () => Promise<readonly Order[]>;
  readonly propose: (
    friend: Friend,
    proposal: Terms & {
      readonly translated: boolean;
      readonly replaces?: OrderId | undefined;
    },
  ) => Promise<Result<Order, Fault>>;
  /** No also ends an order that stands, and takes a proposal of mine back. */
  readonly answer: (order: string, yes: boolean) => Promise<Result<Order, Fault>>;
  readonly door: OrderDoor;
  /** Something came in from this friend: what waited for it goes on now. */
  readonly poke: (friend: OwnerId) => void;
  /** He was heard of: if something waits for him, it is tried again, though not with every word of his. */
  readonly news: (friend: OwnerId) => void;
  /** Everything that is due, now and in order. */
  readonly tick: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** 128 random bits: both sides name an order by the id that its proposer made. */
const ORDER_ID_BYTES = 16;
/** Friends are heard of every few minutes. */
const NEWS_GAP_MS = 600_000;
/** What he says is looked into at once, but he is not called for every word of his. */
const POKE_GAP_MS = 5000;

export function createOrderKeeper({
  book,
  calls,
  friends,
  means,
  isOn,
  clock,
  randomness,
  onChange,
  onError,
}: {
  readonly book: Async<OrderBook>;
  readonly calls: OrderCalls;
  readonly friends: Pick<FriendRegistry, 'friends' | 'friend'>;
  readonly means: OrderMeans;
  readonly isOn: () => boolean;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly onChange: () => void;
  readonly onError: (error: unknown) => void;
}): OrderKeeper {
  const round = createOrderRound({ book, calls, friends, means, clock, onChange });
  let last: Promise<void> = Promise.resolve();
  let isClosing = false;
  let isRound = false;
  const queued = new Set<string>();
  /** What people say goes out at once: a round may be waiting for another friend. */
  const telling = new Set<Promise<OrderCallFault | undefined>>();

  /** One round after the other: two at once could both give what is due once. */
  function after(run: () => Promise<void>): Promise<void> {
    last = last
      .catch(() => undefined)
      .then(async () => {
        if (!isClosing && isOn()) await run();
        else queued.clear();
      });
    return last;
  }

  /** However often a friend makes himself heard, one look at his orders is waited for at a time. */
  function poke(friend: OwnerId, gapMs = POKE_GAP_MS): void {
    const name = `${friend} ${gapMs}`;
    if (queued.has(name)) return;
    queued.add(name);
    after(async () => {
      queued.delete(name);
      await round.run({ only: friend, gapMs });
    }).catch(onError);
  }

  async function tell(order: Order): Promise<OrderCallFault | undefined> {
    if (isClosing || !isOn()) return undefined;
    const told = round.tell(order);
    telling.add(told);
    try {
      return await told;
    } finally {
      telling.delete(told);
    }
  }

  async function sayNow(order: Order): Promise<Result<Order, Fault>> {
    const friend = friends.friend(order.friend);
    const said = await tell(order);
    onChange();
    const now = (await book.order(order.id)) ?? order;
    if (said === undefined || said.code === 'unreachable') {
      if (now.state === 'standing') poke(order.friend);
      // Who is away hears of it as soon as he is there.
      return ok(now);
    }
    const name = friend === undefined ? order.friend : nameOf(friend);
    return failed(fault('refused', { ...said.params, friend: name, denial: said.denial }));
  }

  return {
    orders: () => book.orders(),
    propose: async (friend, { translated, replaces, ...terms }) => {
      if (!isOn()) return failed(fault('barter-off'));
      const proposed = await book.propose({
        ...terms,
        id: toBase32(randomness.bytes(ORDER_ID_BYTES)) as OrderId,
        friend: friend.owner,
        by: 'here',
        translated,
        replaces,
        nowMs: clock.nowMs(),
      });
      if (!proposed.ok)
        return failed(fault('refused', { friend: nameOf(friend), denial: 'too-many-waiting' }));
      return sayNow(proposed.value);
    },
    answer: async (text, yes) => {
      if (!isOn()) return failed(fault('barter-off'));
      const found = (await book.orders()).find(({ id }) => id === text);
      if (found === undefined || (yes && found.state !== 'asked'))
        return failed(fault('order-unknown'));
      if (yes) {
        const mayUnits = await means.mayIssueUnits();
        // Not a promise that is broken with its first instalment.
        if (found.giveUnits > mayUnits)
          return failed(fault('over-issue', { mayIssueBytes: `${bytesFor(mayUnits)}` }));
      }
      const event = yes ? 'accept' : 'end';
      const stepped = await book.step({ id: found.id, event, nowMs: clock.nowMs() });
      if (!stepped.ok) return failed(fault('order-unknown'));
      const said = await sayNow(stepped.value);
      // Whatever the friend says to it: an end is an end.
      return yes ? said : ok(stepped.value);
    },
    door: createOrderDoor({
      book,
      isOn,
      nowMs: clock.nowMs,
      onHeard: ({ owner }) => {
        onChange();
        poke(owner);
      },
    }),
    poke: (friend) => poke(friend),
    news: (friend) => poke(friend, NEWS_GAP_MS),
    tick: async () => {
      // A friend who is slow to answer must not pile up minutes.
      if (isRound) return;
      isRound = true;
      await after(() => round.run()).finally(() => {
        isRound = false;
      });
    },
    close: async () => {
      isClosing = true;
      await Promise.allSettled([last, ...telling]);
    },
  };
}
