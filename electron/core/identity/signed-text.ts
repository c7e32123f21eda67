import type { z } from 'zod';
import { encodeJson, jsonOf } from '../../../shared/wire/json.ts';

/** The exact bytes that were signed, and the signature, both base64url. */
export type SignedText = { readonly signed: string; readonly signature: string };

/**
 * What keys of ours sign: a line that says what it is, so that no signature can be shown for something else, and then
 * JSON. Whoever reads it reads the very bytes that were signed.
 */
export function signText(
  domain: `allotment-${string}\n`,
  value: unknown,
  sign: (bytes: Uint8Array) => Uint8Array,
): SignedText {
  const bytes = Buffer.from(domain + encodeJson(value), 'utf8');
  return {
    signed: bytes.toString('base64url'),
    signature: Buffer.from(sign(bytes)).toString('base64url'),
  };
}

/** What such bytes say, whoever signed them; `undefined` for anything else. Untrusted. */
export function readText<T>(
  domain: string,
  bytes: Uint8Array,
  schema: z.ZodType<T>,
): T | undefined {
  const text = Buffer.from(bytes).toString('utf8');
  if (!text.startsWith(domain)) return undefined;
  return schema.safeParse(jsonOf(text.slice(domain.length))).data;
}
