import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type * as Electron from 'electron';
import { isReady } from './readiness.ts';

/**
 * `safeStorage` over a key ring that is always the same: what it gives really is sealed, so that a test
 * can look for a secret in the files. The recorder takes the key ring away where a test wants that.
 */
const KEY = createHash('sha256').update('the key ring of the stand-in').digest();
const MARK = Buffer.from('v11');
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

function seal(plainText: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', KEY, nonce);
  const sealed = Buffer.concat([cipher.update(plainText, 'utf8'), cipher.final()]);
  return Buffer.concat([MARK, nonce, cipher.getAuthTag(), sealed]);
}

function open(encrypted: Buffer): string {
  const problem = new Error('Error while decrypting the ciphertext provided to safeStorage');
  if (!encrypted.subarray(0, MARK.length).equals(MARK)) throw problem;
  const rest = encrypted.subarray(MARK.length);
  const decipher = createDecipheriv('aes-256-gcm', KEY, rest.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(rest.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  try {
    const plain = decipher.update(rest.subarray(NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([plain, decipher.final()]).toString('utf8');
  } catch {
    throw problem;
  }
}

/** Electron says the same to whoever still calls the synchronous ones. */
function deprecated(name: string): void {
  process.emitWarning(`safeStorage.${name} is deprecated`, 'DeprecationWarning');
}

export const safeStorage = {
  isAsyncEncryptionAvailable: async () => isReady(),
  encryptStringAsync: async (plainText: string) => seal(plainText),
  decryptStringAsync: async (encrypted: Buffer) => ({
    result: open(encrypted),
    shouldReEncrypt: false,
  }),
  getSelectedStorageBackend: () =>
    isReady() ? ('gnome_libsecret' as const) : ('unknown' as const),
  setUsePlainTextEncryption: () => undefined,
  isEncryptionAvailable: () => {
    deprecated('isEncryptionAvailable');
    return isReady();
  },
  encryptString: (plainText: string) => {
    deprecated('encryptString');
    return seal(plainText);
  },
  decryptString: (encrypted: Buffer) => {
    deprecated('decryptString');
    return open(encrypted);
  },
} satisfies Electron.SafeStorage;
