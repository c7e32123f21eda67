import type { z } from 'zod';
import type { Result } from '../../../../shared/result.ts';
import {
  comparisonRequest,
  reservationRequest,
  settlementRequest,
  ticketRequest,
} from '../../../../shared/wire/accounts.ts';
import type { Host, Refusal } from '../../accounts/charge-book.ts';
import { parseMessage } from '../message-body.ts';
import { deny } from '../replies.ts';
import type { FriendCall, Response, Route } from '../router.ts';
import type { Parts } from './parts.ts';

/** Accounts that this device keeps: members look and fetch tickets, hosts reserve, settle and compare (design §3.5). */
export function accountRoutes({ accounts, limits }: Parts): readonly Route[] {
  function said<T>(
    call: FriendCall,
    schema: z.ZodType<T>,
    act: (message: T, from: Host) => Promise<Response>,
  ): Response | Promise<Response> {
    const { device } = call.caller;
    if (device === undefined) return deny('unknown-peer');
    const message = parseMessage(call.body, schema, limits);
    if (!message.ok) return deny(message.fault.code, message.fault.params);
    return act(message.value, { owner: call.friend.owner, device });
  }

  return [
    {
      method: 'GET',
      path: '/v1/accounts',
      access: 'friend',
      handle: async ({ friend }) => ({ status: 200, body: await accounts.look(friend.owner) }),
    },
    {
      method: 'POST',
      path: '/v1/accounts/reservations',
      access: 'friend',
      handle: (call) =>
        said(call, reservationRequest, async (ask, from) =>
          reply(await accounts.reserve(from, ask)),
        ),
    },
    {
      method: 'POST',
      path: '/v1/accounts/tickets',
      access: 'friend',
      handle: (call) =>
        said(call, ticketRequest, async (ask, { owner }) =>
          reply(await accounts.ticket(owner, ask)),
        ),
    },
    {
      method: 'POST',
      path: '/v1/accounts/settlements',
      access: 'friend',
      handle: (call) =>
        said(call, settlementRequest, async ({ items }, from) => ({
          status: 200,
          body: await accounts.settle(from, items),
        })),
    },
    {
      method: 'POST',
      path: '/v1/accounts/comparison',
      access: 'friend',
      handle: (call) =>
        said(call, comparisonRequest, async (page, from) => ({
          status: 200,
          body: await accounts.compare(from, page),
        })),
    },
  ];
}

function reply(result: Result<unknown, Refusal>): Response {
  return result.ok
    ? { status: 200, body: result.value }
    : deny(result.fault.code, result.fault.params);
}
