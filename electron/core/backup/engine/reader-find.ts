import { hash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import type { FindView, FoundView } from '../../../../shared/contract/backup-views.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { type Node, unquoteName } from '../repository/node.ts';
import type { Snapshot } from '../repository/repository.ts';
import type { EngineFault } from './jobs.ts';
import { entryView } from './reader-browse.ts';
import type { PickedFile, ReaderAsk } from './reader-messages.ts';
import {
  childPath,
  chosenPaths,
  findNodes,
  isWindowsPath,
  shownName,
  volumePath,
} from './snapshot-paths.ts';
import type { TreeReader } from './trees.ts';

/**
 * Entries by their names, the newest snapshots first, each version of a file once: where it has the same contents in an older
 * snapshot it is the same. A folder that is the same in two snapshots is walked once.
 */
export async function findEntries(
  readTree: TreeReader,
  snapshots: readonly Snapshot[],
  { text, limit, withinMs }: Extract<ReaderAsk, { kind: 'find' }>,
): Promise<Result<FindView, EngineFault>> {
  const isMeant = nameMatcher(text);
  const found: FoundView[] = [];
  const walked = new Set<string>();
  const versions = new Set<string>();
  const endMs = performance.now() + withinMs;
  let breathMs = performance.now();
  let damage: EngineFault | undefined;

  let stopped: FindView['stopped'] = null;
  const isEnough = () => {
    if (found.length >= limit) stopped = 'many';
    else if (performance.now() > endMs) stopped = 'time';
    return stopped !== null;
  };

  for (const snapshot of [...snapshots].reverse()) {
    const open: { readonly tree: string; readonly path: string }[] = [
      { tree: snapshot.tree, path: rootOf(snapshot) },
    ];
    for (let at = open.pop(); at !== undefined && !isEnough(); at = open.pop()) {
      const { tree, path } = at;
      const key = shortHash(`${tree}${path}`);
      if (walked.has(key)) continue;
      walked.add(key);
      if (performance.now() - breathMs > BREATH_MS) {
        await breathe();
        breathMs = performance.now();
      }
      const nodes = await readTree(tree);
      if (!nodes.ok) {
        // What can be read may hold what is looked for.
        if (nodes.fault.code !== 'damaged') return nodes;
        damage ??= nodes.fault;
        continue;
      }
      for (const node of nodes.value) {
        const name = unquoteName(node.name);
        if (name === undefined) continue;
        const shown = path === WINDOWS_ROOT ? volumePath(name) : shownName(name);
        const entryPath = path === WINDOWS_ROOT ? shown : childPath(path, name);
        if (node.type === 'dir' && node.subtree !== undefined && node.subtree !== null)
          open.push({ tree: node.subtree, path: entryPath });
        if (!isMeant(shown) || isEnough()) continue;
        const version = shortHash(`${entryPath}\0${versionOf(node)}`);
        if (versions.has(version)) continue;
        versions.add(version);
        const atMs = Date.parse(snapshot.time);
        found.push({ ...entryView(entryPath, shown, node), snapshot: snapshot.id, atMs });
      }
    }
  }
  return found.length === 0 && damage !== undefined ? failed(damage) : ok({ found, stopped });
}

const BREATH_MS = 20;
/** Drives and shares are folders there. */
const WINDOWS_ROOT = '';

function rootOf(snapshot: Snapshot): string {
  return chosenPaths(snapshot).some(isWindowsPath) ? WINDOWS_ROOT : '/';
}

function versionOf({ type, content, linktarget, linktarget_raw: raw }: Node): string {
  if (type === 'file') return (content ?? []).join('');
  return type === 'symlink' ? (raw ?? linktarget ?? '') : type;
}

function shortHash(text: string): string {
  return hash('sha1', text, 'base64').slice(0, 14);
}

/** Contained in the name, or, with `*` and `?`, the whole name; large and small letters are one. */
export function nameMatcher(text: string): (name: string) => boolean {
  const wanted = plain(text);
  if (!/[*?]/.test(wanted)) return (name) => plain(name).includes(wanted);
  return (name) => matches(wanted, plain(name));
}

function plain(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

/** Without regular expressions: a pattern of many stars must not take for ever. */
function matches(pattern: string, name: string): boolean {
  let [at, star, retry] = [0, -1, 0];
  let letter = 0;
  while (letter < name.length) {
    const wanted = pattern[at];
    if (wanted === '*') {
      star = at;
      retry = letter;
      at += 1;
    } else if (wanted !== undefined && (wanted === '?' || wanted === name[letter])) {
      at += 1;
      letter += 1;
    } else if (star >= 0) {
      retry += 1;
      letter = retry;
      at = star + 1;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

/** Ways down that may end in an empty folder before it is given up. */
const WAYS_MAX = 200;

/** Some files of a snapshot, by chance: from a chosen folder down, at each turn by lot. Of empty ones nothing has to come back: they are the last choice. */
export async function pickFiles(
  readTree: TreeReader,
  snapshot: Snapshot,
  { seed, count }: Extract<ReaderAsk, { kind: 'pick' }>,
): Promise<Result<readonly PickedFile[], EngineFault>> {
  const picked = new Map<string, PickedFile>();
  const empty = new Map<string, PickedFile>();
  const below = drawLots(seed);
  const tops = chosenPaths(snapshot);
  for (let way = 0; way < WAYS_MAX && picked.size < count && tops.length > 0; way += 1) {
    let path = tops[below(tops.length)] ?? '';
    const found = await findNodes(readTree, snapshot.tree, path);
    if (!found.ok) return found;
    const root = { name: '', type: 'dir', subtree: snapshot.tree, size: 0, mtime: undefined };
    let node: Pick<Node, 'name' | 'type' | 'subtree' | 'size' | 'mtime'> | undefined =
      found.value?.length === 0 ? root : found.value?.at(-1);
    while (node?.type === 'dir' && node.subtree !== undefined && node.subtree !== null) {
      const nodes: Awaited<ReturnType<TreeReader>> = await readTree(node.subtree);
      if (!nodes.ok) return nodes;
      node = nodes.value[below(nodes.value.length)];
      const name = unquoteName(node?.name ?? '');
      if (name === undefined) node = undefined;
      else path = childPath(path, name);
    }
    if (node?.type !== 'file') continue;
    const { size: sizeBytes, mtime = '' } = node;
    const files = sizeBytes > 0 ? picked : empty;
    files.set(path, { path, snapshot: snapshot.id, sizeBytes, mtime });
  }
  return ok([...(picked.size > 0 ? picked : empty).values()].slice(0, count));
}

/** Numbers below a bound, the same for the same seed. */
function drawLots(seed: string): (bound: number) => number {
  let drawn = 0;
  return (bound) => {
    drawn += 1;
    const number = hash('sha256', `${seed}${drawn}`, 'buffer').readUInt32LE(0);
    return bound === 0 ? 0 : number % bound;
  };
}
