import { hash } from 'node:crypto';
import { type BigIntStats, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { userInfo } from 'node:os';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import {
  encodeTree,
  type Node,
  type NodeType,
  quoteName,
  toGoMode,
  toTimestamp,
} from '../repository/node.ts';
import { createPackBuilder, PACK_BYTES } from '../repository/pack.ts';
import {
  loadSnapshots,
  type Repository,
  type RepositoryFault,
  type RepositoryIndex,
} from '../repository/repository.ts';
import { saveUnpacked } from '../repository/unpacked.ts';
import { createBatcher } from './batcher.ts';
import { type Crunchers, startCrunchers } from './crunchers.ts';
import { compileExcludes } from './exclude.ts';
import type { EngineJob, EngineSummary, EngineTools } from './jobs.ts';
import type { FileRead, PackedPack } from './messages.ts';
import type { PackCache } from './pack-cache.ts';
import { joinBytes, showPath } from './paths.ts';
import { createTreeReader, type TreeReader } from './trees.ts';
import { createUploader, type Uploader } from './upload.ts';

type BackupJob = Extract<EngineJob, { kind: 'backup' }>;
type Context = {
  readonly repository: Repository;
  readonly index: RepositoryIndex;
  readonly job: BackupJob;
  readonly tools: EngineTools;
  readonly cache: PackCache;
  readonly threads: number;
};

/**
 * One backup run. This thread walks the folders and builds trees; crunching threads read and pack the
 * files; packs go up as they are finished. The snapshot is written when everything it needs has
 * arrived and is in an index, so an interruption leaves either the old state or the new one.
 */
export async function runBackup(context: Context): Promise<Result<EngineSummary, RepositoryFault>> {
  const { repository, index, job, tools } = context;
  const snapshots = await loadSnapshots(repository);
  if (!snapshots.ok) return snapshots;
  const paths = [...job.folders].sort();
  const parent = snapshots.value.findLast(
    (snapshot) => [...(snapshot.paths ?? [])].sort().join('\0') === paths.join('\0'),
  );
  const counts = newCounts();
  const uploader = createUploader(repository, index, {
    signal: tools.signal,
    onSent: () => undefined,
  });
  const crunchers = startCrunchers({
    threads: context.threads,
    key: repository.key,
    onPack: uploader.push,
    onAsk: async (ids) => {
      await uploader.room();
      return claimAll(index, ids);
    },
  });
  try {
    const startedAt = new Date();
    const trees = createTreeWriter(context, uploader);
    const readTree = createTreeReader(repository, index, context.cache);
    startScan(context, crunchers, counts);
    const walk = createWalk({ ...context, crunchers, uploader, trees, readTree, counts });
    const root = await walk.saveAll(job.folders, parent?.tree);
    if (tools.signal.aborted) return failed({ code: 'cancelled' });
    tools.progress({ ...progressOf(counts), phase: 'finishing' });
    await crunchers.flush();
    trees.flush();
    const finished = await uploader.finish();
    const fault = uploader.fault();
    if (fault !== undefined) return failed(fault);
    if (!finished.ok) return finished;
    const saved = await saveUnpacked(repository.store, repository.key, {
      type: 'snapshots',
      content: {
        time: toTimestamp(BigInt(startedAt.getTime()) * 1_000_000n),
        ...(parent === undefined ? {} : { parent: parent.id }),
        tree: root,
        paths: job.folders,
        hostname: job.hostname,
        username: userName(),
        uid: process.getuid?.() ?? 0,
        gid: process.getgid?.() ?? 0,
        summary: summaryOf(counts, startedAt),
      },
    });
    if (!saved.ok) return saved;
    return ok({
      snapshot: saved.value.name,
      files: counts.files,
      filesNew: counts.filesNew,
      filesUnchanged: counts.filesUnchanged,
      filesFailed: counts.filesFailed,
      bytesTotal: `${counts.bytes}`,
      bytesAdded: `${uploader.bytesSent()}`,
    });
  } catch (error) {
    if (error instanceof Stopped) {
      // What has arrived is indexed, so that the next run goes on from there.
      await uploader.finish();
      return failed(uploader.fault() ?? error.fault);
    }
    throw error;
  } finally {
    await crunchers.close();
  }
}

/** As restic's own snapshots have it since 0.17; older ones pass over it. */
function summaryOf(counts: Counts, startedAt: Date) {
  return {
    backup_start: startedAt.toISOString(),
    backup_end: new Date().toISOString(),
    files_new: counts.filesNew,
    files_changed: 0,
    files_unmodified: counts.filesUnchanged,
    total_files_processed: counts.files,
    total_bytes_processed: counts.bytes,
  };
}

/** Ends a walk from the inside; caught in `runBackup`. */
class Stopped extends Error {
  readonly fault: RepositoryFault;
  constructor(fault: RepositoryFault) {
    super(fault.code);
    this.fault = fault;
  }
}

type Counts = {
  files: number;
  filesNew: number;
  filesUnchanged: number;
  filesFailed: number;
  bytes: number;
  filesTotal: number | null;
  bytesTotal: number | null;
};

function newCounts(): Counts {
  return {
    files: 0,
    filesNew: 0,
    filesUnchanged: 0,
    filesFailed: 0,
    bytes: 0,
    filesTotal: null,
    bytesTotal: null,
  };
}

function progressOf(counts: Counts) {
  return {
    filesDone: counts.files + counts.filesFailed,
    filesTotal: counts.filesTotal,
    bytesDone: counts.bytes,
    bytesTotal: counts.bytesTotal,
  };
}

function startScan({ job }: Context, crunchers: Crunchers, counts: Counts): void {
  const folders = job.folders.map((folder) => Buffer.from(folder));
  crunchers
    .run({ type: 'scan', folders, exclude: job.rules.exclude, leaveOut: job.leaveOut })
    .then(({ files, bytes }) => {
      counts.filesTotal = files;
      counts.bytesTotal = bytes;
    })
    // Cut short with the threads; then nobody asks any more.
    .catch(() => undefined);
}

function claimAll(index: RepositoryIndex, ids: Buffer): Uint8Array {
  const wanted = new Uint8Array(ids.length / 32);
  for (let at = 0; at < wanted.length; at += 1)
    wanted[at] = index.blobs.claim('data', ids.subarray(at * 32, at * 32 + 32)) ? 1 : 0;
  return wanted;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without an entry; happens in containers.
    return String(process.getuid?.() ?? '');
  }
}

