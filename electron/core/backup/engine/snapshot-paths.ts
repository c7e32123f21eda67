import { failed, ok, type Result } from '../../../../shared/result.ts';
import { splitShare } from './byte-paths.ts';
import { type Node, quoteName, unquoteName } from '../repository/node.ts';
import type { Snapshot } from '../repository/repository.ts';
import type { StoreFault } from '../repository/repository-store.ts';
import type { TreeReader } from './trees.ts';

/**
 * How entries of snapshots are called at the doors: by their whole path on the computer that was backed up,
 * with slashes. A name that is no text, or has a backslash in it, stands quoted as in the repository.
 */
export function shownName(name: Buffer): string {
  const text = name.toString('utf8');
  const isPlain = /^[^\\\p{Cc}\ufffd]*$/u.test(text);
  return isPlain ? text : quoteName(name);
}

const DRIVE = /^([A-Za-z]):(?:[\\/]|$)/;

/** A path as the snapshot's list of folders has it, with slashes. */
export function withSlashes(path: string): string {
  return isWindowsPath(path) ? path.replaceAll('\\', '/') : path;
}

export function isWindowsPath(path: string): boolean {
  return DRIVE.test(path) || splitShare(path) !== undefined;
}

/**
 * The names on the way down from the snapshot's root; a drive is a folder there, without its colon, and what another computer shares
 * is one with the strokes of Windows in its name.
 */
export function partsOf(path: string): readonly string[] {
  const slashed = withSlashes(path);
  const { share = '', rest } = splitShare(slashed) ?? { rest: slashed.replace(DRIVE, '$1/') };
  return [share.replaceAll('/', '\\'), ...rest.split('/')].filter(Boolean);
}

/** How a drive or a share that stands at the root of a snapshot is called at the doors. */
export function volumePath(name: Buffer): string {
  const text = name.toString('utf8');
  return splitShare(text)?.rest === '' ? withSlashes(text) : `${shownName(name)}:`;
}

/** What is shown as a path, and the path of the folder above it with a slash at its end. */
export function childPath(folder: string, name: Buffer): string {
  return folder.endsWith('/') ? `${folder}${shownName(name)}` : `${folder}/${shownName(name)}`;
}

/** The folders that were chosen for the backup, as they are shown. */
export function chosenPaths({ paths }: Snapshot): readonly string[] {
  return [...new Set((paths ?? []).map(withSlashes))];
}

/** The entries on the way to a path, the last of them what is at it; `undefined`: the snapshot has no such path. */
export async function findNodes(
  readTree: TreeReader,
  root: string,
  path: string,
): Promise<Result<readonly Node[] | undefined, StoreFault>> {
  const found = await goDown(readTree, root, partsOf(path));
  const isAll = !found.ok || found.value !== undefined || splitShare(path) === undefined;
  // Where there are no shares, two slashes that somebody typed are one.
  return isAll ? found : goDown(readTree, root, path.split('/').filter(Boolean));
}

async function goDown(
  readTree: TreeReader,
  root: string,
  parts: readonly string[],
): Promise<Result<readonly Node[] | undefined, StoreFault>> {
  const way: Node[] = [];
  let tree: string | undefined = root;
  for (const part of parts) {
    if (tree === undefined) return ok(undefined);
    const nodes: Awaited<ReturnType<TreeReader>> = await readTree(tree);
    if (!nodes.ok) return failed(nodes.fault);
    const node = nodeCalled(nodes.value, part);
    if (node === undefined) return ok(undefined);
    way.push(node);
    tree = node.type === 'dir' ? (node.subtree ?? undefined) : undefined;
  }
  return ok(way);
}

/** What is at a path: one entry, or all that lies in the root, which has none of its own; nothing where there is no such path. */
export async function nodesAt(
  readTree: TreeReader,
  root: string,
  path: string,
): Promise<Result<readonly Node[], StoreFault>> {
  const way = await findNodes(readTree, root, path);
  if (!way.ok) return way;
  return way.value?.length === 0 ? readTree(root) : ok(way.value?.slice(-1) ?? []);
}

function nodeCalled(nodes: readonly Node[], part: string): Node | undefined {
  const bytes = Buffer.from(part);
  const named = nodes.map((node) => ({ node, name: unquoteName(node.name) }));
  const shown = named.find(({ name }) => name !== undefined && shownName(name) === part);
  // Typed by hand, as the file system has it.
  return (shown ?? named.find(({ name }) => name?.equals(bytes) === true))?.node;
}
