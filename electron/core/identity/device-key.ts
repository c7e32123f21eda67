import {
  createHash,
  createPrivateKey,
  createPublicKey,
  sign,
  verify,
  webcrypto,
  X509Certificate,
} from 'node:crypto';
import type { DeviceId } from '../../../shared/ids.ts';
import { toBase32 } from './base32.ts';

export type DeviceKey = {
  readonly device: DeviceId;
  readonly keyPem: string;
  readonly certificatePem: string;
};

/**
 * A fresh P-256 key in a self-signed certificate. The certificate is only the envelope in which TLS
 * carries the key: its name and dates say nothing about anybody, and nobody checks them.
 */
export async function createDeviceKey(): Promise<DeviceKey> {
  const { ALGORITHM, makeSelfSigned } = await import('./self-signed.ts');
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const keyPem = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8' })
    .toString();
  const certificatePem = await makeSelfSigned(keys);
  return { device: deviceOf(new X509Certificate(certificatePem)), keyPem, certificatePem };
}

/** A device is the SHA-256 of its key (SPKI), whatever certificate it comes in (design §5). */
export function deviceOf(certificate: X509Certificate): DeviceId {
  return deviceOfKey(certificate.publicKey.export({ format: 'der', type: 'spki' }));
}

/** The key itself, for whoever knows the device by its hash only. */
export function keyIn(certificatePem: string): Uint8Array {
  return new X509Certificate(certificatePem).publicKey.export({ format: 'der', type: 'spki' });
}

export function deviceOfKey(spki: Uint8Array): DeviceId {
  return toBase32(createHash('sha256').update(spki).digest()) as DeviceId;
}

export function deviceSigner(keyPem: string): (bytes: Uint8Array) => Uint8Array {
  const key = createPrivateKey(keyPem);
  return (bytes) => sign('sha256', bytes, key);
}

export function verifyByDevice(
  certificatePem: string,
  { bytes, signature }: { readonly bytes: Uint8Array; readonly signature: Uint8Array },
): boolean {
  return verify('sha256', bytes, new X509Certificate(certificatePem).publicKey, signature);
}

/** The same with a key that came along; untrusted, whatever device its hash may be. */
export function verifyByKey(
  spki: Uint8Array,
  { bytes, signature }: { readonly bytes: Uint8Array; readonly signature: Uint8Array },
): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ec' && verify('sha256', bytes, key, signature);
  } catch {
    // No key at all: anybody can call the hash of anything his device.
    return false;
  }
}
