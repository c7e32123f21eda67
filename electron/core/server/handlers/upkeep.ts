import { createHash } from 'node:crypto';
import type { z } from 'zod';
import {
  delegateRequest,
  keepOnlyRequest,
  type RenewedMany,
  renewManyRequest,
} from '../../../../shared/wire/upkeep.ts';
import { RENEWED_TOGETHER } from '../../ledger/upkeep-book.ts';
import { parseMessage } from '../message-body.ts';
import { createRateLimiter } from '../rate-limit.ts';
import { deny, fromReply } from '../replies.ts';
import { type FriendCall, plotIn, type Response, type Route } from '../router.ts';
import type { Parts } from './parts.ts';

/** As much as a list of so many plots: about each of a friend's a line is kept, and nobody has more to say than a few times a day. */
const KEEP_ONLY_COSTS = 25;

/** Looking after plots many at a time, and for others (design §3.4). */
export function upkeepRoutes({
  ledger,
  witnesses,
  moment,
  disk,
  limits,
  clock,
}: Parts): readonly Route[] {
  // Each is as much work as a thousand calls, and nobody needs it more often than news.
  const limit = createRateLimiter(limits.news, clock);
  // What is said of each plot is kept as if it had been asked for alone, on whichever device.
  const askLimit = createRateLimiter(limits.asks, clock);

  async function run<T>(
    { body, caller }: FriendCall,
    schema: z.ZodType<T>,
    act: (request: T, bodyHash: Uint8Array) => Promise<Response>,
  ): Promise<Response> {
    if (!limit.admit(caller.device ?? '')) return deny('rate-limited');
    const message = parseMessage(body, schema, limits);
    if (!message.ok) return deny(message.fault.code, message.fault.params);
    return act(message.value, createHash('sha256').update(body).digest());
  }

  return [
    {
      method: 'POST',
      path: '/v1/plots/renewals',
      access: 'guest',
      handle: (call) =>
        run(call, renewManyRequest, async (request, bodyHash) => {
          const { owner } = call.friend;
          const { plots, why = [] } = request;
          const asked = { owner, request: undefined, why, isQuote: false };
          const gathered = await witnesses.gather(asked);
          const common = { owner, request, bodyHash, gathered };
          const answers: RenewedMany['answers'] = [];
          let from: number | undefined = 0;
          while (from !== undefined) {
            // Whoever was stopped here goes on here with the same request.
            const left = plots === 'all' ? RENEWED_TOGETHER : plots.length - from;
            if (!askLimit.admit(owner, Math.min(left, RENEWED_TOGETHER)))
              return deny('rate-limited');
            const at = { from, moment: moment(), disk: await disk() };
            const reply: Awaited<ReturnType<typeof ledger.renewMany>> = await ledger.renewMany({
              ...common,
              ...at,
            });
            if (!('renewed' in reply)) return fromReply(reply);
            answers.push(...reply.renewed.answers);
            from = reply.next;
          }
          return { status: 200, body: { answers } };
        }),
    },
    {
      method: 'POST',
      path: '/v1/plots/keep-only',
      access: 'guest',
      handle: (call) =>
        run(call, keepOnlyRequest, async (request, bodyHash) => {
          const { owner } = call.friend;
          // What becomes of all of them is kept, also where one is named.
          const costs = Math.max(request.plots.length, KEEP_ONLY_COSTS);
          if (!askLimit.admit(owner, costs)) return deny('rate-limited');
          const reply = await ledger.keepOnly({ owner, request, bodyHash, moment: moment() });
          return 'kept' in reply ? { status: 200, body: reply.kept } : fromReply(reply);
        }),
    },
    {
      method: 'POST',
      path: '/v1/plots/:plot/delegate',
      access: 'friend',
      handle: (call) =>
        run(call, delegateRequest, async ({ to, forS }) => {
          const plot = plotIn(call.params);
          if (plot === undefined) return deny('plot-unknown');
          const { owner } = call.friend;
          const named = await ledger.delegate({ owner, plot, to, forS, moment: moment() });
          if (named.ok) return { status: 200, body: named.value };
          return named.fault === 'too-many'
            ? deny('bad-request', { field: 'to', problem: 'too many' })
            : deny(named.fault);
        }),
    },
    {
      method: 'GET',
      path: '/v1/plots/:plot/delegate',
      access: 'friend',
      handle: async ({ friend, params }) => {
        const plot = plotIn(params);
        if (plot === undefined) return deny('plot-unknown');
        const named = await ledger.delegates({ owner: friend.owner, plot, moment: moment() });
        return named.ok ? { status: 200, body: named.value } : deny('plot-unknown');
      },
    },
    {
      method: 'GET',
      path: '/v1/errands',
      access: 'friend',
      handle: async ({ friend }) => ({
        status: 200,
        body: { errands: await ledger.errands({ owner: friend.owner, moment: moment() }) },
      }),
    },
  ];
}
