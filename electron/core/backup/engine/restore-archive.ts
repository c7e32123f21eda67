import { createWriteStream, existsSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { setImmediate as breathe } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { fromGoMode, type Node, unquoteName } from '../repository/node.ts';
import { type ArchiveEntry, type ArchiveWriter, type ByteSink, drained } from './archive-entry.ts';
import { createBlobFetcher } from './blob-fetcher.ts';
import type { Crunchers } from './crunchers.ts';
import { type EngineFault, NO_PROGRESS } from './jobs.ts';
import { joinBytes, showPath } from './paths.ts';
import type { RestoreContext, RestoreCounts, Top } from './restore.ts';
import { nsOf } from './restore-conflict.ts';
import { archivePartOf, flushFolderNow } from './restore-journal.ts';
import { placeNames, rulesOf } from './restore-names.ts';
import { targetOf } from './restore-place.ts';
import { plainLengthOf } from './stretches.ts';
import { createTarWriter } from './tar-writer.ts';
import type { TreeReader } from './trees.ts';
import { areTwins, twinKeyOf } from './twins.ts';
import { createZipWriter, fitsZip } from './zip-writer.ts';

/** Restores into one `.tar.gz` or `.zip`, written under a passing name and renamed when it is whole. */
export async function restoreToArchive({
  context,
  tops,
  readTree,
  crunchers,
  counts,
  onBytes,
}: {
  readonly context: RestoreContext;
  readonly tops: readonly Top[];
  readonly readTree: TreeReader;
  readonly crunchers: Crunchers;
  readonly counts: RestoreCounts;
  readonly onBytes: (bytes: number) => void;
}): Promise<Result<undefined, EngineFault>> {
  const { tools, job, repository, index } = context;
  const path = job.to ?? '';
  const isZip = path.toLowerCase().endsWith('.zip');
  const temporary = archivePartOf(path);
  const out = openOutput(temporary, { isZip });
  const writer = isZip ? createZipWriter(out.sink) : createTarWriter(out.sink);
  const fetcher = createBlobFetcher({ repository, index, crunchers, signal: tools.signal });
  const fill = createFiller({ context, writer, fetcher, counts, onBytes, readTree, isZip });
  try {
    for (const { name, node } of tops) {
      const visited = await fill.visit(name, node);
      if (!visited.ok) return visited;
    }
    const emptied = await fill.finish();
    if (!emptied.ok) return emptied;
    await writer.finish();
    tools.progress({ ...NO_PROGRESS, phase: 'flushing' });
    await out.close();
    if (tools.signal.aborted) return failed({ code: 'cancelled' });
    // Hours later somebody may have put another one there.
    if (job.conflict !== 'replace' && existsSync(path))
      return failed({ code: 'folder', error: 'EEXIST', folder: path });
    renameSync(temporary, path);
    flushFolderNow(dirname(path));
    return ok(undefined);
  } finally {
    await out.stop();
    rmSync(temporary, { force: true });
  }
}

/** Files that are fetched together, and are written in their order. */
const TOGETHER_BYTES = 24 * 1024 * 1024;
const TOGETHER_FILES = 2000;

type Part = {
  readonly entry: ArchiveEntry;
  /** Some or all of a file's blobs; `isFirst`: the entry begins here. */
  readonly ids: readonly string[];
  readonly isFirst: boolean;
  readonly isLast: boolean;
};

function createFiller({
  context: { tools, index },
  writer,
  fetcher,
  counts,
  onBytes,
  readTree,
  isZip,
}: {
  readonly context: RestoreContext;
  readonly writer: ArchiveWriter;
  readonly fetcher: ReturnType<typeof createBlobFetcher>;
  readonly counts: RestoreCounts;
  readonly onBytes: (bytes: number) => void;
  readonly readTree: TreeReader;
  readonly isZip: boolean;
}) {
  const firsts = new Map<string, { readonly path: Buffer; readonly node: Node }>();
  // A zip's names are text; what opens it is not known.
  const rules = isZip ? { ...rulesOf('linux'), isText: true } : rulesOf('linux');
  let parts: Part[] = [];
  let bytes = 0;
  let writing: Promise<Result<undefined, EngineFault>> = Promise.resolve(ok(undefined));

  /** Fetches what has been collected, while what came before it is still being written. */
  async function flush(): Promise<Result<undefined, EngineFault>> {
    const now = parts;
    parts = [];
    bytes = 0;
    const fetched = await fetcher.fetch(now.flatMap(({ ids }) => ids));
    const before = await writing;
    if (!before.ok) return before;
    if (!fetched.ok) return fetched;
    writing = writeParts(now, fetched.value);
    // Awaited with the next one.
    writing.catch(() => undefined);
    return ok(undefined);
  }

  async function writeParts(
    now: readonly Part[],
    blobs: ReadonlyMap<string, Uint8Array>,
  ): Promise<Result<undefined, EngineFault>> {
    for (const { entry, ids, isFirst, isLast } of now) {
      if (isFirst) await writer.begin(entry);
      for (const id of ids) {
        const plaintext = blobs.get(id);
        if (plaintext === undefined)
          tools.problem({
            code: 'file-damaged',
            path: showPath(entry.path),
            detail: id.slice(0, 8),
          });
        const content = plaintext ?? Buffer.alloc(lengthOf(id));
        await writer.write(content);
        onBytes(content.length);
      }
      if (isLast && entry.kind === 'file') counts.files += 1;
    }
    return ok(undefined);
  }

  function lengthOf(id: string): number {
    const place = index.blobs.get('data', Buffer.from(id, 'hex'));
    return place === undefined ? 0 : plainLengthOf(place);
  }

  async function collect(part: Part): Promise<Result<undefined, EngineFault>> {
    parts.push(part);
    for (const id of part.ids) bytes += lengthOf(id);
    return bytes >= TOGETHER_BYTES || parts.length >= TOGETHER_FILES ? flush() : ok(undefined);
  }

  async function visitFile(path: Buffer, node: Node): Promise<Result<undefined, EngineFault>> {
    const twinKey = twinKeyOf(node);
    const first = twinKey === undefined ? undefined : firsts.get(twinKey);
    if (first !== undefined && areTwins(first.node, node) && !isZip) {
      counts.files += 1;
      return collect(alone(entryOf('twin', path, node, first.path)));
    }
    const ids = node.content ?? [];
    const missing = ids.find((id) => !index.blobs.has('data', Buffer.from(id, 'hex')));
    if (missing !== undefined) {
      tools.problem({ code: 'blob-missing', path: showPath(path), detail: missing.slice(0, 8) });
      return ok(undefined);
    }
    if (twinKey !== undefined && first === undefined) firsts.set(twinKey, { path, node });
    const sizeBytes = ids.reduce((sum, id) => sum + lengthOf(id), 0);
    const entry = { ...entryOf('file', path, node), sizeBytes };
    let from = 0;
    do {
      // A large file in pieces: what lies in memory has a bound.
      let to = from;
      for (let piece = 0; to < ids.length && piece < TOGETHER_BYTES; to += 1)
        piece += lengthOf(ids[to] ?? '');
      const collected = await collect({
        entry,
        ids: ids.slice(from, to),
        isFirst: from === 0,
        isLast: to >= ids.length,
      });
      if (!collected.ok) return collected;
      from = to;
    } while (from < ids.length);
    return ok(undefined);
  }

  async function visit(path: Buffer, node: Node): Promise<Result<undefined, EngineFault>> {
    if (tools.signal.aborted) return failed({ code: 'cancelled' });
    if (isZip && !fitsZip(path)) {
      tools.problem({ code: 'file-not-written', path: showPath(path), detail: 'ENAMETOOLONG' });
      return ok(undefined);
    }
    switch (node.type) {
      case 'dir': {
        counts.folders += 1;
        const collected = await collect(alone(entryOf('folder', path, node)));
        return collected.ok ? visitFolder(path, node.subtree ?? undefined) : collected;
      }
      case 'symlink':
        counts.links += 1;
        return collect(alone(entryOf('link', path, node, targetOf(node))));
      case 'file':
        return visitFile(path, node);
      default:
        tools.problem({ code: 'special-file', path: showPath(path), detail: node.type });
        return ok(undefined);
    }
  }

  async function visitFolder(
    path: Buffer,
    tree: string | undefined,
  ): Promise<Result<undefined, EngineFault>> {
    await breathe();
    const nodes = tree === undefined ? ok<readonly Node[]>([]) : await readTree(tree);
    if (!nodes.ok) {
      if (nodes.fault.code !== 'damaged') return nodes;
      const { detail } = nodes.fault;
      tools.problem({ code: 'tree-damaged', path: showPath(path), detail });
      return ok(undefined);
    }
    const named = nodes.value.flatMap((node) => {
      const name = unquoteName(node.name);
      return name === undefined ? [] : [{ node, name }];
    });
    if (named.length < nodes.value.length)
      tools.problem({
        code: 'file-damaged',
        path: showPath(path),
        detail: 'a name that cannot be',
      });
    const placed = placeNames(
      named.map(({ name }) => name),
      rules,
    );
    for (const [at, { node, name }] of named.entries()) {
      const visited = await visit(joinBytes(path, placed[at] ?? name), node);
      if (!visited.ok) return visited;
    }
    return ok(undefined);
  }

  return {
    visit,
    finish: async (): Promise<Result<undefined, EngineFault>> => {
      const flushed = await flush();
      return flushed.ok ? writing : flushed;
    },
  };
}

function alone(entry: ArchiveEntry): Part {
  return { entry, ids: [], isFirst: true, isLast: true };
}

function entryOf(
  kind: ArchiveEntry['kind'],
  path: Buffer,
  node: Node,
  target?: Buffer,
): ArchiveEntry {
  const { uid, gid } = node;
  const mtimeNs = nsOf(node.mtime) ?? 0n;
  return { kind, path, mode: fromGoMode(node.mode), uid, gid, mtimeNs, sizeBytes: 0, target };
}

/** The file on the disk; a tar is squeezed on its way there, a zip squeezes each file by itself. */
export function openOutput(path: string, { isZip }: { readonly isZip: boolean }) {
  rmSync(path, { force: true });
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600 });
  const first = isZip ? file : createGzip({ level: 1 });
  if (first !== file) first.pipe(file);
  let broken: Error | undefined;
  const ended = finished(file);
  ended.catch((error: Error) => {
    broken = error;
    first.destroy();
  });
  const sink: ByteSink = async (bytes) => {
    if (broken !== undefined) throw broken;
    if (!first.write(bytes)) await drained(first);
    // What went wrong is told by the file: what leads to it knows only that it was called off.
    if (first.destroyed) await ended;
    if (broken !== undefined) throw broken;
  };
  return {
    sink,
    close: async () => {
      first.end();
      await ended;
      // Windows flushes only what may be written to.
      const whole = await open(path, 'r+');
      try {
        await whole.sync();
      } finally {
        await whole.close();
      }
    },
    stop: async () => {
      first.destroy();
      file.destroy();
      await ended.catch(() => undefined);
    },
  };
}
