import type { EntryView, FolderView } from '../../../../shared/contract/backup-views.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { type Node, unquoteName } from '../repository/node.ts';
import type { EngineFault } from './jobs.ts';
import type { ReaderAsk } from './reader-messages.ts';
import { chosenPaths, findNodes, partsOf, shownName } from './snapshot-paths.ts';
import type { Snapshot } from '../repository/repository.ts';
import type { TreeReader } from './trees.ts';

/** What lies in a folder of a snapshot, page by page. A folder that was read lately need not be read for its next page. */
type Listed = { readonly name: string; readonly node: ShownNode; readonly isFolder: boolean };
type ShownNode = Pick<Node, 'type' | 'size' | 'mtime'>;

/** So many entries are kept sorted for their next page. */
const KEPT_ENTRIES_MAX = 600_000;
/** Sorting as people do takes ten times as long as sorting by letters' numbers. */
const COLLATED_MAX = 20_000;
const collator = new Intl.Collator(undefined, { numeric: true });

export function createBrowser() {
  const kept = new Map<string, readonly Listed[]>();

  async function list(
    readTree: TreeReader,
    tree: string,
  ): Promise<Result<readonly Listed[], EngineFault>> {
    const before = kept.get(tree);
    if (before !== undefined) return ok(before);
    const nodes = await readTree(tree);
    if (!nodes.ok) return nodes;
    const listed = nodes.value
      .flatMap((node) => {
        const name = unquoteName(node.name);
        if (name === undefined) return [];
        const { type, size, mtime } = node;
        return [{ name: shownName(name), node: { type, size, mtime }, isFolder: type === 'dir' }];
      })
      .sort(orderOf(nodes.value.length));
    keep(tree, listed);
    return ok(listed);
  }

  function keep(tree: string, listed: readonly Listed[]): void {
    let entries = listed.length;
    for (const each of kept.values()) entries += each.length;
    for (const [oldest, each] of kept) {
      if (entries <= KEPT_ENTRIES_MAX) break;
      kept.delete(oldest);
      entries -= each.length;
    }
    kept.set(tree, listed);
  }

  return async (
    readTree: TreeReader,
    snapshot: Snapshot,
    { path, after, limit }: Extract<ReaderAsk, { kind: 'browse' }>,
  ): Promise<Result<FolderView, EngineFault>> => {
    if (path === '') return chosen(readTree, snapshot);
    const way = await findNodes(readTree, snapshot.tree, path);
    if (!way.ok) return way;
    const last = way.value?.at(-1);
    if (way.value === undefined) return failed({ code: 'not-in-backup', path });
    if (last !== undefined && last.type !== 'dir')
      return failed({ code: 'folder', error: 'ENOTDIR', folder: path });
    const tree = last === undefined ? snapshot.tree : last.subtree;
    const listed = tree === undefined || tree === null ? ok([]) : await list(readTree, tree);
    if (!listed.ok) return listed;
    const all = listed.value;
    const from = after === undefined ? 0 : placeAfter(all, after);
    const page = all.slice(from, from + limit);
    const end = page.at(-1);
    const isMore = from + page.length < all.length && end !== undefined;
    return ok({
      entries: page.map(({ name, node }) => entryView(pathIn(path, name), name, node)),
      next: isMore ? cursorOf(end) : null,
    });
  };
}

/** The folders that were chosen for the backup. */
async function chosen(
  readTree: TreeReader,
  snapshot: Snapshot,
): Promise<Result<FolderView, EngineFault>> {
  const entries: EntryView[] = [];
  for (const path of chosenPaths(snapshot)) {
    const way = await findNodes(readTree, snapshot.tree, path);
    if (!way.ok) return way;
    const node = way.value?.length === 0 ? ROOT : way.value?.at(-1);
    if (node !== undefined) entries.push(entryView(path, partsOf(path).at(-1) ?? path, node));
  }
  return ok({ entries, next: null });
}

/** It has no entry of its own. */
const ROOT: ShownNode = { type: 'dir', size: 0 };

const KINDS: Readonly<Record<string, EntryView['kind']>> = {
  dir: 'folder',
  file: 'file',
  symlink: 'link',
};

export function entryView(path: string, name: string, node: ShownNode): EntryView {
  const mtimeMs = Date.parse(node.mtime ?? '');
  return {
    path,
    name,
    kind: KINDS[node.type] ?? 'other',
    bytes: node.type === 'file' ? `${Math.round(node.size)}` : null,
    mtimeMs: Number.isNaN(mtimeMs) ? null : mtimeMs,
  };
}

function pathIn(folder: string, name: string): string {
  return folder.endsWith('/') ? `${folder}${name}` : `${folder}/${name}`;
}

function cursorOf({ name, isFolder }: Pick<Listed, 'name' | 'isFolder'>): string {
  return `${isFolder ? 'd' : 'f'}${name}`;
}

/** Folders first, then by name. */
function orderOf(entries: number) {
  const compare = entries > COLLATED_MAX ? byLetters : byName;
  return (one: Pick<Listed, 'name' | 'isFolder'>, other: Pick<Listed, 'name' | 'isFolder'>) =>
    one.isFolder === other.isFolder
      ? compare(one.name, other.name)
      : Number(other.isFolder) - Number(one.isFolder);
}

function byLetters(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function byName(one: string, other: string): number {
  return collator.compare(one, other) || byLetters(one, other);
}

/** Where the page begins that follows this entry, which may be gone. */
function placeAfter(listed: readonly Listed[], cursor: string): number {
  const order = orderOf(listed.length);
  const last = { name: cursor.slice(1), isFolder: cursor.startsWith('d') };
  let [from, to] = [0, listed.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const entry = listed[middle];
    if (entry !== undefined && order(entry, last) <= 0) from = middle + 1;
    else to = middle;
  }
  return from;
}
