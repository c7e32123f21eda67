import type { Async } from '../../../../shared/async.ts';
import type { DenialCode } from '../../../../shared/denial.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import type { OrderList, OrderProposal, OrderSaid } from '../../../../shared/wire/orders.ts';
import type { Friend } from '../../friends/friend-book.ts';
import type { OrderBook } from './order-book.ts';
import type { Order, OrderEvent, OrderId } from './orders.ts';

/** What a friend's device can say about standing orders here. */
export type OrderDoor = {
  readonly propose: (
    friend: Friend,
    proposal: OrderProposal,
  ) => Promise<Result<OrderSaid, DenialCode>>;
  readonly answer: (
    friend: Friend,
    call: { readonly order: string; readonly yes: boolean },
  ) => Promise<Result<OrderSaid, DenialCode>>;
  readonly end: (friend: Friend, order: string) => Promise<Result<OrderSaid, DenialCode>>;
  readonly list: (friend: Friend) => Promise<Result<OrderList, DenialCode>>;
};

/** As many as a list may have. */
const LISTED_MOST = 64;

export function createOrderDoor({
  book,
  isOn,
  nowMs,
  onHeard,
}: {
  readonly book: Async<OrderBook>;
  readonly isOn: () => boolean;
  readonly nowMs: () => number;
  /** An order of this friend's is not what it was. */
  readonly onHeard: (friend: Friend) => void;
}): OrderDoor {
  /** Everything but goodbyes is refused to a friend who is blocked. */
  function refusal(friend: Friend): DenialCode | undefined {
    if (!isOn()) return 'barter-off';
    return friend.blocked ? 'blocked' : undefined;
  }

  async function step(
    friend: Friend,
    order: string,
    event: OrderEvent,
  ): Promise<Result<OrderSaid, DenialCode>> {
    const call = { id: order as OrderId, event, friend: friend.owner, nowMs: nowMs() };
    const stepped = await book.step(call);
    if (!stepped.ok) return stepped;
    onHeard(friend);
    return ok(saidOf(stepped.value));
  }

  return {
    propose: async (friend, { order, give, want, periodDays, translated = false, replaces }) => {
      const refused = refusal(friend);
      if (refused !== undefined) return failed(refused);
      const proposed = await book.propose({
        id: order as OrderId,
        friend: friend.owner,
        by: 'there',
        giveUnits: want,
        wantUnits: give,
        periodDays,
        translated,
        replaces: replaces as OrderId | undefined,
        nowMs: nowMs(),
      });
      if (!proposed.ok)
        return failed(proposed.fault === 'too-many' ? 'too-many-waiting' : 'request-reused');
      onHeard(friend);
      return ok(saidOf(proposed.value));
    },
    answer: async (friend, { order, yes }) => {
      const refused = refusal(friend);
      if (refused !== undefined) return failed(refused);
      return step(friend, order, yes ? 'accepted' : 'ended');
    },
    end: async (friend, order) => (isOn() ? step(friend, order, 'ended') : failed('barter-off')),
    list: async ({ owner }) => {
      if (!isOn()) return failed('barter-off');
      const orders = (await book.orders()).filter(({ friend }) => friend === owner);
      return ok({ orders: orders.slice(-LISTED_MOST).map(listed) });
    },
  };
}

function saidOf({ id, state }: Order): OrderSaid {
  return { order: id, state };
}

function listed(order: Order): OrderList['orders'][number] {
  const { giveUnits: give, wantUnits: want, periodDays, problem } = order;
  const shown = { ...saidOf(order), give, want, periodDays };
  if (problem === 'over-issue-here') return { ...shown, waits: 'over-issue' };
  return problem === 'paused-here' ? { ...shown, waits: 'paused' } : shown;
}
