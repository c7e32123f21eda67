import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Every name and every byte; an empty folder counts too. */
export function digestOf(folder: string): string {
  const all = createHash('sha256');
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => ({
    path: join(entry.parentPath, entry.name),
    isFile: entry.isFile(),
  }));
  for (const { path, isFile } of entries.sort((one, other) => (one.path < other.path ? -1 : 1))) {
    all.update(path.slice(folder.length)).update('\0');
    if (isFile) all.update(createHash('sha256').update(readFileSync(path)).digest());
  }
  return all.digest('hex');
}
