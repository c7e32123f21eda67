import { toBase32 } from '../identity/base32.ts';
import type { Randomness } from '../ports.ts';
import type { OrderId } from './orders.ts';

const ORDER_ID_BYTES = 16;

/** 128 random bits: both sides name an order by the id that its proposer made. */
export function newOrderId(randomness: Randomness): OrderId {
  return toBase32(randomness.bytes(ORDER_ID_BYTES)) as OrderId;
}
