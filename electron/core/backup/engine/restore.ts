import {
  chmodSync,
  closeSync,
  constants,
  lchownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  truncateSync,
  utimesSync,
} from 'node:fs';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { fromGoMode, fromTimestamp, type Node, unquoteName } from '../repository/node.ts';
import {
  chooseSnapshot,
  loadSnapshots,
  type Repository,
  type RepositoryIndex,
  type Snapshot,
} from '../repository/repository.ts';
import { startCrunchers } from './crunchers.ts';
import type { EngineFault, EngineJob, EngineSummary, EngineTools } from './jobs.ts';
import type { PackCache } from './pack-cache.ts';
import { joinBytes, showPath } from './paths.ts';
import { createPlacer, type PlacedFile } from './placer.ts';
import { createTreeReader, type TreeReader } from './trees.ts';

type Context = {
  readonly repository: Repository;
  readonly index: RepositoryIndex;
  readonly job: Extract<EngineJob, { kind: 'restore' }>;
  readonly tools: EngineTools;
  readonly cache: PackCache;
  readonly threads: number;
};

/** So many files are planned and written together; memory is bounded by this, not by the snapshot. */
const FILES_TOGETHER = 20_000;
const BYTES_TOGETHER = 8 * 1024 * 1024 * 1024;

/**
 * Restores into an empty folder. Everything that comes out of the repository is checked, also names:
 * a hostile tree can't reach outside the folder, links are made last, so nothing is written through one.
 */
export async function runRestore(context: Context): Promise<Result<EngineSummary, EngineFault>> {
  const { repository, index, job, tools } = context;
  const snapshots = await loadSnapshots(repository);
  if (!snapshots.ok) return snapshots;
  const snapshot = chooseSnapshot(snapshots.value, job.snapshot);
  if (snapshot === undefined)
    return failed({ code: 'snapshot-unknown', snapshot: job.snapshot ?? 'latest' });
  const readTree = createTreeReader(repository, index, context.cache);
  const tops = await findTops(readTree, snapshot, job.paths);
  if (!tops.ok) return tops;
  const crunchers = startCrunchers({
    threads: context.threads,
    key: repository.key,
    onAsk: async () => new Uint8Array(),
    onPack: () => undefined,
  });
  const counts = { files: 0, folders: 0, links: 0, bytes: 0, filesFailed: 0 };
  const failures = new Set<string>();
  const problem: EngineTools['problem'] = (found) => {
    if (!failures.has(found.path)) counts.filesFailed += 1;
    failures.add(found.path);
    tools.problem(found);
  };
  try {
    const placer = createPlacer({
      repository,
      index,
      crunchers,
      tools: { ...tools, problem },
      onBytes: (bytes) => {
        counts.bytes += bytes;
        tools.progress({
          phase: 'writing',
          filesDone: counts.files,
          filesTotal: null,
          bytesDone: counts.bytes,
          bytesTotal: null,
        });
      },
    });
    const target = Buffer.from(job.to ?? '/');
    makeFolder(target);
    const folders: { readonly path: Buffer; readonly node: Node }[] = [];
    const links: { readonly path: Buffer; readonly node: Node }[] = [];
    const twins: { readonly path: Buffer; readonly first: Buffer; readonly node: Node }[] = [];
    const firstOf = new Map<string, Buffer>();
    let together: PlacedFile[] = [];
    let togetherBytes = 0;

    const writeTogether = async (): Promise<Result<undefined, EngineFault>> => {
      const files = together;
      together = [];
      togetherBytes = 0;
      const placed = await placer.place(files);
      if (!placed.ok) return placed;
      for (const { path, node } of files) finishFile(path, node, problem);
      counts.files += files.length;
      return ok(undefined);
    };

    const visit = async (path: Buffer, node: Node): Promise<Result<undefined, EngineFault>> => {
      if (tools.signal.aborted) return failed({ code: 'cancelled' });
      switch (node.type) {
        case 'dir': {
          folders.push({ path, node });
          counts.folders += 1;
          makeFolder(path);
          return visitFolder(path, node.subtree ?? undefined);
        }
        case 'symlink':
          links.push({ path, node });
          counts.links += 1;
          return ok(undefined);
        case 'file': {
          const twinKey = node.links > 1 ? `${node.device_id}:${node.inode}` : undefined;
          const first = twinKey === undefined ? undefined : firstOf.get(twinKey);
          if (first !== undefined) {
            twins.push({ path, first, node });
            return ok(undefined);
          }
          if (twinKey !== undefined) firstOf.set(twinKey, path);
          if (!createFile(path, problem)) return ok(undefined);
          together.push({ path, node });
          togetherBytes += node.size;
          const isEnough = together.length >= FILES_TOGETHER || togetherBytes >= BYTES_TOGETHER;
          return isEnough ? writeTogether() : ok(undefined);
        }
        default:
          problem({ code: 'special-file', path: showPath(path), detail: node.type });
          return ok(undefined);
      }
    };

    const visitFolder = async (
      path: Buffer,
      tree: string | undefined,
    ): Promise<Result<undefined, EngineFault>> => {
      const nodes = tree === undefined ? ok<readonly Node[]>([]) : await readTree(tree);
      if (!nodes.ok) {
        if (nodes.fault.code !== 'damaged') return nodes;
        problem({ code: 'tree-damaged', path: showPath(path), detail: nodes.fault.detail });
        return ok(undefined);
      }
      const names = new Set<string>();
      for (const node of nodes.value) {
        const name = unquoteName(node.name);
        // Twice the same name would let a link stand where a folder is expected.
        if (name === undefined || names.has(name.toString('latin1'))) {
          problem({ code: 'file-damaged', path: showPath(path), detail: 'a name that cannot be' });
          continue;
        }
        names.add(name.toString('latin1'));
        const visited = await visit(joinBytes(path, name), node);
        if (!visited.ok) return visited;
      }
      return ok(undefined);
    };

    for (const { name, node } of tops.value) {
      const visited = await visit(joinBytes(target, name), node);
      if (!visited.ok) return visited;
    }
    const written = await writeTogether();
    if (!written.ok) return written;
    for (const { path, first, node } of twins) {
      if (!attempt(path, problem, () => linkSync(first, path))) continue;
      counts.files += 1;
      counts.bytes += node.size;
    }
    for (const { path, node } of links) makeLink(path, node, problem);
    // The deepest first: making an entry changes its folder's time.
    for (const { path, node } of folders.reverse()) setMetadata(path, node, problem);
    return ok({
      snapshot: snapshot.id,
      files: counts.files,
      folders: counts.folders,
      links: counts.links,
      filesFailed: counts.filesFailed,
      bytesTotal: `${counts.bytes}`,
    });
  } catch (error) {
    const { code = 'unknown', path = job.to ?? '/' } = error as NodeJS.ErrnoException;
    if (!/^E[A-Z]+$/.test(code)) throw error;
    return failed({ code: 'folder', error: code, folder: path });
  } finally {
    await crunchers.close();
  }
}

