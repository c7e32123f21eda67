import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SafeStorage } from 'electron';
import type { ShellView } from '../../shared/contract/views.ts';
import {
  createFileSecretStore,
  makeSecretFolder,
  SEALED,
} from '../core/adapters/file-secret-store.ts';
import { flushFolder, writeDurably } from '../core/database/durable-file.ts';
import type { Logger, SecretStore } from '../core/ports.ts';

/**
 * Secrets sealed with a key that lies in the system's key ring, so that a copied folder gives nothing
 * away. Where there is no key ring they are plain files that only this user can read, and the window says
 * so. A secret is never removed before the other form of it was written and read back. One that lies there
 * in plain, from a time without a key ring or a start without a desktop, is sealed when it is next read.
 */
export type DesktopSecrets = {
  readonly store: SecretStore;
  readonly kind: () => Promise<ShellView['secrets']>;
};

type Safe = Pick<
  SafeStorage,
  | 'isAsyncEncryptionAvailable'
  | 'encryptStringAsync'
  | 'decryptStringAsync'
  | 'getSelectedStorageBackend'
>;

export async function openDesktopSecrets({
  safe,
  folder,
  log,
  platform = process.platform,
}: {
  readonly safe: Safe;
  readonly folder: string;
  readonly log: Logger;
  readonly platform?: NodeJS.Platform;
}): Promise<DesktopSecrets> {
  const plain = createFileSecretStore(folder);
  const hasKeyRing = await hasKeyRingIn(safe, platform, log);
  const fileOf = (name: string) => join(folder, `${name}${SEALED}`);

  async function open(name: string): Promise<Uint8Array | 'locked' | undefined> {
    const box = await readFile(fileOf(name)).catch(absent);
    if (box === undefined) return undefined;
    try {
      const { result, shouldReEncrypt } = await safe.decryptStringAsync(box);
      const value = Buffer.from(result, 'base64');
      // The system has a better key now.
      if (shouldReEncrypt) await seal(name, value).catch(() => undefined);
      return value;
    } catch (error) {
      log.error('a secret could not be opened', { secret: name, error: String(error) });
      return 'locked';
    }
  }

  async function seal(name: string, value: Uint8Array): Promise<void> {
    const text = Buffer.from(value).toString('base64');
    const box = await safe.encryptStringAsync(text);
    // Opened again before anything relies on it: what can't be opened now never will be.
    const { result } = await safe.decryptStringAsync(box);
    if (result !== text) throw new Error('the key ring gave back something else');
    await writeDurably(fileOf(name), box);
    const kept = await readFile(fileOf(name));
    if (!kept.equals(box)) throw new Error('the disk gave back something else');
  }

  /** False: the plain one is still the good one. Whoever says no to the key ring may say yes at the next start. */
  async function sealInstead(name: string, value: Uint8Array): Promise<boolean> {
    if (!hasKeyRing) return false;
    try {
      await makeSecretFolder(folder);
      await seal(name, value);
      return true;
    } catch (error) {
      log.error('the key ring took no secret', { secret: name, error: String(error) });
      return false;
    }
  }

  /** With what a crash left of writing it. */
  async function forgetPlain(name: string): Promise<void> {
    const files = (await readdir(folder).catch(absent)) ?? [];
    const unfinished = files.filter(
      (file) => file.startsWith(`${name}.`) && file.endsWith('.new') && !isSealed(file),
    );
    if (unfinished.length === 0 && !files.includes(name)) return;
    await plain.remove(name);
    for (const file of unfinished) await rm(join(folder, file), { force: true });
    await flushFolder(folder);
  }

  /** Both are there after a crash between writing the one and removing the other, or a headless start after it. */
  async function isPlainNewer(name: string): Promise<boolean> {
    const plainFile = await stat(join(folder, name)).catch(absent);
    const { mtimeMs } = await stat(fileOf(name));
    return plainFile !== undefined && plainFile.size > 0 && plainFile.mtimeMs > mtimeMs;
  }

  async function keepPlain(name: string, value: Uint8Array): Promise<void> {
    await plain.set(name, value);
    await rm(fileOf(name), { force: true });
  }

  return {
    store: {
      get: async (name) => {
        const sealed = await open(name);
        if (sealed !== undefined && sealed !== 'locked' && !(await isPlainNewer(name))) {
          if (hasKeyRing) await forgetPlain(name);
          return sealed;
        }
        const kept = await plain.get(name);
        if (kept === undefined || kept === 'locked') return sealed;
        if (await sealInstead(name, kept)) await forgetPlain(name);
        return kept;
      },
      set: async (name, value) => {
        if (await sealInstead(name, value)) await forgetPlain(name);
        else await keepPlain(name, value);
      },
      remove: async (name) => {
        await forgetPlain(name);
        await rm(fileOf(name), { force: true });
      },
    },
    kind: async () => {
      const files = (await readdir(folder).catch(absent)) ?? [];
      return hasKeyRing && files.every(isSealed) ? 'keyring' : 'file';
    },
  };
}

/** Or the beginning of one that was being written. */
function isSealed(file: string): boolean {
  return file.endsWith(SEALED) || file.includes(`${SEALED}.`);
}

/** `basic_text` is no key ring: the key would be the same on every computer. */
async function hasKeyRingIn(safe: Safe, platform: NodeJS.Platform, log: Logger): Promise<boolean> {
  try {
    if (!(await safe.isAsyncEncryptionAvailable())) return false;
    return platform !== 'linux' || safe.getSelectedStorageBackend() !== 'basic_text';
  } catch (error) {
    log.warn('the key ring could not be asked', { error: String(error) });
    return false;
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}
