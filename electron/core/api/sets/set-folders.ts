import { realpath } from 'node:fs/promises';
import { isAbsolute, sep } from 'node:path';
import { type Fault, fault } from '../../../../shared/fault.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { noFolder } from '../../is-folder.ts';
import { ownFolders } from '../../plots/volume.ts';
import type { CoreParts } from '../core-parts.ts';
import { findPerson } from '../friends/find-person.ts';

/** What somebody chose for a set, looked at before it is written down. */
export async function foldersOf(
  parts: Pick<CoreParts, 'home' | 'hosting'>,
  folders: readonly string[],
): Promise<Result<readonly string[], Fault>> {
  const real: string[] = [];
  for (const folder of folders) {
    const wrong = isAbsolute(folder) ? await noFolder(folder) : fault('folder-missing', { folder });
    if (wrong !== undefined) return failed(wrong);
    const path = await realpath(folder);
    const store = await storeAround(parts, path);
    if (store !== undefined) return failed(fault('folder-inside-store', { folder, store }));
    real.push(path);
  }
  return ok([...new Set(real)]);
}

export function hostsOf(
  parts: Pick<CoreParts, 'friends'>,
  to: readonly string[],
): Result<readonly OwnerId[], Fault> {
  const hosts = new Set<OwnerId>();
  for (const friend of to) {
    const found = findPerson(parts.friends, friend);
    if (!found.ok) return found;
    hosts.add(found.value.owner);
  }
  return ok([...hosts]);
}

async function storeAround(
  { home, hosting }: Pick<CoreParts, 'home' | 'hosting'>,
  path: string,
): Promise<string | undefined> {
  for (const store of ownFolders(home.folder, hosting.offer())) {
    const real = await realpath(store).catch(() => store);
    if (path === real || path.startsWith(real + sep)) return store;
  }
  return undefined;
}
