import { z } from 'zod';
import { bytes } from '../model/ids.ts';
import { PROTOCOL_VERSION } from './messages.ts';

/** What devices say to each other about standing orders (design §3.6; PROTOCOL). `give` is always the sender's. */

export const orderId = z.string().regex(/^[a-z2-7]{25}[aeimquy4]$/);
const v = z.literal(PROTOCOL_VERSION);
const terms = {
  /** Units of the sender's notes, and of the receiver's, each period. */
  give: bytes,
  want: bytes,
  periodDays: z.int().min(1).max(365),
};

export const orderProposal = z
  .strictObject({
    v,
    order: orderId,
    ...terms,
    /** Made by a program from what its owner does, and not by hand. */
    translated: z.boolean().optional(),
    /** The order between the two that ends when this one begins. */
    replaces: orderId.optional(),
  })
  .refine(({ give, want }) => give > 0n || want > 0n, 'nothing for nothing is no order');
export type OrderProposal = z.infer<typeof orderProposal>;

export const orderAnswer = z.strictObject({ v, yes: z.boolean() });
export const orderEnd = z.strictObject({ v });

const orderState = z.enum(['offered', 'asked', 'standing', 'ended']);
/** How the order stands with whoever answers. */
export const orderSaid = z.object({ order: orderId, state: orderState });
export type OrderSaid = z.infer<typeof orderSaid>;

/** Why nothing comes from whoever answers. Words of versions to come are left out. */
const ORDER_WAITS = ['over-issue', 'paused'] as const;

export const orderList = z.object({
  orders: z
    .array(orderSaid.extend({ ...terms, waits: z.enum(ORDER_WAITS).optional().catch(undefined) }))
    .max(64),
});
export type OrderList = z.infer<typeof orderList>;
