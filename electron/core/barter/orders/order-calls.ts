import type { OwnerId } from '../../../../shared/ids.ts';
import type { Result } from '../../../../shared/result.ts';
import type { OrderList, OrderProposal, OrderSaid } from '../../../../shared/wire/orders.ts';
import type { Refused } from '../call-faults.ts';
import type { OrderId } from './orders.ts';

/** `unreachable`: nobody answered, or nobody who knows; it may have been heard even so. */
export type OrderCallFault = { readonly code: 'unreachable' } | Refused;

/** What is said to friends about standing orders; the composition hands it in, because calling comes later in the order. */
export type OrderCalls = {
  readonly propose: (
    friend: OwnerId,
    proposal: Omit<OrderProposal, 'v'>,
  ) => Promise<Result<OrderSaid, OrderCallFault>>;
  readonly answer: (
    friend: OwnerId,
    order: OrderId,
    yes: boolean,
  ) => Promise<Result<OrderSaid, OrderCallFault>>;
  readonly end: (friend: OwnerId, order: OrderId) => Promise<Result<OrderSaid, OrderCallFault>>;
  /** How all orders between the two stand there, on all devices of his that answer. */
  readonly list: (friend: OwnerId) => Promise<Result<OrderList['orders'], OrderCallFault>>;
};
