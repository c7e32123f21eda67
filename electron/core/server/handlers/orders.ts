import type { DenialCode } from '../../../../shared/denial.ts';
import type { Result } from '../../../../shared/result.ts';
import { orderAnswer, orderEnd, orderId, orderProposal } from '../../../../shared/wire/orders.ts';
import { parseMessage } from '../message-body.ts';
import { deny } from '../replies.ts';
import type { Response, Route } from '../router.ts';
import type { Parts } from './parts.ts';

/** Standing orders between two friends: proposed, answered, ended, and how they stand (design §3.6). */
export function orderRoutes({ orders, limits }: Parts): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/barter/orders',
      access: 'friend',
      handle: async ({ friend }) => said(await orders.list(friend)),
    },
    {
      method: 'POST',
      path: '/v1/barter/orders',
      access: 'friend',
      handle: async ({ friend, body }) => {
        const message = parseMessage(body, orderProposal, limits);
        if (!message.ok) return deny(message.fault.code, message.fault.params);
        return said(await orders.propose(friend, message.value));
      },
    },
    {
      method: 'POST',
      path: '/v1/barter/orders/:order/answer',
      access: 'friend',
      handle: async ({ friend, params, body }) => {
        const message = parseMessage(body, orderAnswer, limits);
        if (!message.ok) return deny(message.fault.code, message.fault.params);
        const order = orderId.safeParse(params['order']).data;
        if (order === undefined) return deny('order-unknown');
        return said(await orders.answer(friend, { order, yes: message.value.yes }));
      },
    },
    {
      method: 'POST',
      path: '/v1/barter/orders/:order/end',
      access: 'friend',
      handle: async ({ friend, params, body }) => {
        const message = parseMessage(body, orderEnd, limits);
        if (!message.ok) return deny(message.fault.code, message.fault.params);
        const order = orderId.safeParse(params['order']).data;
        if (order === undefined) return deny('order-unknown');
        return said(await orders.end(friend, order));
      },
    },
  ];
}

function said(result: Result<unknown, DenialCode>): Response {
  return result.ok ? { status: 200, body: result.value } : deny(result.fault);
}
