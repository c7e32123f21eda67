import type { z } from 'zod';
import type { PlotId } from '../../../../shared/ids.ts';
import {
  damageReport,
  type ObjectNamed,
  protectionRequest,
  restorationRequest,
  TRASH_PAGE,
  trashAfter,
} from '../../../../shared/wire/protection.ts';
import { parseMessage } from '../message-body.ts';
import { createRateLimiter } from '../rate-limit.ts';
import { deny } from '../replies.ts';
import { type FriendCall, plotIn, type Response, type Route } from '../router.ts';
import type { Parts } from './parts.ts';

/** What a guest can do about things deleted and things damaged in a plot of his (design §6). */
export function protectionRoutes(parts: Parts): readonly Route[] {
  const { ledger, moment, examine, limits, clock } = parts;
  // Each may move a thousand rows or read a gigabyte; nobody needs them more often than news.
  const limit = createRateLimiter(limits.news, clock);
  // Each counts what lies in the trash, which may be a million things.
  const pages = createRateLimiter(limits.news, clock);

  async function run<T>(
    { body, caller, params }: FriendCall,
    schema: z.ZodType<T>,
    act: (plot: PlotId, request: T) => Promise<Response>,
  ): Promise<Response> {
    if (!limit.admit(caller.device ?? '')) return deny('rate-limited');
    const plot = plotIn(params);
    if (plot === undefined) return deny('plot-unknown');
    const message = parseMessage(body, schema, limits);
    if (!message.ok) return deny(message.fault.code, message.fault.params);
    return act(plot, message.value);
  }

  async function page(
    { caller, friend, params }: FriendCall,
    after: ObjectNamed | undefined,
  ): Promise<Response> {
    if (!pages.admit(caller.device ?? '')) return deny('rate-limited');
    const plot = plotIn(params);
    if (plot === undefined) return deny('plot-unknown');
    const { owner } = friend;
    const read = await ledger.trash({ owner, plot, after, limit: TRASH_PAGE, moment: moment() });
    return read.ok ? { status: 200, body: read.value } : deny(read.fault);
  }

  return [
    {
      method: 'PUT',
      path: '/v1/plots/:plot/protection',
      access: 'guest',
      handle: (call) =>
        run(call, protectionRequest, async (plot, { days }) => {
          const { owner, blocked } = call.friend;
          // He keeps what he has for as long as it was granted, and no longer.
          if (blocked) return deny('blocked');
          const set = await ledger.protect({ owner, plot, days, moment: moment() });
          return set.ok ? { status: 200, body: set.value } : deny(set.fault);
        }),
    },
    {
      method: 'GET',
      path: '/v1/plots/:plot/trash',
      access: 'guest',
      handle: (call) => page(call, undefined),
    },
    {
      method: 'GET',
      path: '/v1/plots/:plot/trash/:after',
      access: 'guest',
      handle: async (call) => {
        const after = trashAfter.safeParse(call.params['after']).data;
        return after === undefined
          ? deny('bad-request', { field: 'after', problem: 'no such place' })
          : page(call, after);
      },
    },
    {
      method: 'POST',
      path: '/v1/plots/:plot/trash/restorations',
      access: 'guest',
      handle: (call) =>
        run(call, restorationRequest, async (plot, what) => {
          const { owner } = call.friend;
          const all = { objects: 0, bytes: 0n, stays: false };
          for (;;) {
            const at = { owner, plot, what, limit: RESTORED_TOGETHER, moment: moment() };
            const some = await ledger.restore(at);
            if (!some.ok) return deny(some.fault);
            all.objects += some.value.objects;
            all.bytes += some.value.bytes;
            all.stays ||= some.value.stays;
            if (!some.value.isMore) return { status: 200, body: all };
          }
        }),
    },
    {
      method: 'POST',
      path: '/v1/plots/:plot/damage',
      access: 'guest',
      handle: (call) =>
        run(call, damageReport, async (plot, { objects }) => {
          const found = await examine({ owner: call.friend.owner, plot, objects });
          return found.ok ? { status: 200, body: found.value } : deny(found.fault);
        }),
    },
  ];
}

/** Everybody else's calls wait for the thread of the books meanwhile. */
const RESTORED_TOGETHER = 500;
