import { opendir } from 'node:fs/promises';
import { type Fault, fault } from '../../../shared/fault.ts';
import { noFolder } from '../is-folder.ts';
import type { BackupSet } from './set-book.ts';

/**
 * What is in the way of backing up a set's folders. A drive that is not mounted, a folder that may not be read, or the empty
 * folders of a new computer must not look as if all files had been deleted: the retention would believe it in the end.
 */
export async function foldersFault(
  set: Pick<BackupSet, 'folders' | 'lastBytes' | 'lastRunMs' | 'repository'>,
): Promise<Fault | undefined> {
  let isAllEmpty = true;
  for (const folder of set.folders) {
    const wrong = await noFolder(folder);
    if (wrong !== undefined) return wrong;
    const hasAny = await hasEntries(folder);
    if (hasAny === undefined) return fault('folder-unreadable', { folder });
    if (hasAny) isAllEmpty = false;
  }
  const [folder] = set.folders;
  return isAllEmpty && folder !== undefined && hadFiles(set)
    ? fault('folder-empty', { folder })
    : undefined;
}

/** A set that has a repository and has never run here came from another computer. */
function hadFiles({ lastBytes = 0n, lastRunMs, repository }: Parameters<typeof foldersFault>[0]) {
  return lastBytes > 0n || (lastRunMs === undefined && repository !== undefined);
}

/** Undefined: nobody may look. */
async function hasEntries(path: string): Promise<boolean | undefined> {
  try {
    const folder = await opendir(path);
    try {
      return (await folder.read()) !== null;
    } finally {
      await folder.close();
    }
  } catch {
    return undefined;
  }
}
