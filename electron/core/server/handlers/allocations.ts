import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { allocateRequest, renewRequest, resizeRequest } from '../../../../shared/model/allocate.ts';
import { ticketId } from '../../../../shared/model/ids.ts';
import type { PlotStatus } from '../../../../shared/wire/messages.ts';
import type { PlotRow, Reply } from '../../ledger/ledger.ts';
import { parseMessage } from '../message-body.ts';
import { deny } from '../replies.ts';
import { type FriendCall, plotIn, type Response, type Route } from '../router.ts';
import { toPerson } from './guest-answer.ts';
import type { Parts } from './parts.ts';
import { answerStranger } from './strangers.ts';

/** Asking, renewing, resizing, letting go: what a friend can want of the ledger (design §3.1, §5). */
export function allocationRoutes(parts: Parts): readonly Route[] {
  const { ledger, witnesses, moment, disk, limits } = parts;
  return [
    {
      method: 'GET',
      path: '/v1/share',
      access: 'friend',
      handle: async ({ friend }) => ({
        status: 200,
        body: await ledger.share({ owner: friend.owner, disk: await disk(), moment: moment() }),
      }),
    },
    {
      method: 'POST',
      path: '/v1/allocations',
      access: 'guest',
      isKept: true,
      ofStranger: (call) => answerStranger(parts, call),
      handle: (call) =>
        run(parts, call, allocateRequest, async (request, bodyHash) => {
          const owner = call.friend.owner;
          const gathered = await witnesses.gather({ owner, request, isQuote: false });
          return ledger.allocate({
            owner,
            request,
            bodyHash,
            gathered,
            moment: moment(),
            disk: await disk(),
          });
        }),
    },
    {
      method: 'POST',
      path: '/v1/quotes',
      access: 'friend',
      handle: async (call) => {
        const message = parseMessage(call.body, allocateRequest, limits);
        if (!message.ok) return deny(message.fault.code, message.fault.params);
        const { owner } = call.friend;
        const request = message.value;
        const { answer } = await ledger.quote({
          owner,
          request,
          gathered: await witnesses.gather({ owner, request, isQuote: true }),
          moment: moment(),
          disk: await disk(),
        });
        return { status: 200, body: { quote: true, answer } };
      },
    },
    {
      method: 'GET',
      path: '/v1/allocations/:ticket',
      access: 'guest',
      handle: async ({ friend, params }) => {
        const { owner } = friend;
        const ticket = ticketId.safeParse(params['ticket']).data;
        if (ticket === undefined) return deny('ticket-unknown');
        const request = await ledger.asked({ owner, ticket });
        const gathered =
          request === undefined ? {} : await witnesses.gather({ owner, request, isQuote: false });
        return toPerson(
          friend,
          await ledger.poll({ owner, ticket, gathered, moment: moment(), disk: await disk() }),
        );
      },
    },
    {
      method: 'DELETE',
      path: '/v1/allocations/:ticket',
      access: 'guest',
      handle: async ({ friend: { owner }, params }) => {
        const ticket = ticketId.safeParse(params['ticket']).data;
        if (ticket !== undefined) await ledger.withdraw({ owner, ticket, moment: moment() });
        return { status: 200, body: { withdrawn: true } };
      },
    },
    ...plotRoutes(parts),
  ];
}

/** What is asked of the ledger and must be told from a repetition: with the hash of its bytes. */
async function run<T>(
  { limits }: Pick<Parts, 'limits'>,
  call: FriendCall,
  schema: z.ZodType<T>,
  act: (request: T, bodyHash: Uint8Array) => Promise<Reply>,
): Promise<Response> {
  const message = parseMessage(call.body, schema, limits);
  if (!message.ok) return deny(message.fault.code, message.fault.params);
  const bodyHash = createHash('sha256').update(call.body).digest();
  return toPerson(call.friend, await act(message.value, bodyHash));
}

function plotRoutes(parts: Parts): readonly Route[] {
  const { ledger, witnesses, moment, disk, onReleased } = parts;
  return [
    {
      method: 'GET',
      path: '/v1/plots',
      access: 'guest',
      handle: async ({ friend }) => {
        const rows = await ledger.plots({ owner: friend.owner, moment: moment() });
        return { status: 200, body: { plots: rows.map(statusOf) } };
      },
    },
    {
      method: 'GET',
      path: '/v1/plots/:plot',
      access: 'guest',
      handle: async ({ friend, params }) => {
        const plot = plotIn(params);
        const row = plot && (await ledger.plot({ plot, moment: moment() }));
        if (row === undefined || row.owner !== friend.owner) return deny('plot-unknown');
        return { status: 200, body: statusOf(row) };
      },
    },
    {
      method: 'POST',
      path: '/v1/plots/:plot/renewals',
      access: 'guest',
      isKept: true,
      handle: (call) => {
        const plot = plotIn(call.params);
        if (plot === undefined) return deny('plot-unknown');
        return run(parts, call, renewRequest, async (request, bodyHash) => {
          const { owner } = call.friend;
          const { why } = request;
          const asked = { owner, request: undefined, why, isQuote: false };
          const gathered = await witnesses.gather(asked);
          const common = { owner, request, bodyHash, plot, gathered, moment: moment() };
          return ledger.renew({ ...common, disk: await disk() });
        });
      },
    },
    {
      method: 'POST',
      path: '/v1/plots/:plot/resize',
      access: 'guest',
      isKept: true,
      handle: (call) => {
        const plot = plotIn(call.params);
        if (plot === undefined) return deny('plot-unknown');
        return run(parts, call, resizeRequest, async (request, bodyHash) => {
          const { owner } = call.friend;
          const common = { owner, request, bodyHash, plot, moment: moment() };
          return ledger.resize({ ...common, disk: await disk() });
        });
      },
    },
    {
      method: 'DELETE',
      path: '/v1/plots/:plot',
      access: 'guest',
      handle: async ({ friend, params }) => {
        const plot = plotIn(params);
        if (plot === undefined) return deny('plot-unknown');
        const result = await ledger.release({ owner: friend.owner, plot, moment: moment() });
        if (!result.ok) return deny('plot-unknown');
        const { state, leavesInS } = result.value;
        if (state === 'released') onReleased(plot);
        return { status: 200, body: { state, ...(leavesInS === undefined ? {} : { leavesInS }) } };
      },
    },
  ];
}

function statusOf(row: PlotRow): PlotStatus {
  return {
    plot: row.plot,
    class: row.class,
    state: row.state,
    size: row.sizeBytes,
    written: row.writtenBytes,
    ttl: row.leftS,
    grace: row.graceS,
    ...(row.leavesInS === undefined ? {} : { leavesInS: row.leavesInS }),
    ...(row.protectDays === 0 ? {} : { protectDays: row.protectDays }),
    ...(row.falls === undefined ? {} : { fallsTo: row.falls.toDays, fallsInS: row.falls.inS }),
    ...(row.shrinks === undefined
      ? {}
      : { shrinksTo: row.shrinks.toBytes, shrinksInS: row.shrinks.inS }),
    ...(row.trashBytes === 0n ? {} : { trash: row.trashBytes }),
  };
}
