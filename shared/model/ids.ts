import { z } from 'zod';
import type { DeviceId, OwnerId, PlotId, RequestId, TicketId } from '../ids.ts';
import { parseBytes } from '../units.ts';

/** Parsers of everything that is a name or a quantity in a message. Shared by wire, contract and files. */

const BASE32_32_BYTES = /^[a-z2-7]{51}[aq]$/;
const BASE32_16_BYTES = /^[a-z2-7]{25}[aeimquy4]$/;

export const ownerId = z
  .string()
  .regex(BASE32_32_BYTES, 'an owner is 52 characters of base32')
  .transform((text) => text as OwnerId);

export const deviceId = z
  .string()
  .regex(BASE32_32_BYTES, 'a device is 52 characters of base32')
  .transform((text) => text as DeviceId);

export const plotId = z
  .string()
  .regex(BASE32_16_BYTES, 'a plot is 26 characters of base32')
  .transform((text) => text as PlotId);

export const ticketId = z
  .string()
  .regex(BASE32_16_BYTES, 'a ticket is 26 characters of base32')
  .transform((text) => text as TicketId);

export const requestId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{21}[AQgw]$/, 'a request id is 22 characters of base64url')
  .transform((text) => text as RequestId);

/** A byte count on the wire: text in, `bigint` inside. */
export const bytes = z.string().transform((text, context) => {
  const value = parseBytes(text);
  if (value !== undefined) return value;
  context.addIssue({
    code: 'custom',
    message: 'a byte count is a whole decimal number up to 2^63 − 1',
  });
  return z.NEVER;
});

/** A duration on the wire: integer seconds, 1 … 2^31 − 1. The policy's guards narrow it further. */
export const durationS = z
  .int()
  .min(1)
  .max(2 ** 31 - 1);
