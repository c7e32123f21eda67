import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { OwnerId } from '../../../../shared/ids.ts';
import type { Result } from '../../../../shared/result.ts';
import { change, mintCall, noteGift, swap, withdrawal } from '../../../../shared/wire/mint.ts';
import type { Asked, Mint } from '../../barter/mint/mint.ts';
import type { MintDenial } from '../../barter/mint/mint-book.ts';
import type { Wallet } from '../../barter/wallet/wallet.ts';
import { parseMessage } from '../message-body.ts';
import { createRateLimiter } from '../rate-limit.ts';
import { deny } from '../replies.ts';
import type { FriendCall, Response, Route } from '../router.ts';
import type { Parts } from './parts.ts';

/** What friends can want of this device's mint and its purse (design §3.6, §5). */
export function mintRoutes({ barter, limits, clock }: Parts): readonly Route[] {
  const { mint, wallet } = barter;
  // Each of these moves notes or makes some: mathematics, and lines that are kept.
  const limit = createRateLimiter(limits.mint, clock);

  async function run<M extends object, T>(
    call: FriendCall,
    schema: z.ZodType<M>,
    act: (asked: Asked<M>) => Promise<Result<T, MintDenial>>,
  ): Promise<Response> {
    const { owner } = call.friend;
    if (!limit.admit(owner)) return deny('rate-limited');
    const message = parseMessage(call.body, schema, limits);
    if (!message.ok) return deny(message.fault.code, message.fault.params);
    if (!limit.admit(owner, pieces(message.value))) return deny('rate-limited');
    const bodyHash = createHash('sha256').update(call.body).digest();
    return answer(await act({ owner, message: message.value, bodyHash }));
  }

  return [
    {
      method: 'GET',
      path: '/v1/mint',
      access: 'friend',
      handle: async ({ friend }) => answer(await mint.info(friend)),
    },
    post('withdrawals', (call) => run(call, withdrawal, mint.withdraw)),
    post('swaps', (call) => run(call, swap, mint.swap)),
    post('change', (call) => run(call, change, mint.change)),
    // What he holds stays his to fetch and to swap; what he brings unasked is not looked at.
    unasked('/v1/mint/calls', (call) =>
      run(call, mintCall, async ({ owner }) => {
        barter.heard(owner);
        return { ok: true, value: { heard: true } };
      }),
    ),
    unasked('/v1/notes', (call) =>
      run(call, noteGift, async ({ owner, ...asked }) => {
        const received = await wallet.receive({ from: owner, ...asked });
        return received.ok ? { ok: true, value: { settled: true } } : received;
      }),
    ),
  ];
}

/** What the handlers know of barter. */
export type BarterDesk = {
  readonly mint: Pick<Mint, 'info' | 'withdraw' | 'swap' | 'change'>;
  readonly wallet: Pick<Wallet, 'receive'>;
  /** A friend says that there is something to fetch at his. */
  readonly heard: (friend: OwnerId) => void;
};

/** How many notes it is about. */
function pieces(message: object): number {
  const many = (key: 'notes' | 'blinded') => {
    const list: unknown = (message as Readonly<Record<string, unknown>>)[key];
    return Array.isArray(list) ? list.length : 0;
  };
  return many('notes') + many('blinded');
}

function post(what: string, handle: (call: FriendCall) => Promise<Response>): Route {
  return { method: 'POST', path: `/v1/mint/${what}`, access: 'friend', handle };
}

function unasked(path: string, handle: (call: FriendCall) => Promise<Response>): Route {
  return {
    method: 'POST',
    path,
    access: 'friend',
    handle: async (call) => (call.friend.blocked ? deny('blocked') : handle(call)),
  };
}

function answer(result: Result<unknown, MintDenial>): Response {
  return result.ok
    ? { status: 200, body: result.value }
    : deny(result.fault.code, result.fault.params);
}
