import { createHash, randomBytes, scrypt, type ScryptOptions } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type MasterKey, seal, unseal } from './sealing.ts';

/** A key file: the master key, sealed with a key derived from the password (restic, doc/design.rst "Keys"). */

const base64 = (bytes: number) =>
  z.string().transform((text, context) => {
    const decoded = Buffer.from(text, 'base64');
    if (decoded.length === bytes) return decoded;
    context.addIssue({ code: 'custom', message: `${bytes} bytes in base64 are wanted` });
    return z.NEVER;
  });
const masterKey = z.object({
  mac: z.object({ k: base64(16), r: base64(16) }),
  encrypt: base64(32),
});
const keyFile = z.object({
  kdf: z.literal('scrypt'),
  N: z.int(),
  r: z.int(),
  p: z.int(),
  salt: z.string().max(1024),
  data: z.string().max(4096),
});

/** Our password has 256 bits; the cost only has to be what restic accepts. */
const SCRYPT = { N: 32_768, r: 8, p: 1 } as const;
/** A foreign key file may not make this machine work for minutes or take all its memory. */
const SCRYPT_MEMORY_MAX = 512 * 1024 * 1024;
const SCRYPT_P_MAX = 16;

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/**
 * What passwords gave for key files, worked out once: it takes a tenth of a second of a processor and 32 MB, several times in
 * every job. Whoever can read this memory finds the password in it too.
 */
const derived = new Map<string, MasterKey>();
const DERIVED_MAX = 16;

/** For another thread, which knows nothing of what this one has worked out. */
export function derivedKeys(): ReadonlyMap<string, MasterKey> {
  return derived;
}

export function learnDerived(keys: ReadonlyMap<string, MasterKey>): void {
  for (const [id, key] of keys) {
    derived.delete(id);
    const [oldest] = derived.keys();
    if (derived.size >= DERIVED_MAX && oldest !== undefined) derived.delete(oldest);
    derived.set(id, key);
  }
}

export async function makeKeyFile(key: MasterKey, password: string): Promise<Buffer> {
  const salt = randomBytes(64);
  const userKey = await userKeyOf(password, { ...SCRYPT, salt });
  const { macK, macR, encrypt } = key;
  const data = { mac: { k: text64(macK), r: text64(macR) }, encrypt: text64(encrypt) };
  return Buffer.from(
    JSON.stringify({
      created: new Date().toISOString(),
      username: 'allotment',
      hostname: 'allotment',
      kdf: 'scrypt',
      ...SCRYPT,
      salt: text64(salt),
      data: text64(seal(userKey, Buffer.from(JSON.stringify(data)))),
    }),
  );
}

/** `undefined`: another password's key file. 'damaged': no key file at all, or one that asks too much. Rejects where this machine can't work it out. */
export async function openKeyFile(
  content: Uint8Array,
  password: string,
  deriveKey: typeof userKeyOf = userKeyOf,
): Promise<MasterKey | 'damaged' | undefined> {
  const parsed = keyFile.safeParse(jsonOf(content));
  if (!parsed.success) return 'damaged';
  const { N, r, p, salt, data } = parsed.data;
  const isPower = N >= 2 && (N & (N - 1)) === 0;
  if (!isPower || r < 1 || p < 1 || p > SCRYPT_P_MAX || 128 * N * r > SCRYPT_MEMORY_MAX)
    return 'damaged';
  const cost = { N, r, p, salt: Buffer.from(salt, 'base64') };
  const userKey = await deriveKey(password, cost).catch((error: NodeJS.ErrnoException) => {
    // Numbers that are allowed each for itself can still be none that scrypt takes together.
    if (error.code === 'ERR_CRYPTO_INVALID_SCRYPT_PARAMS' || error.code === 'ERR_OUT_OF_RANGE')
      return undefined;
    // This machine has not the memory now, which says nothing about the file.
    throw error;
  });
  if (userKey === undefined) return 'damaged';
  const plaintext = unseal(userKey, Buffer.from(data, 'base64'));
  if (plaintext === undefined) return undefined;
  const key = masterKey.safeParse(jsonOf(plaintext));
  if (!key.success) return 'damaged';
  return { encrypt: key.data.encrypt, macK: key.data.mac.k, macR: key.data.mac.r };
}

async function userKeyOf(
  password: string,
  {
    N,
    r,
    p,
    salt,
  }: { readonly N: number; readonly r: number; readonly p: number; readonly salt: Buffer },
): Promise<MasterKey> {
  const id = createHash('sha256')
    .update(JSON.stringify([password, N, r, p, text64(salt)]))
    .digest('hex');
  const known = derived.get(id);
  if (known !== undefined) return known;
  const bytes = await derive(password, salt, 64, { N, r, p, maxmem: 2 * SCRYPT_MEMORY_MAX });
  const [encrypt, macK] = [bytes.subarray(0, 32), bytes.subarray(32, 48)];
  const key = { encrypt, macK, macR: bytes.subarray(48) };
  learnDerived(new Map([[id, key]]));
  return key;
}

export function keyFileName(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function text64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

export function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