type TreeWriter = {
  /** The id of the tree with these entries; packed unless it is known. */
  readonly save: (nodes: readonly Node[]) => Promise<string>;
  readonly flush: () => void;
};

function createTreeWriter({ repository, index, cache }: Context, uploader: Uploader): TreeWriter {
  const builder = createPackBuilder(repository.key);
  function flush(): void {
    if (builder.sizeBytes() === 0) return;
    const { bytes, blobs } = builder.finish();
    const pack: PackedPack = { bytes, name: hash('sha256', bytes, 'hex'), blobs };
    // The next run will want these trees; the memory itself is about to change hands.
    cache.keep('data', pack.name, bytes);
    uploader.push(pack);
  }
  return {
    save: async (nodes) => {
      const plaintext = encodeTree(nodes);
      const id = hash('sha256', plaintext, 'buffer');
      if (index.blobs.claim('tree', id)) {
        builder.add('tree', id, plaintext);
        if (builder.sizeBytes() >= PACK_BYTES) {
          await uploader.room();
          flush();
        }
      }
      return id.toString('hex');
    },
    flush,
  };
}

type Walk = {
  readonly saveAll: (folders: readonly string[], parentTree: string | undefined) => Promise<string>;
};

/** An entry of a tree that is being worked on. */
type Later = { readonly node: Promise<Node | undefined> };

function known(node: Node | undefined): Later {
  return { node: Promise.resolve(node) };
}

type Entry = { readonly path: Buffer; readonly name: Buffer; readonly stat: BigIntStats };
type Previous = ReadonlyMap<string, Node> | undefined;

