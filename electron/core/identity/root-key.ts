import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import type { OwnerId } from '../../../shared/ids.ts';
import { fromBase32, toBase32 } from './base32.ts';

/** DER in front of a raw Ed25519 key: PKCS #8 of RFC 8410 §7, SPKI of its §4. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** The owner's root: used when a device is set up, then forgotten. */
export type RootKey = {
  readonly owner: OwnerId;
  readonly sign: (bytes: Uint8Array) => Uint8Array;
};

export function rootKeyOf(seed: Uint8Array): RootKey {
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    owner: toBase32(spki.subarray(SPKI_PREFIX.length)) as OwnerId,
    sign: (bytes) => sign(null, bytes, key),
  };
}

export function verifyByOwner(
  owner: OwnerId,
  { bytes, signature }: { readonly bytes: Uint8Array; readonly signature: Uint8Array },
): boolean {
  const key = createPublicKey({
    key: Buffer.concat([SPKI_PREFIX, fromBase32(owner)]),
    format: 'der',
    type: 'spki',
  });
  return verify(null, bytes, key, signature);
}
