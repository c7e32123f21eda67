import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The built window as it was when this program began, in memory: another version's that took its place on the disk would ask this
 * core what it doesn't know, and a tab that is open finds the scripts that it was made with. What was not there yet is read from
 * the disk.
 */
export type KeptWindow = {
  /** By its whole path; undefined: there is no such file. */
  readonly read: (file: string) => Promise<Uint8Array | undefined>;
};

/** Reads it beside whatever else a start does. */
export function keepWindow(folder: string): KeptWindow {
  const files = filesBelow(folder);
  return {
    read: async (file) => (await files).get(file) ?? readFile(file).catch(() => undefined),
  };
}

async function filesBelow(folder: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (): Dirent[] => [],
  );
  const kept = new Map<string, Uint8Array>();
  await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) => {
        const file = join(parentPath, name);
        const bytes = await readFile(file).catch(() => undefined);
        if (bytes !== undefined) kept.set(file, bytes);
      }),
  );
  return kept;
}
