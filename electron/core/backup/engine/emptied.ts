import { opendirSync } from 'node:fs';
import type { Snapshot } from '../repository/repository.ts';
import { quoteName } from '../repository/node.ts';
import { nodeOf, type ReadParent } from './parent-trees.ts';
import { partsOf, withSlashes } from './snapshot-paths.ts';

/**
 * The first of the chosen folders in which there is nothing any more, though there was when it was last backed up: the place
 * where a drive is mounted that is not there now must not look as if all files had been deleted.
 */
export async function emptiedFolder(
  folders: readonly string[],
  snapshots: readonly Snapshot[],
  readParent: ReadParent,
): Promise<string | undefined> {
  for (const folder of folders) {
    if (!isEmpty(folder)) continue;
    const last = snapshots.findLast(({ paths }) =>
      paths?.map(withSlashes).includes(withSlashes(folder)),
    );
    if (last !== undefined && (await hadEntries(last.tree, folder, readParent))) return folder;
  }
  return undefined;
}

async function hadEntries(root: string, folder: string, readParent: ReadParent): Promise<boolean> {
  let tree = await readParent(root);
  for (const part of partsOf(folder)) {
    const text = tree?.find(JSON.stringify(quoteName(Buffer.from(part))));
    const node = text === undefined ? undefined : nodeOf(text);
    // What can't be read any more says nothing; whoever restores or checks hears of it.
    if (node?.type !== 'dir' || typeof node.subtree !== 'string') return false;
    tree = await readParent(node.subtree);
  }
  return tree?.text.includes('"name":') === true;
}

function isEmpty(path: string): boolean {
  try {
    const folder = opendirSync(path);
    try {
      return folder.readSync() === null;
    } finally {
      folder.closeSync();
    }
  } catch {
    // Whoever walks it says what is in the way.
    return false;
  }
}
