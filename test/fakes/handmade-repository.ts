import { hash } from 'node:crypto';
import { join } from 'node:path';
import {
  type EngineJob,
  type EngineProblem,
  runEngine,
} from '../../electron/core/backup/engine/engine.ts';
import type { EngineProgress } from '../../electron/core/backup/engine/jobs.ts';
import { encodeTree, type Node } from '../../electron/core/backup/repository/node.ts';
import { createPackBuilder } from '../../electron/core/backup/repository/pack.ts';
import type { RepositoryStore } from '../../electron/core/backup/repository/repository-store.ts';
import { saveUnpacked } from '../../electron/core/backup/repository/unpacked.ts';
import { initCheaply } from './init-cheaply.ts';

/** A repository written by hand: trees that no backup would write. */
export const PASSWORD = 'a password of the test';

type RestoreJob = Extract<EngineJob, { kind: 'restore' }>;

export async function beginByHand(store: RepositoryStore) {
  const repository = await initCheaply(store, PASSWORD);
  const { key } = repository;
  const builder = createPackBuilder(key);
  const known = new Set<string>();

  function add(type: 'data' | 'tree', plaintext: Buffer): string {
    const id = hash('sha256', plaintext, 'buffer');
    const hex = id.toString('hex');
    if (!known.has(hex)) builder.add(type, id, plaintext);
    known.add(hex);
    return hex;
  }

  return {
    repository,
    data: (content: string | Buffer) => add('data', Buffer.from(content)),
    tree: (...nodes: readonly Node[]) => add('tree', encodeTree(nodes)),
    /** Everything that was added goes into one pack, and a snapshot of this tree is the newest. */
    snapshot: async (
      tree: string,
      { paths, atMs = Date.now() }: { readonly paths: readonly string[]; readonly atMs?: number },
    ): Promise<string> => {
      if (builder.sizeBytes() > 0) {
        const { bytes, blobs } = builder.finish();
        const name = hash('sha256', bytes, 'hex');
        await store.save({ type: 'data', name }, [bytes]);
        const entries = blobs.map(({ id, type, offset, length, plainLength }) => ({
          id: id.toString('hex'),
          type,
          offset,
          length,
          ...(plainLength === 0 ? {} : { uncompressed_length: plainLength }),
        }));
        const content = { packs: [{ id: name, blobs: entries }] };
        await saveUnpacked(store, key, { type: 'index', content });
      }
      const content = { time: new Date(atMs).toISOString(), tree, paths, hostname: 'by hand' };
      const saved = await saveUnpacked(store, key, { type: 'snapshots', content });
      if (!saved.ok) throw new Error(saved.fault.code);
      return saved.value.name;
    },
  };
}

const SOME_TIME = '2026-11-24T18:03:11.123456789Z';

export function node(type: string, name: string, more: Partial<Node> = {}): Node {
  return {
    name,
    type,
    mode: type === 'dir' ? 0x8000_01ed : 0o644,
    mtime: SOME_TIME,
    atime: SOME_TIME,
    ctime: SOME_TIME,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    inode: 0,
    device_id: 0,
    size: 0,
    links: type === 'dir' ? 0 : 1,
    ...more,
  };
}

export function fileNode(name: string, id: string, sizeBytes: number, more: Partial<Node> = {}) {
  return node('file', name, { size: sizeBytes, content: [id], ...more });
}

export function folderNode(name: string, subtree: string): Node {
  return node('dir', name, { subtree });
}

/** One job of the engine, and what it said. */
export async function runJob(
  store: RepositoryStore,
  job: EngineJob,
  place: string,
  options: {
    readonly signal?: AbortSignal;
    readonly onProgress?: (progress: EngineProgress) => void;
  } = {},
) {
  const problems: EngineProblem[] = [];
  const result = await runEngine(job, {
    store,
    password: PASSWORD,
    cache: join(place, 'cache'),
    tools: {
      signal: options.signal ?? new AbortController().signal,
      progress: options.onProgress ?? (() => undefined),
      problem: (problem) => problems.push(problem),
    },
  });
  return { result, problems, codes: problems.map(({ code }) => code) };
}

export function backupOf(...folders: readonly string[]): EngineJob {
  const rules = { exclude: [], caches: false, maxFileBytes: null };
  return { kind: 'backup', folders, rules, leaveOut: [], hostname: 'test' };
}

export function restoreOf(wish: Partial<RestoreJob>): RestoreJob {
  return {
    kind: 'restore',
    snapshot: undefined,
    to: undefined,
    paths: undefined,
    conflict: undefined,
    archive: false,
    journal: undefined,
    ...wish,
  };
}
