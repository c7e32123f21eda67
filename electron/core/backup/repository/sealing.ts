import { createCipheriv, createDecipheriv, randomBytes, timingSafeEqual } from 'node:crypto';
import sodium from 'sodium-native';
import { assert } from '../../../../shared/assert.ts';

/**
 * How restic seals everything it stores (doc/design.rst, "Keys, Encryption and MAC"): AES-256-CTR,
 * then Poly1305-AES over the ciphertext. `IV ‖ ciphertext ‖ MAC`.
 */
export type MasterKey = {
  /** AES-256. */
  readonly encrypt: Uint8Array;
  /** The two halves of a Poly1305-AES key (Bernstein 2005): AES-128 for the nonce, and r. */
  readonly macK: Uint8Array;
  readonly macR: Uint8Array;
};

const IV_BYTES = 16;
const MAC_BYTES = 16;
export const SEAL_BYTES = IV_BYTES + MAC_BYTES;

export function newMasterKey(): MasterKey {
  return { encrypt: randomBytes(32), macK: randomBytes(16), macR: randomBytes(16) };
}

export function seal(key: MasterKey, plaintext: Uint8Array): Buffer {
  const sealed = Buffer.allocUnsafe(plaintext.length + SEAL_BYTES);
  sealInto(sealed, 0, { key, plaintext });
  return sealed;
}

/** Seals into a larger buffer at `at`; answers the sealed length. */
export function sealInto(
  target: Buffer,
  at: number,
  { key, plaintext }: { readonly key: MasterKey; readonly plaintext: Uint8Array },
): number {
  const iv = randomBytes(IV_BYTES);
  const end = at + IV_BYTES + plaintext.length;
  target.set(iv, at);
  target.set(createCipheriv('aes-256-ctr', key.encrypt, iv).update(plaintext), at + IV_BYTES);
  target.set(macOf(key, iv, target.subarray(at + IV_BYTES, end)), end);
  return plaintext.length + SEAL_BYTES;
}

/** The plaintext, or `undefined` if these bytes were not sealed with this key. */
export function unseal(key: MasterKey, sealed: Uint8Array): Buffer | undefined {
  if (sealed.length < SEAL_BYTES) return undefined;
  const iv = sealed.subarray(0, IV_BYTES);
  const ciphertext = sealed.subarray(IV_BYTES, sealed.length - MAC_BYTES);
  const mac = sealed.subarray(sealed.length - MAC_BYTES);
  if (!timingSafeEqual(macOf(key, iv, ciphertext), mac)) return undefined;
  return createDecipheriv('aes-256-ctr', key.encrypt, iv).update(ciphertext);
}

function macOf(key: MasterKey, nonce: Uint8Array, message: Uint8Array): Buffer {
  const pad = createCipheriv('aes-128-ecb', key.macK, null).setAutoPadding(false).update(nonce);
  const mac = Buffer.allocUnsafe(MAC_BYTES);
  // libsodium has no tag of nothing to point at; restic seals nothing empty.
  assert(message.length > 0, 'an empty message is never sealed');
  sodium.crypto_onetimeauth(mac, asBuffer(message), Buffer.concat([key.macR, pad]));
  return mac;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
