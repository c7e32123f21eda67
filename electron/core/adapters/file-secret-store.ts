import { chmod, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '../../../shared/assert.ts';
import { dropStrays, makeFolders, writeDurably } from '../database/durable-file.ts';
import type { SecretStore } from '../ports.ts';

const SECRET_NAME = /^[a-z][a-z-]{0,40}$/;

/** Beside the plain files may lie some that the desktop app sealed with a key in the system's key ring. */
export const SEALED = '.sealed';

/** One file per secret, readable by this user alone: what a machine without a key ring can do. */
export function createFileSecretStore(folder: string): SecretStore {
  function fileOf(name: string): string {
    assert(SECRET_NAME.test(name), 'secrets have fixed names');
    return join(folder, name);
  }
  return {
    get: async (name) => {
      // Half a secret is nothing that should lie about.
      await dropStrays(fileOf(name));
      const plain = await read(fileOf(name));
      if (plain !== undefined) return plain;
      return (await read(`${fileOf(name)}${SEALED}`)) === undefined ? undefined : 'locked';
    },
    set: async (name, value) => {
      await makeSecretFolder(folder);
      await writeDurably(fileOf(name), value);
    },
    remove: async (name) => rm(fileOf(name), { force: true }),
  };
}

export async function makeSecretFolder(folder: string): Promise<void> {
  await makeFolders(folder);
  // It may have been made by hand, or copied with other rights.
  await chmod(folder, 0o700);
}

async function read(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
