import { type BigIntStats, readlinkSync, statSync } from 'node:fs';
import { quoteName } from '../repository/node.ts';
import type { RepositoryIndex } from '../repository/repository.ts';
import type { Batcher, FileRead } from './batcher.ts';
import { below, type BytePath, bytePath, bytesOf, namesOf, onDisk } from './byte-paths.ts';
import { contentBefore } from './content-before.ts';
import type { Counts } from './counts.ts';
import { readFaultOf, systemCode } from './file-faults.ts';
import type { EngineProblem } from './jobs.ts';
import { READ_STATES } from './messages.ts';
import { fileText, folderText, linkText, nodeHead, nodeHeadWithSize } from './node-text.ts';
import { nodeOf, type ParentTree, type ReadParent } from './parent-trees.ts';
import { showPath } from './paths.ts';
import type { Entry, Folder, Selection } from './selection.ts';
import { createTreeText, type FinishedTree, type TreeText } from './tree-text.ts';
import type { TreeWriter } from './tree-writer.ts';

/**
 * Walks the chosen folders and builds their trees. It keeps its own stack, because folders can lie deeper in each
 * other than functions can call each other, and it runs ahead of the files that are being read: what is not known
 * yet stands in the text of its tree as a gap.
 */
export type Walk = {
  /** The id of the tree above all chosen folders, when every file has been read. */
  readonly saveAll: (folders: readonly string[], parentTree: string | undefined) => Promise<string>;
};

export type WalkOptions = {
  readonly selection: Selection;
  readonly index: RepositoryIndex;
  readonly batcher: Batcher;
  readonly trees: TreeWriter;
  readonly readParent: ReadParent;
  readonly counts: Counts;
  readonly problem: (problem: EngineProblem) => void;
  /** Changed since then, a file is read even if it looks as before. */
  readonly suspectFromMs: number;
  /** Resolves when there is room for more; rejects if the run is to end. */
  readonly pause: () => Promise<void>;
  readonly platform?: NodeJS.Platform;
};

/** An open folder. */
type Frame = {
  readonly folder: Folder;
  readonly names: readonly BytePath[];
  at: number;
  readonly text: TreeText;
  readonly before: ParentTree | undefined;
  readonly onTree: (id: string) => void;
};

/** After so many entries others have their turn: whoever cancels, and what has been read. */
const PAUSE_EVERY = 256;
/** A thousand are one story; a message for each of a million would stand in the way of everything else. */
const PROBLEMS_MAX = 1000;

