import type { z } from 'zod';
import type { Async } from '../../../shared/async.ts';
import type { DenialCode } from '../../../shared/denial.ts';
import type { DeviceId, OwnerId } from '../../../shared/ids.ts';
import type { Denied } from '../../../shared/model/allocate.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import { parseBytes } from '../../../shared/units.ts';
import {
  comparisonAnswer,
  type ComparisonAnswer,
  type ComparisonRequest,
  memberAccounts,
  type MemberAccounts,
  reservationAnswer,
  type ReservationAnswer,
  type ReservationRequest,
  type Settlement,
  settlementAnswer,
  type SettlementAnswer,
  ticketAnswer,
  type TicketRequest,
} from '../../../shared/wire/accounts.ts';
import { PROTOCOL_VERSION } from '../../../shared/wire/messages.ts';
import type { Clock } from '../ports.ts';
import type { AccountBook } from './account-book.ts';
import type { Refusal } from './charge-book.ts';

/** How a call to another device ended badly: its refusal, or none came. */
export type CallFault =
  | { readonly code: 'refused'; readonly denied: Denied }
  | { readonly code: 'unreachable' | 'wrong-key' | 'protocol' | 'cancelled' };

/** Calls a device that a friend's pin stands for, at addresses that this device knows by itself. */
export type CallDevice = <T>(
  device: DeviceId,
  message: {
    readonly method: 'GET' | 'POST';
    readonly path: string;
    readonly body?: unknown;
    readonly schema: z.ZodType<T>;
    readonly signal: AbortSignal;
    readonly answerMs: number;
  },
) => Promise<Result<T, CallFault>>;

/** What a keeper said instead of yes. */
export type Miss =
  | {
      readonly code: 'account-over-plan';
      readonly planBytes: bigint;
      readonly chargedBytes: bigint;
    }
  | { readonly code: 'account-unknown' | 'account-closed' | 'account-server-unreachable' };

/** Asks whoever keeps accounts; where that is this device itself, its own book. */
export type KeeperCalls = {
  readonly reserve: (
    keeper: DeviceId,
    ask: Omit<ReservationRequest, 'v'>,
    signal: AbortSignal,
  ) => Promise<Result<ReservationAnswer, Miss>>;
  readonly settle: (
    keeper: DeviceId,
    items: readonly Settlement[],
  ) => Promise<Result<SettlementAnswer, CallFault>>;
  readonly compare: (
    keeper: DeviceId,
    page: Omit<ComparisonRequest, 'v'>,
  ) => Promise<Result<ComparisonAnswer, CallFault>>;
  readonly look: (keeper: DeviceId) => Promise<Result<MemberAccounts, CallFault>>;
  readonly ticket: (
    keeper: DeviceId,
    ask: Omit<TicketRequest, 'v'>,
  ) => Promise<Result<string, CallFault>>;
};

/** A keeper answers from memory; whoever takes longer is not there, or as good as not. */
export const KEEPER_MS = 8000;

export function createKeeperCalls({
  me,
  book,
  call,
  clock,
}: {
  readonly me: { readonly owner: OwnerId; readonly device: DeviceId };
  readonly book: Async<AccountBook>;
  readonly call: CallDevice;
  readonly clock: Clock;
}): KeeperCalls {
  function send<T>(
    keeper: DeviceId,
    { path, body, schema }: { path: string; body?: object; schema: z.ZodType<T> },
    signal = AbortSignal.timeout(KEEPER_MS),
  ): Promise<Result<T, CallFault>> {
    const method = body === undefined ? 'GET' : 'POST';
    const said = body === undefined ? {} : { body: { v: PROTOCOL_VERSION, ...body } };
    return call(keeper, { method, path, schema, signal, answerMs: KEEPER_MS, ...said });
  }

  return {
    reserve: async (keeper, ask, signal) => {
      if (keeper === me.device) {
        const own = await book.reserve({
          v: PROTOCOL_VERSION,
          ...ask,
          from: me,
          atMs: clock.nowMs(),
        });
        return own.ok ? own : failed(missOf(own.fault.code, own.fault.params));
      }
      const message = { path: '/v1/accounts/reservations', body: ask, schema: reservationAnswer };
      const answered = await send(keeper, message, signal);
      if (!answered.ok) return failed(missOfFault(answered.fault));
      // A yes that sets nothing aside, or a no to a question: nonsense is no word of a keeper.
      return answered.value.reserved === (ask.quote !== true) ? answered : failed(UNREACHABLE);
    },
    settle: async (keeper, items) =>
      keeper === me.device
        ? ok(await book.settle({ from: me, items, atMs: clock.nowMs() }))
        : send(keeper, {
            path: '/v1/accounts/settlements',
            body: { items },
            schema: settlementAnswer,
          }),
    compare: async (keeper, page) =>
      keeper === me.device
        ? ok(await book.compare({ v: PROTOCOL_VERSION, ...page, from: me, atMs: clock.nowMs() }))
        : send(keeper, {
            path: '/v1/accounts/comparison',
            body: page,
            schema: comparisonAnswer,
          }),
    look: (keeper) => send(keeper, { path: '/v1/accounts', schema: memberAccounts }),
    ticket: async (keeper, ask) => {
      const message = { path: '/v1/accounts/tickets', body: ask, schema: ticketAnswer };
      const answered = await send(keeper, message);
      return answered.ok ? ok(answered.value.ticket) : answered;
    },
  };
}

const UNREACHABLE: Miss = { code: 'account-server-unreachable' };

function missOfFault(fault: CallFault): Miss {
  if (fault.code !== 'refused') return UNREACHABLE;
  const [nearest] = fault.denied.reasons;
  return nearest === undefined ? UNREACHABLE : missOf(nearest.code, nearest.params);
}

/** Only what a keeper can mean by it; whatever else he answers is as good as no answer. */
function missOf(code: DenialCode | Refusal['code'], params: Refusal['params']): Miss {
  if (code === 'account-unknown' || code === 'account-closed') return { code };
  if (code !== 'account-over-plan') return UNREACHABLE;
  const planBytes = parseBytes(params['planBytes'] ?? '');
  const chargedBytes = parseBytes(params['useBytes'] ?? '');
  if (planBytes === undefined || chargedBytes === undefined) return UNREACHABLE;
  return { code, planBytes, chargedBytes };
}
