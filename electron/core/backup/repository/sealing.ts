import {
  type Cipheriv,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type KeyObject,
  randomBytes,
  randomFillSync,
  timingSafeEqual,
} from 'node:crypto';
import sodium from 'sodium-native';
import { assert } from '../../../../shared/assert.ts';
import { releaseChunk } from '../../memory.ts';

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
  const iv = newIv();
  const end = at + IV_BYTES + plaintext.length;
  target.set(iv, at);
  const ciphertext = createCipheriv('aes-256-ctr', readyOf(key).encrypt, iv).update(plaintext);
  target.set(ciphertext, at + IV_BYTES);
  releaseChunk(ciphertext);
  target.set(macOf(key, iv, target.subarray(at + IV_BYTES, end)), end);
  return plaintext.length + SEAL_BYTES;
}

/** The plaintext, or `undefined` if these bytes were not sealed with this key. */
export function unseal(key: MasterKey, sealed: Uint8Array): Buffer | undefined {
  // Nobody seals nothing; only a hostile file could say so.
  if (sealed.length <= SEAL_BYTES) return undefined;
  const iv = sealed.subarray(0, IV_BYTES);
  const ciphertext = sealed.subarray(IV_BYTES, sealed.length - MAC_BYTES);
  const mac = sealed.subarray(sealed.length - MAC_BYTES);
  if (!timingSafeEqual(macOf(key, iv, ciphertext), mac)) return undefined;
  return createDecipheriv('aes-256-ctr', readyOf(key).encrypt, iv).update(ciphertext);
}

function macOf(key: MasterKey, nonce: Uint8Array, message: Uint8Array): Buffer {
  const { nonces, oneTimeKey } = readyOf(key);
  oneTimeKey.set(nonces.update(nonce), IV_BYTES);
  const mac = Buffer.allocUnsafe(MAC_BYTES);
  // libsodium has no tag of nothing to point at; restic seals nothing empty.
  assert(message.length > 0, 'an empty message is never sealed');
  sodium.crypto_onetimeauth(mac, asBuffer(message), oneTimeKey);
  return mac;
}

/** What can be made once per key: small files make tens of thousands of blobs. */
type Ready = {
  readonly encrypt: KeyObject;
  /** AES-128 in ECB: each nonce is one block by itself. */
  readonly nonces: Cipheriv;
  /** r, then the encrypted nonce of the moment. */
  readonly oneTimeKey: Buffer;
};
const ready = new WeakMap<MasterKey, Ready>();

function readyOf(key: MasterKey): Ready {
  const known = ready.get(key);
  if (known !== undefined) return known;
  const oneTimeKey = Buffer.alloc(32);
  oneTimeKey.set(key.macR);
  const made: Ready = {
    encrypt: createSecretKey(key.encrypt),
    nonces: createCipheriv('aes-128-ecb', key.macK, null).setAutoPadding(false),
    oneTimeKey,
  };
  ready.set(key, made);
  return made;
}

const ivs = Buffer.alloc(256 * IV_BYTES);
let ivsUsed = ivs.length;

/** From a supply: asking the system for each costs more than sealing a small blob. */
function newIv(): Uint8Array {
  if (ivsUsed === ivs.length) {
    randomFillSync(ivs);
    ivsUsed = 0;
  }
  ivsUsed += IV_BYTES;
  // A copy: the supply is filled again.
  return Uint8Array.prototype.slice.call(ivs, ivsUsed - IV_BYTES, ivsUsed);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