export function createWalk(options: WalkOptions): Walk {
  const { selection, index, batcher, trees, readParent, counts, pause } = options;
  const { platform = process.platform } = options;
  const isKnown = (id: string) => index.blobs.has('data', Buffer.from(id, 'hex'));
  const problems = new Map<EngineProblem['code'], number>();
  /** Trees whose last entry has come: one after the other, since one may complete the one above, to the top. */
  const finished: (() => void)[] = [];
  let isFinishing = false;
  let steps = 0;

  function report(code: EngineProblem['code'], path: BytePath, detail: string): void {
    const times = (problems.get(code) ?? 0) + 1;
    problems.set(code, times);
    if (times <= PROBLEMS_MAX) options.problem({ code, path: showPath(bytesOf(path)), detail });
  }

  function lose(code: EngineProblem['code'], path: BytePath, detail: string): void {
    counts.filesFailed += 1;
    report(code, path, detail);
  }

  /** What `act` answers; what the system says against it is reported. */
  function attempt<T>(path: BytePath, act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      const code = systemCode(error);
      lose(readFaultOf(code), path, code);
      return undefined;
    }
  }

  function finish(tree: FinishedTree, onTree: (id: string) => void): void {
    finished.push(() => onTree(trees.save(tree)));
    if (isFinishing) return;
    isFinishing = true;
    for (let next = finished.shift(); next !== undefined; next = finished.shift()) next();
    isFinishing = false;
  }

  async function treeBefore(node: string | undefined): Promise<ParentTree | undefined> {
    const parsed = node === undefined ? undefined : nodeOf(node);
    const tree = parsed?.type === 'dir' ? parsed.subtree : undefined;
    return tree === undefined || tree === null ? undefined : readParent(tree);
  }

  function open(
    folder: Folder,
    before: ParentTree | undefined,
    onTree: (id: string) => void,
  ): Frame {
    const names = attempt(folder.path, () => selection.names(folder)) ?? [];
    return { folder, names, at: 0, text: createTreeText(before), before, onTree };
  }

  async function saveFolder(top: Frame): Promise<void> {
    const frames = [top];
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      steps += 1;
      if (steps % PAUSE_EVERY === 0) await pause();
      const { folder, names, text, onTree } = frame;
      const name = names[frame.at];
      frame.at += 1;
      if (name === undefined) {
        frames.pop();
        text.end((tree) => finish(tree, onTree));
        continue;
      }
      const path = below(folder.path, name);
      const entry = attempt(path, () => selection.look(folder, name) ?? 'gone');
      if (entry === 'gone') lose('file-vanished', path, 'ENOENT');
      if (entry === undefined || entry === 'gone' || !isTaken(entry)) continue;
      const { stat } = entry;
      if (stat.isDirectory()) frames.push(await saveBelow(frame, entry));
      else if (stat.isFile()) {
        if (batcher.isFull()) await pause();
        saveFile(frame, entry);
      } else if (stat.isSymbolicLink()) saveLink(frame, entry);
      else report('special-file', path, '');
    }
  }

  function isTaken({ verdict, path }: Entry): boolean {
    if (verdict === 'cloud') report('cloud-file', path, '');
    if (verdict === 'loop') report('folder-loop', path, '');
    return verdict === 'take';
  }

  async function saveBelow({ folder, text, before }: Frame, entry: Entry): Promise<Frame> {
    const name = nameText(entry.name);
    const head = nodeHead('dir', name, entry.stat);
    const older = await treeBefore(before?.find(name));
    const put = text.later();
    return open(selection.enter(folder, entry), older, (tree) => put(folderText(head, tree)));
  }

  function saveLink({ text }: Frame, { name, path, stat }: Entry): void {
    const target = attempt(path, () => readlinkSync(onDisk(path), { encoding: 'buffer' }));
    if (target !== undefined) text.add(linkText(nodeHead('symlink', nameText(name), stat), target));
  }

  function saveFile({ text, before }: Frame, entry: Entry): void {
    const { name, path, stat } = entry;
    const quoted = nameText(name);
    const head = nodeHead('file', quoted, stat);
    const node = before?.find(quoted);
    const content = node === undefined ? undefined : contentBefore(head, node, stat);
    if (content !== undefined && !isSuspect(stat) && content.every(isKnown)) {
      counts.unchanged(Number(stat.size));
      text.add(fileText(head, content));
      return;
    }
    const put = text.later();
    batcher.add({
      path,
      sizeBytes: Number(stat.size),
      onRead: (read) => put(fileNode(entry, read, { head, node })),
    });
  }

  /** Written to so shortly before the last backup that it may have been read in between. */
  function isSuspect({ ctimeNs, mtimeNs }: BigIntStats): boolean {
    const from = BigInt(options.suspectFromMs) * 1_000_000n;
    // Times of the future are somebody's whim; the system's own time of the change tells.
    return ctimeNs >= from || (mtimeNs >= from && mtimeNs <= BigInt(Date.now()) * 1_000_000n);
  }

  function fileNode(
    { path, name, stat }: Entry,
    { state, content, sizeBytes, fault }: FileRead,
    { head, node }: { readonly head: string; readonly node: string | undefined },
  ): string | undefined {
    if (state === READ_STATES.failed || state === READ_STATES.vanished) {
      const code = state === READ_STATES.failed ? readFaultOf(fault) : 'file-vanished';
      lose(code, path, fault);
      return undefined;
    }
    if (state === READ_STATES.changed) report('file-changed', path, '');
    if (state === READ_STATES.grows) report('file-grows', path, '');
    const isAsListed = sizeBytes === Number(stat.size);
    const now = fileText(
      isAsListed ? head : nodeHeadWithSize(nameText(name), stat, sizeBytes),
      content,
    );
    if (now === node) counts.unchanged(sizeBytes);
    else counts.read(sizeBytes, node === undefined);
    return now;
  }

  /** The folders above the chosen ones are in the tree too, with nothing else in them, as restic has them. */
  async function saveAbove(
    {
      level,
      path,
      isTop,
    }: { readonly level: Level; readonly path: BytePath; readonly isTop: boolean },
    before: ParentTree | undefined,
    onTree: (id: string) => void,
  ): Promise<void> {
    const text = createTreeText(before);
    for (const part of [...level.below.keys()].sort()) {
      const next = level.below.get(part);
      const isVolume = isTop && platform === 'win32';
      const partPath = isVolume ? `${part}/` : below(path, part);
      const stat = attempt(partPath, () => statSync(onDisk(partPath), { bigint: true }));
      if (next === undefined || stat === undefined) continue;
      const name = nameText(isVolume ? volumeName(part) : part);
      const head = nodeHead('dir', name, stat);
      const older = await treeBefore(before?.find(name));
      const put = text.later();
      const onBelow = (tree: string) => put(folderText(head, tree));
      const chosen = next.isChosen
        ? attempt(partPath, () => selection.choose(partPath))
        : undefined;
      if (chosen !== undefined) await saveFolder(open(chosen, older, onBelow));
      else await saveAbove({ level: next, path: partPath, isTop: false }, older, onBelow);
    }
    text.end((tree) => finish(tree, onTree));
  }

  return {
    saveAll: async (folders, parentTree) => {
      const level: Level = { isChosen: false, below: new Map() };
      for (const folder of folders) choose(level, bytePath(folder), platform);
      const before = parentTree === undefined ? undefined : await readParent(parentTree);
      let root: string | undefined;
      const onRoot = (tree: string) => {
        root = tree;
      };
      try {
        if (level.isChosen) await saveFolder(open(selection.choose('/'), before, onRoot));
        else
          await saveAbove(
            { level, path: platform === 'win32' ? '' : '/', isTop: true },
            before,
            onRoot,
          );
      } finally {
        // The walk ends before its last files are read.
        await batcher.finish();
      }
      if (root === undefined) throw new Error('files were read, and the tree has gaps');
      return root;
    },
  };
}

type Level = { isChosen: boolean; readonly below: Map<BytePath, Level> };

function choose(top: Level, folder: BytePath, platform: NodeJS.Platform): void {
  let level = top;
  for (const part of namesOf(folder, platform)) {
    const next = level.below.get(part) ?? { isChosen: false, below: new Map() };
    level.below.set(part, next);
    level = next;
  }
  level.isChosen = true;
}

/** As restic has them: a drive without its colon, a share of another computer with the strokes of Windows. */
function volumeName(part: BytePath): BytePath {
  return part.startsWith('//') ? part.replaceAll('/', '\\') : part.replace(/:$/, '');
}

/** The name as it stands in a tree, as JSON. Most are plain, and plain text stands for itself. */
function nameText(name: BytePath): string {
  return /^[ !#-[\]-~]*$/.test(name) ? `"${name}"` : JSON.stringify(quoteName(bytesOf(name)));
}
