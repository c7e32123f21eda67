import { z } from 'zod';
import { bytes, ownerId } from '../model/ids.ts';
import { PROTOCOL_VERSION } from './messages.ts';

/** What introducers and hosts say about vouchers, beside the voucher itself, which comes as a reason (design §3.7). */

const id = z.string().regex(/^[a-z2-7]{26}$/);
const AT_ONCE_MAX = 64;

/** "These of mine count no longer": nothing new is granted on them, and what stands on them is not renewed. */
export const withdrawals = z.strictObject({
  v: z.literal(PROTOCOL_VERSION),
  ids: z.array(id).min(1).max(AT_ONCE_MAX),
});
export const WITHDRAWALS_AT_ONCE = AT_ONCE_MAX;

/** What of the caller's introductions is used at the host; those on which nothing was ever granted are not there. */
export const vouched = z.object({
  vouchers: z
    .array(
      z.object({
        id,
        newcomer: ownerId,
        bytes,
        /** Promises of the plots on it, and on what was narrowed from it. */
        used: bytes,
        withdrawn: z.boolean(),
      }),
    )
    .max(1000),
});
export type Vouched = z.infer<typeof vouched>;
