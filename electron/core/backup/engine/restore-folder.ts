import { setImmediate as breathe } from 'node:timers/promises';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { type Node, unquoteName } from '../repository/node.ts';
import type { Crunchers } from './crunchers.ts';
import { type EngineFault, type EngineProblem, NO_PROGRESS } from './jobs.ts';
import { joinBytes, showPath } from './paths.ts';
import { createPlacer } from './placer.ts';
import {
  type Existing,
  mayBeUnsaved,
  nsOf,
  settleConflict,
  type Settlement,
} from './restore-conflict.ts';
import { flushMeanwhile, flushRestored, folderOf, recentFiles } from './restore-flush.ts';
import type { RestoreJournal } from './restore-journal.ts';
import { addToName, keyOf, placeNames, placeTops, rulesOf } from './restore-names.ts';
import {
  volumeOf,
  lookAt,
  makeFolder,
  ownHere,
  makeLink,
  makeTwin,
  pointsThere,
  rulesAt,
  setMetadata,
  temporaryOf,
} from './restore-place.ts';
import { plainLengthOf } from './stretches.ts';
import type { RestoreContext, RestoreCounts, Top } from './restore.ts';
import { DEPTH_MAX, type TreeReader } from './trees.ts';
import { areTwins, twinKeyOf } from './twins.ts';

/**
 * Restores into a folder, or in place. Everything that comes out of the repository is checked, also names: a
 * hostile tree can't reach outside. Nothing is written through a link: folders on the way are looked at before
 * anything is put into them, and links are made last. What is there already stays, unless the person chose otherwise.
 */
