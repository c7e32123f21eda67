import { chmod, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '../../../shared/assert.ts';
import { writeDurably } from '../database/durable-file.ts';
import type { SecretStore } from '../ports.ts';

const SECRET_NAME = /^[a-z][a-z-]{0,40}$/;

/** One file per secret, readable by this user alone: what a machine without a key ring can do. */
export function createFileSecretStore(folder: string): SecretStore {
  function fileOf(name: string): string {
    assert(SECRET_NAME.test(name), 'secrets have fixed names');
    return join(folder, name);
  }
  return {
    get: async (name) => {
      try {
        return await readFile(fileOf(name));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    set: async (name, value) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      // The folder may have been made by hand, or copied with other rights.
      await chmod(folder, 0o700);
      await writeDurably(fileOf(name), value);
    },
    remove: async (name) => rm(fileOf(name), { force: true }),
  };
}
