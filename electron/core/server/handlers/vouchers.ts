import { type Vouched, withdrawals } from '../../../../shared/wire/voucher-messages.ts';
import { parseMessage } from '../message-body.ts';
import { deny } from '../replies.ts';
import type { Route } from '../router.ts';
import type { Parts } from './parts.ts';

/** Introducers take back what they gave, and see what was used of it; guests too, of what they passed on. */
export function voucherRoutes({ vouchers, limits, clock }: Parts): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/vouchers',
      access: 'guest',
      handle: async ({ friend }) => {
        const all = await vouchers.vouchedBy(friend.owner);
        const body: Vouched = {
          vouchers: all.map(({ id, newcomer, bytes, usedBytes, withdrawn }) => ({
            id,
            newcomer,
            bytes,
            used: usedBytes,
            withdrawn,
          })),
        };
        return { status: 200, body };
      },
    },
    {
      method: 'POST',
      path: '/v1/vouchers/withdrawals',
      access: 'guest',
      handle: async ({ friend, body }) => {
        const message = parseMessage(body, withdrawals, limits);
        if (!message.ok) return deny(message.fault.code, message.fault.params);
        const { ids } = message.value;
        const taken = await vouchers.takeBack({
          introducer: friend.owner,
          ids,
          atMs: clock.nowMs(),
        });
        return taken.ok ? { status: 200, body: { withdrawn: true } } : deny('rate-limited');
      },
    },
  ];
}
