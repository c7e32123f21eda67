import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SafeStorage } from 'electron';
import type { ShellView } from '../../shared/contract/views.ts';
import {
  createFileSecretStore,
  makeSecretFolder,
  SEALED,
} from '../core/adapters/file-secret-store.ts';
import { writeDurably } from '../core/database/durable-file.ts';
import type { Logger, SecretStore } from '../core/ports.ts';

/**
 * Secrets sealed with a key that lies in the system's key ring, so that a copied folder gives nothing
 * away. Where there is no key ring they are plain files that only this user can read, and the window says
 * so. A secret is never removed before the other form of it was written and read back.
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
  }

  async function keepPlain(name: string, value: Uint8Array): Promise<void> {
    await plain.set(name, value);
    await rm(fileOf(name), { force: true });
  }

  return {
    store: {
      get: async (name) => {
        const sealed = await open(name);
        if (sealed !== undefined && sealed !== 'locked') return sealed;
        return (await plain.get(name)) ?? sealed;
      },
      set: async (name, value) => {
        if (!hasKeyRing) return keepPlain(name, value);
        try {
          await makeSecretFolder(folder);
          await seal(name, value);
        } catch (error) {
          log.error('the key ring took no secret', { secret: name, error: String(error) });
          return keepPlain(name, value);
        }
        await plain.remove(name);
      },
      remove: async (name) => {
        await plain.remove(name);
        await rm(fileOf(name), { force: true });
      },
    },
    kind: async () => {
      const files = (await readdir(folder).catch(absent)) ?? [];
      const isAllSealed = files.every((file) => file.endsWith(SEALED));
      return hasKeyRing && isAllSealed ? 'keyring' : 'file';
    },
  };
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
