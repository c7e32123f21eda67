import { type DenialCode, isDenialCode } from '../../../../shared/denial.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { PROTOCOL_VERSION } from '../../../../shared/wire/messages.ts';
import {
  type OrderList,
  orderList,
  type OrderSaid,
  orderSaid,
} from '../../../../shared/wire/orders.ts';
import type { OrderCallFault, OrderCalls } from '../../barter/orders/order-calls.ts';
import type { FriendRegistry } from '../../friends/friend-registry.ts';
import type { Message } from '../connection/peer-client.ts';
import type { PeerFault } from '../connection/peer-fault.ts';
import type { Peers } from '../peers.ts';

/** What another device of the same friend may know better. */
const ASK_THE_NEXT: ReadonlySet<DenialCode> = new Set(['barter-off', 'order-unknown']);

/** Standing orders over the wire: an order lives on one of a friend's devices, and he may have several. */
export function createOrderCalls({
  peers,
  friends,
}: {
  readonly peers: Pick<Peers, 'call' | 'devices'>;
  readonly friends: Pick<FriendRegistry, 'friend'>;
}): OrderCalls {
  const v = PROTOCOL_VERSION;

  function devicesOf(owner: OwnerId) {
    const friend = friends.friend(owner);
    return friend === undefined || friend.departed ? [] : peers.devices(friend);
  }

  /** The first device that knows. One that is silent may be the one that does: then nothing is known. */
  async function ask(
    owner: OwnerId,
    message: Message<OrderSaid>,
    { mayPass }: { readonly mayPass: boolean },
  ): Promise<Result<OrderSaid, OrderCallFault>> {
    let silent: Result<never, OrderCallFault> | undefined;
    let refused: Result<never, OrderCallFault> | undefined;
    for (const device of devicesOf(owner)) {
      const answered = await peers.call(device, message);
      if (answered.ok) return answered;
      const fault = faultOf(answered.fault);
      if (fault.code === 'unreachable') silent = failed(fault);
      else if (ASK_THE_NEXT.has(fault.denial)) refused = failed(fault);
      else return failed(fault);
      // Two devices that were asked the same would both wait for an answer.
      if (silent !== undefined && !mayPass) return silent;
    }
    return silent ?? refused ?? failed({ code: 'unreachable' });
  }

  const post = (path: string, body: object): Message<OrderSaid> => ({
    method: 'POST',
    path: `/v1/barter/orders${path}`,
    body: { v, ...body },
    schema: orderSaid,
  });

  return {
    propose: (friend, proposal) => ask(friend, post('', proposal), { mayPass: false }),
    answer: (friend, order, yes) =>
      ask(friend, post(`/${order}/answer`, { yes }), { mayPass: true }),
    end: (friend, order) => ask(friend, post(`/${order}/end`, {}), { mayPass: true }),
    list: async (friend) => {
      const message = { method: 'GET', path: '/v1/barter/orders', schema: orderList } as const;
      const orders: OrderList['orders'][number][] = [];
      let bad: OrderCallFault = { code: 'unreachable' };
      let answers = 0;
      for (const device of devicesOf(friend)) {
        const answered = await peers.call<OrderList>(device, message);
        if (answered.ok) orders.push(...answered.value.orders);
        else bad = faultOf(answered.fault);
        if (answered.ok) answers += 1;
        // What is missing in half a list is not over.
        else if (bad.code === 'unreachable') return failed(bad);
      }
      return answers > 0 ? ok(orders) : failed(bad);
    },
  };
}

function faultOf(fault: PeerFault): OrderCallFault {
  if (fault.code !== 'refused') return { code: 'unreachable' };
  const nearest = fault.denied.reasons[0];
  const code = nearest?.code ?? 'bad-request';
  const denial = isDenialCode(code) ? code : 'bad-request';
  // Busy, or shutting down just now: nothing was decided.
  if (denial === 'rate-limited' || denial === 'shutting-down') return { code: 'unreachable' };
  return { code: 'refused', denial, params: nearest?.params ?? {} };
}
