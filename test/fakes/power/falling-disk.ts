import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * What a disk may hold after the power went, worked out from what was done to it. Nothing counts before it was flushed: a
 * file's bytes with the file, its name (made, renamed, removed) with the folder that it lies in. Of all else any part may
 * have come to the disk, in any order, and of a write any part of it. A rename alone is whole or not at all, as POSIX has it.
 */
export type DiskStep =
  | { readonly kind: 'make-folder'; readonly path: string }
  /** `handle` is what later steps mean by the file; it may be made, or emptied, by being opened. */
  | {
      readonly kind: 'open';
      readonly handle: number;
      readonly path: string;
      readonly makes?: boolean;
      readonly empties?: boolean;
    }
  | {
      readonly kind: 'write';
      readonly handle: number;
      readonly at: number;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: 'cut'; readonly handle: number; readonly length: number }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string }
  /** Only what was done before the step of this number is flushed: it may have begun long before it ended. */
  | { readonly kind: 'flush'; readonly handle: number; readonly since: number };

/** What becomes of something that was not flushed. */
export type Luck = {
  /** The name came to the disk. */
  readonly name: () => boolean;
  /** So many bytes of a write did; the rest is as it was, or zeros where the file became longer. */
  readonly bytes: (length: number) => { readonly kept: number; readonly isLonger: boolean };
};

/** By path: a file's bytes, or a folder. */
export type Tree = ReadonlyMap<string, Uint8Array | 'folder'>;

export type FallingDisk = {
  readonly apply: (step: DiskStep) => void;
  readonly steps: () => number;
  readonly after: (luck: Luck) => Tree;
};

type File = {
  readonly kind: 'file';
  safe: Uint8Array;
  waiting: (Change & ({ readonly at: number; readonly bytes: Uint8Array } | { length: number }))[];
};
type Change = { readonly number: number };
type Folder = {
  readonly kind: 'folder';
  readonly safe: Map<string, Node>;
  readonly now: Map<string, Node>;
  waiting: (Change & { readonly names: readonly Naming[]; isDone: boolean })[];
};
type Naming = {
  readonly folder: Folder;
  readonly name: string;
  readonly node: Node | undefined;
  /** What came after it is safe. */
  isOver?: boolean;
};
type Node = File | Folder;

/** A disk with `root` as its top, in which the folders above it don't matter. */
export function createFallingDisk(root: string): FallingDisk {
  const top = newFolder();
  const handles = new Map<number, Node>();
  let number = 0;

  function find(path: string): Node | undefined {
    let node: Node | undefined = top;
    for (const part of path.slice(root.length).split('/').filter(Boolean)) {
      if (node?.kind !== 'folder') return undefined;
      node = node.now.get(part);
    }
    return node;
  }

  function folderOf(path: string): { readonly folder: Folder; readonly name: string } | undefined {
    const folder = find(dirname(path));
    if (folder?.kind !== 'folder') return undefined;
    return { folder, name: path.slice(dirname(path).length + 1) };
  }

  function name(namings: readonly Naming[]): void {
    const change = { number, names: namings, isDone: false };
    for (const folder of new Set(namings.map((each) => each.folder))) folder.waiting.push(change);
    for (const each of namings) set(each.folder.now, each);
  }

  function put(path: string, node: Node | undefined): void {
    const at = folderOf(path);
    if (at !== undefined) name([{ ...at, node }]);
  }

  function flush(node: Node, since: number): void {
    if (node.kind === 'file') {
      const done = node.waiting.filter((change) => change.number < since);
      node.safe = changed(node.safe, done);
      node.waiting = node.waiting.filter((change) => change.number >= since);
      return;
    }
    for (const change of node.waiting.filter((each) => each.number < since)) {
      if (!change.isDone) for (const each of change.names) makeSafe(each, change.number);
      change.isDone = true;
    }
    node.waiting = node.waiting.filter((each) => !each.isDone);
  }

  /** A rename takes along what was done to its names before. */
  function makeSafe(naming: Naming, before: number): void {
    for (const earlier of naming.folder.waiting)
      if (earlier.number < before)
        for (const each of earlier.names)
          if (each.folder === naming.folder && each.name === naming.name) each.isOver = true;
    if (naming.isOver !== true) set(naming.folder.safe, naming);
  }

  function apply(step: DiskStep): void {
    number += 1;
    switch (step.kind) {
      case 'make-folder':
        if (find(step.path) === undefined) put(step.path, newFolder());
        return;
      case 'open': {
        const known = find(step.path);
        const node = known ?? { kind: 'file', safe: new Uint8Array(), waiting: [] };
        if (known === undefined && step.makes === true) put(step.path, node);
        if (known?.kind === 'file' && step.empties === true)
          known.waiting.push({ number, length: 0 });
        handles.set(step.handle, node);
        return;
      }
      case 'write':
      case 'cut': {
        const node = handles.get(step.handle);
        if (node?.kind === 'file') node.waiting.push({ ...step, number });
        return;
      }
      case 'rename': {
        const [from, to] = [folderOf(step.from), folderOf(step.to)];
        const node = find(step.from);
        if (from === undefined || to === undefined || node === undefined) return;
        name([
          { ...from, node: undefined },
          { ...to, node },
        ]);
        return;
      }
      case 'remove':
        put(step.path, undefined);
        return;
      default: {
        const node = handles.get(step.handle);
        if (node !== undefined) flush(node, step.since);
      }
    }
  }

  function after(luck: Luck): Tree {
    const decided = new Map<object, boolean>();
    const tree = new Map<string, Uint8Array | 'folder'>();
    const visit = (folder: Folder, path: string): void => {
      const names = new Map(folder.safe);
      for (const change of folder.waiting) {
        if (change.isDone) continue;
        const came = decided.get(change) ?? luck.name();
        decided.set(change, came);
        for (const each of change.names)
          if (came && each.folder === folder && each.isOver !== true) set(names, each);
      }
      for (const [child, node] of names) {
        const at = join(path, child);
        tree.set(at, node.kind === 'folder' ? 'folder' : bytesAfter(node, luck));
        if (node.kind === 'folder') visit(node, at);
      }
    };
    visit(top, root);
    return tree;
  }

  return { apply, after, steps: () => number };
}