export async function restoreToFolder({
  context,
  target,
  tops,
  readTree,
  crunchers,
  journal,
  counts,
  onBytes,
}: {
  readonly context: RestoreContext;
  /** Where the tops' ways begin: whatever it is, it was chosen by the person. */
  readonly target: Buffer;
  readonly tops: readonly Top[];
  readonly readTree: TreeReader;
  readonly crunchers: Crunchers;
  readonly journal: RestoreJournal;
  readonly counts: RestoreCounts;
  readonly onBytes: (bytes: number) => void;
}): Promise<Result<undefined, EngineFault>> {
  const { repository, index, tools, job } = context;
  const { conflict } = job;
  const { tag } = journal;
  // In place the names are of this system already.
  const rules = job.to === undefined ? rulesOf(process.platform) : rulesAt(target, tag);
  const folders: { readonly path: Buffer; readonly node: Node }[] = [];
  const links: { readonly path: Buffer; readonly node: Node; readonly place: Place }[] = [];
  const twins: Twin[] = [];
  const topNamesHere = placeTops(
    tops.map(({ name }) => name),
    { rules, isInPlace: job.to === undefined },
  );
  const topNames = new Set(topNamesHere.map((name) => keyOf(name, rules)));
  const firsts = new Map<string, { readonly path: Buffer; readonly node: Node }>();
  /** Those of the firsts that are there as they should be. */
  const good = new Set<string>();
  const recent = recentFiles();
  // In place the files may lie on several disks. What nobody can take up again is a try, and needs none.
  const disk = job.to === undefined || !journal.isKept ? undefined : target;
  const meanwhile = flushMeanwhile(disk, tools.signal);
  let lastBreathMs = performance.now();

  const placer = createPlacer({
    repository,
    index,
    crunchers,
    tools,
    journal,
    onBytes: (bytes) => {
      onBytes(bytes);
      meanwhile.note(bytes);
    },
    own: ownHere(target),
    onKept: () => {
      counts.filesKept += 1;
    },
    onFinished: ({ path, node }) => {
      counts.files += 1;
      recent.note(path);
      if (node.links > 1) good.add(path.toString('latin1'));
    },
  });

  function problem(path: Buffer, code: EngineProblem['code'], detail: string): void {
    tools.problem({ code, path: showPath(path), detail });
  }

  /** A word of the file system is a problem of this entry alone, except a full disk. */
  function attempt<T>(
    path: Buffer,
    act: () => T,
    code: EngineProblem['code'] = 'file-not-written',
  ) {
    try {
      return { value: act() };
    } catch (error) {
      complain(path, code, error);
      return undefined;
    }
  }

  function complain(path: Buffer, code: EngineProblem['code'], error: unknown): void {
    const { code: said = 'unknown' } = error as NodeJS.ErrnoException;
    if (!/^E[A-Z0-9]+$/.test(said) || said === 'ENOSPC' || said === 'EDQUOT') throw error;
    problem(path, code, said);
  }

  /** Whoever cancels, and the packs that arrive, must get a word in. */
  async function pause(): Promise<void> {
    if (performance.now() - lastBreathMs < BREATH_MS) return;
    await breathe();
    lastBreathMs = performance.now();
  }

  async function contentsAreSame(path: Buffer, { content }: Node): Promise<boolean> {
    const ids = (content ?? []).map((hex) => Buffer.from(hex, 'hex'));
    const places = ids.map((id) => index.blobs.get('data', id));
    const lengths = places.flatMap((place) => (place === undefined ? [] : [plainLengthOf(place)]));
    if (lengths.length < ids.length) return false;
    const same = await crunchers.run({ type: 'compare', path, ids: Buffer.concat(ids), lengths });
    return same?.every((each) => each === 1) === true;
  }

  async function settle(path: Buffer, existing: Existing, node: Node): Promise<Settlement> {
    const file = { sizeBytes: node.size, mtimeNs: nsOf(node.mtime) };
    if (mayBeUnsaved(existing, file, journal.tries)) {
      const isWhole = existing.sizeBytes === file.sizeBytes && (await contentsAreSame(path, node));
      if (isWhole) recent.note(path);
      return isWhole ? 'same' : 'replace';
    }
    const first = settleConflict(existing, file, conflict);
    if (first !== 'compare') return first;
    return settleConflict(existing, file, conflict, await contentsAreSame(path, node));
  }

  /**
   * A name with the file's date that nothing has yet, nor will have in this restore; or where the same lies already under
   * such a name, or as much of it as was saved.
   */
  function besides(
    path: Buffer,
    node: Node,
    taken: Set<string>,
  ): { readonly path: Buffer; readonly isSame: boolean; readonly isOurs: boolean } {
    const slash = path.lastIndexOf(0x2f) + 1;
    const day = (node.mtime ?? '').slice(0, 10).replaceAll(/[^0-9-]/g, '') || 'restored';
    for (let number = 1; ; number += 1) {
      const addition = number === 1 ? ` (${day})` : ` (${day}, ${number})`;
      const name = addToName(path.subarray(slash), addition, rules);
      const key = keyOf(name, rules);
      if (taken.has(key)) continue;
      const beside = joinBytes(path.subarray(0, slash), name);
      const was = whatIsBeside(beside, node);
      if (was === 'other') continue;
      taken.add(key);
      return { path: beside, isSame: was === 'same', isOurs: was === 'ours' };
    }
  }

  /** `ours`: an earlier try has written it, and it may not be whole. */
  function whatIsBeside(path: Buffer, node: Node): 'nothing' | 'same' | 'ours' | 'other' {
    const existing = lookAt(path);
    if (existing === undefined) return 'nothing';
    if (node.type === 'dir') return journal.folders.has(path.toString('latin1')) ? 'same' : 'other';
    if (node.type === 'symlink')
      return existing.kind === 'link' && pointsThere(path, node) ? 'same' : 'other';
    const file = { sizeBytes: node.size, mtimeNs: nsOf(node.mtime) };
    if (mayBeUnsaved(existing, file, journal.tries)) return 'ours';
    return settleConflict(existing, file, 'skip') === 'same' ? 'same' : 'other';
  }

  function noteSame(path: Buffer, node: Node): void {
    counts.files += 1;
    counts.filesSame += 1;
    if (node.links > 1) good.add(path.toString('latin1'));
    onBytes(node.size);
  }

  function noteKept(path: Buffer, node: Node): void {
    counts.filesKept += 1;
    onBytes(node.size);
    // Whoever chose to skip knows; that something can't be replaced is news.
    if (conflict !== 'skip' && conflict !== 'newer') problem(path, 'file-kept', '');
  }

  async function visitFile(
    path: Buffer,
    node: Node,
    { isFresh, taken }: Place,
  ): Promise<EngineFault | undefined> {
    const existing = isFresh ? undefined : lookAt(path);
    const temporary = temporaryOf(path, tag);
    if (existing === undefined)
      return placer.add({ path, temporary, node, isGuarded: !isFresh, isFresh });
    const settled = await settle(path, existing, node);
    if (settled === 'replace')
      return placer.add({ path, temporary, node, isGuarded: false, isFresh: false });
    if (settled === 'same') noteSame(path, node);
    else if (settled !== 'beside') noteKept(path, node);
    else {
      const beside = besides(path, node, taken);
      if (beside.isSame) noteSame(beside.path, node);
      else
        return placer.add({
          path: beside.path,
          temporary: temporaryOf(beside.path, tag),
          node,
          isGuarded: !beside.isOurs,
          isFresh: false,
        });
    }
    return undefined;
  }

  async function tryFile(
    path: Buffer,
    node: Node,
    place: Place,
  ): Promise<Result<undefined, EngineFault>> {
    try {
      const fault = await visitFile(path, node, place);
      return fault === undefined ? ok(undefined) : failed(fault);
    } catch (error) {
      complain(path, 'file-not-written', error);
      return ok(undefined);
    }
  }

  async function visit(
    path: Buffer,
    node: Node,
    place: Place,
    depth: number,
  ): Promise<Result<undefined, EngineFault>> {
    if (tools.signal.aborted) return failed({ code: 'cancelled' });
    await pause();
    switch (node.type) {
      case 'dir': {
        const folder = openFolder(path, node, place.taken);
        if (folder === undefined) return ok(undefined);
        return visitFolder(folder.path, node.subtree ?? undefined, folder.isFresh, depth + 1);
      }
      case 'symlink':
        links.push({ path, node, place });
        return ok(undefined);
      case 'file': {
        const twinKey = twinKeyOf(node);
        const first = twinKey === undefined ? undefined : firsts.get(twinKey);
        if (first !== undefined && areTwins(first.node, node)) {
          twins.push({ path, first: first.path, node, place });
          return ok(undefined);
        }
        if (twinKey !== undefined && first === undefined) firsts.set(twinKey, { path, node });
        return tryFile(path, node, place);
      }
      default:
        problem(path, 'special-file', node.type);
        return ok(undefined);
    }
  }

  /** Makes the folder, or looks whether the one that is there is one; `undefined`: nothing can be put there. */
  function openFolder(
    path: Buffer,
    node: Node,
    taken: Set<string>,
  ): { readonly path: Buffer; readonly isFresh: boolean } | undefined {
    const before = attempt(path, () => ({ there: lookAt(path) }));
    if (before === undefined) return undefined;
    if (before.value.there === undefined) journal.noteFolder(path);
    const isMade = attempt(path, () => makeFolder(path));
    if (isMade === undefined) return undefined;
    if (isMade.value) {
      counts.folders += 1;
      folders.push({ path, node });
      return { path, isFresh: true };
    }
    if (lookAt(path)?.kind === 'folder') {
      counts.folders += 1;
      // One that was there before keeps its rights and times.
      if (journal.folders.has(path.toString('latin1'))) folders.push({ path, node });
      return { path, isFresh: false };
    }
    if (conflict === 'keep-both') {
      const beside = besides(path, node, taken).path;
      return openFolder(beside, node, taken);
    }
    problem(path, 'folder-blocked', '');
    return undefined;
  }

  async function visitFolder(
    path: Buffer,
    tree: string | undefined,
    isFresh: boolean,
    depth: number,
  ): Promise<Result<undefined, EngineFault>> {
    if (depth > DEPTH_MAX) return failed({ code: 'damaged', detail: 'folders without end' });
    const nodes = tree === undefined ? ok<readonly Node[]>([]) : await readTree(tree);
    if (!nodes.ok) {
      if (nodes.fault.code !== 'damaged') return nodes;
      problem(path, 'tree-damaged', nodes.fault.detail);
      return ok(undefined);
    }
    const named: { readonly node: Node; readonly name: Buffer }[] = [];
    const names = new Set<string>();
    for (const node of nodes.value) {
      const name = unquoteName(node.name);
      // Twice the same name would let a link stand where a folder is expected.
      if (name === undefined || names.has(name.toString('latin1')))
        problem(path, 'file-damaged', 'a name that cannot be');
      else {
        names.add(name.toString('latin1'));
        named.push({ node, name });
      }
    }
    const placed = placeNames(
      named.map(({ name }) => name),
      rules,
    );
    // Nothing makes way in a folder that is new.
    const taken = new Set(isFresh ? [] : placed.map((name) => keyOf(name, rules)));
    const place = { isFresh, taken };
    for (const [at, { node, name }] of named.entries()) {
      const shown = placed[at] ?? name;
      if (!shown.equals(name)) problem(joinBytes(path, name), 'name-changed', showPath(shown));
      const visited = await visit(joinBytes(path, shown), node, place, depth);
      if (!visited.ok) return visited;
    }
    return ok(undefined);
  }

  /** Down to where something chosen lies; the folders above it are made if they are not there. */
  async function visitTop(
    { above, name, node }: Top,
    shown: Buffer,
  ): Promise<Result<undefined, EngineFault>> {
    let path = target;
    let isFresh = false;
    let way = above;
    if (job.to === undefined && rules.isWindows) {
      const volume = volumeOf(above[0]?.name ?? name);
      if (volume === undefined) {
        problem(joinBytes(path, name), 'file-not-written', 'ENOENT');
        return ok(undefined);
      }
      if (above.length === 0) return visitFolder(volume, node.subtree ?? undefined, false, 1);
      path = volume;
      way = above.slice(1);
    }
    for (const each of way) {
      const folder = openFolder(joinBytes(path, each.name), each.node, new Set());
      if (folder === undefined) return ok(undefined);
      ({ path, isFresh } = folder);
    }
    const place = { isFresh, taken: topNames };
    if (!shown.equals(name)) problem(joinBytes(path, name), 'name-changed', showPath(shown));
    return visit(joinBytes(path, shown), node, place, 0);
  }

  async function placeTwins(): Promise<Result<undefined, EngineFault>> {
    for (const twin of twins) {
      await pause();
      if (await isLinked(twin)) continue;
      const placed = await tryFile(twin.path, twin.node, twin.place);
      if (!placed.ok) return placed;
    }
    return ok(undefined);
  }

  /** One more name for what is there already; false: it is to be a file of its own, or stays as it is. */
  async function isLinked({ path, first, node, place }: Twin): Promise<boolean> {
    if (!good.has(first.toString('latin1'))) return false;
    try {
      const existing = place.isFresh ? undefined : lookAt(path);
      const settled = existing === undefined ? 'new' : await settle(path, existing, node);
      if (settled !== 'new' && settled !== 'replace') return false;
      makeTwin(path, first, { tag, over: settled === 'replace' });
    } catch (error) {
      // A disk that knows no hard links, or a place that can't be looked at, of which whoever writes a file there will say so.
      if (!/^E[A-Z]+$/.test((error as NodeJS.ErrnoException).code ?? '')) throw error;
      return false;
    }
    counts.files += 1;
    onBytes(node.size);
    return true;
  }

  function placeLink(path: Buffer, node: Node, { isFresh, taken }: Place): void {
    const existing = isFresh ? undefined : lookAt(path);
    counts.links += 1;
    if (existing?.kind === 'link' && pointsThere(path, node)) return;
    if (existing === undefined) return makeLink(path, node, { tag, over: false });
    if (conflict === 'keep-both') {
      const at = besides(path, node, taken);
      return at.isSame ? undefined : makeLink(at.path, node, { tag, over: false });
    }
    if (conflict === 'replace' && existing.kind !== 'folder')
      return makeLink(path, node, { tag, over: true });
    counts.links -= 1;
    noteKept(path, node);
  }

  async function bringBack(): Promise<Result<undefined, EngineFault>> {
    for (const [at, top] of tops.entries()) {
      const visited = await visitTop(top, topNamesHere[at] ?? top.name);
      if (!visited.ok) {
        await placer.finish();
        return visited;
      }
    }
    const firstFault = await placer.finish();
    if (firstFault !== undefined) return failed(firstFault);
    const placed = await placeTwins();
    const fault = await placer.finish();
    if (!placed.ok) return placed;
    if (fault !== undefined) return failed(fault);
    if (tools.signal.aborted) return failed({ code: 'cancelled' });
    for (const { path, node, place } of links) {
      attempt(path, () => placeLink(path, node, place));
      await pause();
    }
    placer.salvage();
    // The deepest first: making an entry changes its folder's time.
    for (const { path, node } of folders.reverse()) {
      attempt(path, () => setMetadata(path, node), 'metadata-not-set');
      await pause();
    }
    // What nobody can take up again is a try, and is gone in a moment.
    if (!journal.isKept) return ok(undefined);
    // Where one failed each file is asked for by itself: a disk that has said it once says nothing more about the whole.
    const lost = await flushRestored({
      disk: (await meanwhile.finish()) ? disk : undefined,
      files: recent.all(),
      folders: [
        target,
        ...folders.map(({ path }) => path),
        // In these something has got a name, though no file came.
        ...[...links, ...twins].map(({ path }) => folderOf(path)),
      ],
      signal: tools.signal,
      progress: (filesDone, filesTotal) =>
        tools.progress({ ...NO_PROGRESS, phase: 'flushing', filesDone, filesTotal }),
    });
    for (const { path, error } of lost) problem(path, 'file-not-written', error);
    return tools.signal.aborted ? failed({ code: 'cancelled' }) : ok(undefined);
  }

  try {
    return await bringBack();
  } finally {
    // Its notes are closed next: whoever wrote into them then might write into another file.
    await placer.stop();
    await meanwhile.finish();
  }
}

const BREATH_MS = 10;

type Place = {
  /** This restore has just made the folder: nothing else can be in it. */
  readonly isFresh: boolean;
  /** Names that something of this restore has there, or will have. */
  readonly taken: Set<string>;
};
type Twin = {
  readonly path: Buffer;
  readonly first: Buffer;
  readonly node: Node;
  readonly place: Place;
};
