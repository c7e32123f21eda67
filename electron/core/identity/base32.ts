import { base32nopad } from '@scure/base';

/** Lower-case base32 without padding (RFC 4648 §6): easy to read aloud, safe in paths and addresses. */
export function toBase32(bytes: Uint8Array): string {
  return base32nopad.encode(bytes).toLowerCase();
}

/** The inverse; throws on text that no encoder wrote, so parse ids (shared/model/ids.ts) first. */
export function fromBase32(text: string): Uint8Array {
  return base32nopad.decode(text.toUpperCase());
}