type Top = { readonly name: Buffer; readonly node: Node };

/**
 * What lies directly in the target: each folder of the set under its own last name; if two are called
 * the same, the later ones get a number.
 */
async function findTops(
  readTree: TreeReader,
  snapshot: Snapshot,
  wishes: readonly string[] | undefined,
): Promise<Result<readonly Top[], EngineFault>> {
  const tops: Top[] = [];
  const taken = new Map<string, number>();
  for (const path of wishes ?? snapshot.paths ?? []) {
    const found = await findNode(readTree, snapshot.tree, path);
    if (!found.ok) return found;
    if (found.value === undefined) continue;
    const name = unquoteName(found.value.name);
    if (name === undefined) continue;
    const key = name.toString('latin1');
    const count = taken.get(key) ?? 0;
    taken.set(key, count + 1);
    const shown = count === 0 ? name : Buffer.concat([name, Buffer.from(` (${count + 1})`)]);
    tops.push({ name: shown, node: found.value });
  }
  return ok(tops);
}

async function findNode(
  readTree: TreeReader,
  root: string,
  path: string,
): Promise<Result<Node | undefined, EngineFault>> {
  let tree: string | undefined = root;
  let node: Node | undefined;
  for (const part of path.split('/').filter(Boolean)) {
    if (tree === undefined) return ok(undefined);
    const nodes: Awaited<ReturnType<TreeReader>> = await readTree(tree);
    if (!nodes.ok) return nodes;
    const wanted = Buffer.from(part);
    node = nodes.value.find(({ name }) => unquoteName(name)?.equals(wanted) === true);
    if (node === undefined) return ok(undefined);
    tree = node.subtree ?? undefined;
  }
  return ok(node);
}

function makeFolder(path: Buffer): void {
  // Others may look inside only when the restored rights say so.
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

const CREATE =
  constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

function createFile(path: Buffer, problem: EngineTools['problem']): boolean {
  return attempt(path, problem, () => closeSync(openSync(path, CREATE, 0o600)));
}

/** Whether it worked; a word of the file system is a problem of this file alone, except a full disk. */
function attempt(path: Buffer, problem: EngineTools['problem'], act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    if (!/^E[A-Z]+$/.test(code) || code === 'ENOSPC' || code === 'EDQUOT') throw error;
    problem({ code: 'file-not-written', path: showPath(path), detail: code });
    return false;
  }
}

function finishFile(path: Buffer, node: Node, problem: EngineTools['problem']): void {
  // Zeroes at the end were never written; the length says that they are there.
  attempt(path, problem, () => truncateSync(path, node.size));
  setMetadata(path, node, problem);
}

function makeLink(path: Buffer, node: Node, problem: EngineTools['problem']): void {
  const target =
    node.linktarget_raw === undefined
      ? Buffer.from(node.linktarget ?? '')
      : Buffer.from(node.linktarget_raw, 'base64');
  const isMade = attempt(path, problem, () => symlinkSync(target, path));
  if (!isMade) return;
  setOwner(path, node);
  const mtime = fromTimestamp(node.mtime);
  if (mtime !== undefined)
    attempt(path, problem, () => lutimesSync(path, fromTimestamp(node.atime) ?? mtime, mtime));
}

function setMetadata(path: Buffer, node: Node, problem: EngineTools['problem']): void {
  try {
    setOwner(path, node);
    chmodSync(path, fromGoMode(node.mode));
    const mtime = fromTimestamp(node.mtime);
    if (mtime !== undefined) utimesSync(path, fromTimestamp(node.atime) ?? mtime, mtime);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    if (!/^E[A-Z]+$/.test(code)) throw error;
    problem({ code: 'metadata-not-set', path: showPath(path), detail: code });
  }
}

/** Only root can give files away. */
function setOwner(path: Buffer, node: Node): void {
  if (process.getuid?.() === 0) lchownSync(path, node.uid, node.gid);
}