function createWalk(
  options: Context & {
    readonly crunchers: Crunchers;
    readonly uploader: Uploader;
    readonly trees: TreeWriter;
    readonly readTree: TreeReader;
    readonly counts: Counts;
  },
): Walk {
  const { job, tools, crunchers, uploader, trees, readTree, counts, index } = options;
  const isExcluded = compileExcludes(job.rules.exclude, job.leaveOut);
  const batcher = createBatcher(crunchers);

  function checkStopped(): void {
    if (tools.signal.aborted) throw new Stopped({ code: 'cancelled' });
    const fault = uploader.fault();
    if (fault !== undefined) throw new Stopped(fault);
  }

  async function previousOf(tree: string | undefined | null): Promise<Previous> {
    if (tree === undefined || tree === null) return undefined;
    const nodes = await readTree(tree);
    // Without it everything is read again: slower, and just as right.
    return nodes.ok ? new Map(nodes.value.map((node) => [node.name, node])) : undefined;
  }

  /** Lists a folder; the promise inside settles when all of its files have been read. */
  async function saveFolder(path: Buffer, previous: Previous): Promise<{ tree: Promise<string> }> {
    checkStopped();
    const entries = listFolder(path);
    const nodes: Promise<Node | undefined>[] = [];
    for (const entry of entries) {
      if (isExcluded(entry.path, entry.name)) continue;
      const quoted = quoteName(entry.name);
      nodes.push((await saveEntry(entry, quoted, previous?.get(quoted))).node);
    }
    const tree = Promise.all(nodes).then((all) => trees.save(all.filter(isNode)));
    // Awaited by the folder above; a rejection may come before it looks.
    tree.catch(() => undefined);
    return { tree };
  }

  function listFolder(path: Buffer): readonly Entry[] {
    try {
      const names = readdirSync(path, { encoding: 'buffer' }).sort(Buffer.compare);
      return names.flatMap((name) => {
        const entryPath = joinBytes(path, name);
        const stat = statOf(entryPath);
        return stat === undefined ? [] : [{ path: entryPath, name, stat }];
      });
    } catch (error) {
      report('file-unreadable', path, codeOf(error));
      return [];
    }
  }

  function statOf(path: Buffer): BigIntStats | undefined {
    try {
      return lstatSync(path, { bigint: true });
    } catch (error) {
      const code = codeOf(error);
      report(code === 'ENOENT' ? 'file-vanished' : 'file-unreadable', path, code);
      return undefined;
    }
  }

  function report(
    code: Parameters<EngineTools['problem']>[0]['code'],
    path: Uint8Array,
    detail: string,
  ): void {
    if (code !== 'file-changed') counts.filesFailed += 1;
    tools.problem({ code, path: showPath(path), detail });
  }

  /** Resolves when the walk may go on; the promise inside when the entry's node is known. */
  async function saveEntry(entry: Entry, name: string, before: Node | undefined): Promise<Later> {
    const { path, stat } = entry;
    if (stat.isDirectory()) {
      const previous = await previousOf(before?.type === 'dir' ? before.subtree : undefined);
      const { tree } = await saveFolder(path, previous);
      return { node: tree.then((subtree) => ({ ...metadata(entry, name, 'dir'), subtree })) };
    }
    if (stat.isSymbolicLink()) return known(linkNode(entry, name));
    if (stat.isFile()) return saveFile(entry, name, before);
    report('special-file', path, '');
    return known(undefined);
  }

  function linkNode(entry: Entry, name: string): Node | undefined {
    try {
      const target = readlinkSync(entry.path, { encoding: 'buffer' });
      const text = target.toString('utf8');
      const isText = Buffer.from(text, 'utf8').equals(target);
      const raw = isText ? {} : { linktarget_raw: target.toString('base64') };
      return { ...metadata(entry, name, 'symlink'), linktarget: text, ...raw };
    } catch (error) {
      report('file-vanished', entry.path, codeOf(error));
      return undefined;
    }
  }

  async function saveFile(entry: Entry, name: string, before: Node | undefined): Promise<Later> {
    const node = metadata(entry, name, 'file');
    if (before !== undefined && isUnchanged(before, node)) {
      count(Number(entry.stat.size));
      counts.filesUnchanged += 1;
      return known({ ...node, content: before.content ?? [] });
    }
    await batcher.room();
    checkStopped();
    const sizeBytes = Number(entry.stat.size);
    const read = batcher.add({ path: entry.path, sizeBytes });
    return { node: read.then((file) => fileNode(entry, node, file)) };
  }

  function fileNode(entry: Entry, node: Node, file: FileRead): Node | undefined {
    if (!file.ok) {
      const code = {
        vanished: 'file-vanished',
        unreadable: 'file-unreadable',
        'not-a-file': 'file-vanished',
      } as const;
      report(code[file.fault], entry.path, file.detail);
      return undefined;
    }
    if (file.changed) report('file-changed', entry.path, '');
    count(file.sizeBytes);
    counts.filesNew += 1;
    const ids = Buffer.from(file.content);
    const content = Array.from({ length: ids.length / 32 }, (_, at) =>
      ids.toString('hex', at * 32, at * 32 + 32),
    );
    return { ...node, size: file.sizeBytes, content };
  }

  function count(bytes: number): void {
    counts.files += 1;
    counts.bytes += bytes;
    tools.progress({ ...progressOf(counts), phase: 'reading' });
  }

  function isUnchanged(before: Node, now: Node): boolean {
    return (
      before.type === 'file' &&
      before.size === now.size &&
      before.mtime === now.mtime &&
      before.ctime === now.ctime &&
      before.inode === now.inode &&
      (before.content ?? []).every((id) => index.blobs.has('data', Buffer.from(id, 'hex')))
    );
  }

  /** The folders above the chosen ones are in the tree too, with nothing else in them, as restic has them. */
  async function saveAbove(
    level: Level,
    path: Buffer,
    previous: Previous,
  ): Promise<{ tree: Promise<string> }> {
    const nodes: Promise<Node | undefined>[] = [];
    const names = [...level.below.keys()].sort();
    for (const part of names) {
      const next = level.below.get(part);
      const name = Buffer.from(part);
      const entryPath = joinBytes(path, name);
      const stat = statOf(entryPath);
      if (next === undefined || stat === undefined) continue;
      const quoted = quoteName(name);
      const before = previous?.get(quoted);
      const older = await previousOf(before?.type === 'dir' ? before.subtree : undefined);
      const { tree: subtree } = next.isChosen
        ? await saveFolder(entryPath, older)
        : await saveAbove(next, entryPath, older);
      const node = metadata({ path: entryPath, name, stat }, quoted, 'dir');
      nodes.push(subtree.then((tree) => ({ ...node, subtree: tree })));
    }
    const tree = Promise.all(nodes).then((all) => trees.save(all.filter(isNode)));
    tree.catch(() => undefined);
    return { tree };
  }

  return {
    saveAll: async (folders, parentTree) => {
      const top: Level = { isChosen: false, below: new Map() };
      for (const folder of folders) choose(top, folder);
      try {
        const { tree } = await saveAbove(top, Buffer.from('/'), await previousOf(parentTree));
        // The walk ends before its last files are read.
        await batcher.finish();
        return await tree;
      } finally {
        await batcher.finish();
      }
    },
  };
}

type Level = { isChosen: boolean; readonly below: Map<string, Level> };

function choose(top: Level, folder: string): void {
  let level = top;
  for (const part of folder.split('/').filter(Boolean)) {
    const next = level.below.get(part) ?? { isChosen: false, below: new Map() };
    level.below.set(part, next);
    level = next;
  }
  level.isChosen = true;
}

function isNode(node: Node | undefined): node is Node {
  return node !== undefined;
}

function metadata({ stat }: Entry, name: string, type: NodeType): Node {
  return {
    name,
    type,
    mode: toGoMode(type, Number(stat.mode)),
    mtime: toTimestamp(stat.mtimeNs),
    // Reading changes it; kept, every run would write every tree anew. restic leaves it out too.
    atime: toTimestamp(stat.mtimeNs),
    ctime: toTimestamp(stat.ctimeNs),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    inode: Number(stat.ino),
    device_id: Number(stat.dev),
    size: type === 'file' ? Number(stat.size) : 0,
    links: type === 'dir' ? 0 : Number(stat.nlink),
  };
}

/** The file system's word; anything without one is a bug and is thrown on. */
function codeOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined || !/^E[A-Z]+$/.test(code)) throw error;
  return code;
}