function newFolder(): Folder {
  return { kind: 'folder', safe: new Map(), now: new Map(), waiting: [] };
}

function set(
  names: Map<string, Node>,
  { name, node }: { readonly name: string; readonly node: Node | undefined },
): void {
  if (node === undefined) names.delete(name);
  else names.set(name, node);
}

function bytesAfter({ safe, waiting }: File, luck: Luck): Uint8Array {
  const came = waiting.flatMap((change): File['waiting'] => {
    if ('length' in change) return luck.name() ? [change] : [];
    const { kept, isLonger } = luck.bytes(change.bytes.length);
    const end = change.at + change.bytes.length;
    return [
      ...(isLonger ? [{ number: change.number, at: end, bytes: new Uint8Array() }] : []),
      ...(kept > 0 ? [{ ...change, bytes: change.bytes.subarray(0, kept) }] : []),
    ];
  });
  return changed(safe, came);
}

function changed(bytes: Uint8Array, changes: File['waiting']): Uint8Array {
  const ends = changes.map((each) =>
    'length' in each ? each.length : each.at + each.bytes.length,
  );
  const next = new Uint8Array(Math.max(bytes.length, ...ends));
  next.set(bytes);
  let { length } = bytes;
  for (const each of changes) {
    if ('length' in each) {
      if (each.length < length) next.fill(0, each.length, length);
      length = each.length;
      continue;
    }
    next.set(each.bytes, each.at);
    length = Math.max(length, each.at + each.bytes.length);
  }
  return next.slice(0, length);
}

/** The same kinds of luck that real disks have, from none to all, and mixtures of them. */
export const LUCKS: Readonly<Record<'none' | 'all' | 'names' | 'bytes', Luck>> = {
  none: { name: () => false, bytes: () => ({ kept: 0, isLonger: false }) },
  all: { name: () => true, bytes: (length) => ({ kept: length, isLonger: true }) },
  /** A file that has its name and its length, and nothing in it. */
  names: { name: () => true, bytes: () => ({ kept: 0, isLonger: true }) },
  bytes: { name: () => false, bytes: (length) => ({ kept: length, isLonger: true }) },
};

export function anyLuck(random: () => number): Luck {
  const likely = random();
  return {
    name: () => random() < likely,
    bytes: (length) => {
      if (random() < likely) return { kept: length, isLonger: true };
      // Whole sectors mostly, but a sector is no promise either.
      const kept = Math.floor(random() * length);
      const sectors = random() < 0.7 ? kept - (kept % 512) : kept;
      return { kept: random() < 0.5 ? 0 : sectors, isLonger: random() < 0.5 };
    },
  };
}

/** The same row of numbers for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Puts it on a real disk. */
export function layOut(tree: Tree): void {
  for (const [path, content] of tree) {
    if (content === 'folder') mkdirSync(path, { recursive: true, mode: 0o700 });
    else {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeFileSync(path, content, { mode: 0o600 });
    }
  }
}

/** To leave out what was looked at already. */
export function textOf(tree: Tree): string {
  return [...tree]
    .map(([path, content]) =>
      content === 'folder' ? path : `${path}=${Buffer.from(content).toString('latin1')}`,
    )
    .sort()
    .join('\n');
}

/** What lies there, as steps after which all of it is safe. */
export function asItLies(root: string): readonly DiskStep[] {
  const steps: DiskStep[] = [];
  // Handles of watchers count upwards from nought.
  let handle = -1;
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        steps.push({ kind: 'make-folder', path });
        visit(path);
        continue;
      }
      steps.push({ kind: 'open', handle, path, makes: true });
      steps.push({ kind: 'write', handle, at: 0, bytes: readFileSync(path) });
      steps.push({ kind: 'flush', handle, since: Infinity });
      handle -= 1;
    }
    steps.push({ kind: 'open', handle, path: folder });
    steps.push({ kind: 'flush', handle, since: Infinity });
    handle -= 1;
  };
  visit(root);
  return steps;
}
