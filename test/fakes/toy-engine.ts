import { hash, randomBytes } from 'node:crypto';
import { runDrop } from '../../electron/core/backup/engine/drop.ts';
import type {
  EngineFault,
  EngineJob,
  EngineProblem,
  EngineSummary,
} from '../../electron/core/backup/engine/engine.ts';
import type { PackCache } from '../../electron/core/backup/engine/pack-cache.ts';
import { runPrune } from '../../electron/core/backup/engine/prune.ts';
import { checkSmall } from '../../electron/core/backup/engine/sound-objects.ts';
import { underLock } from '../../electron/core/backup/repository/lock.ts';
import { encodeTree, type Node, parseTree } from '../../electron/core/backup/repository/node.ts';
import { createPackBuilder, openBlob } from '../../electron/core/backup/repository/pack.ts';
import {
  loadIndex,
  loadSnapshots,
  openRepository,
  type Repository,
  type RepositoryFault,
  type RepositoryIndex,
} from '../../electron/core/backup/repository/repository.ts';
import type { RepositoryStore } from '../../electron/core/backup/repository/repository-store.ts';
import { saveUnpacked } from '../../electron/core/backup/repository/unpacked.ts';
import type { RunJob } from '../../electron/core/backup/run-job.ts';
import { failed, ok, type Result } from '../../shared/result.ts';

/**
 * The engine's jobs on a repository of real format, without threads and without a disk, so that thousands of them fit into
 * a test. A backup keeps a few of the "files" that there are, as the real one would: what an index knows is not packed again.
 */
export type ToyEngine = {
  readonly run: RunJob;
  /** What the next backup finds on the disk: name and contents. */
  readonly files: Map<string, Buffer>;
};

const NO_CACHE: PackCache = {
  read: () => undefined,
  keep: () => undefined,
  forget: () => undefined,
  retain: () => undefined,
};

export function createToyEngine(password: string): ToyEngine {
  const files = new Map<string, Buffer>();
  let opened: Pick<Repository, 'key' | 'id'> | undefined;

  async function open(store: RepositoryStore): Promise<Result<Repository, RepositoryFault>> {
    const config = await store.load({ type: 'config', name: '' });
    if (!config.ok)
      return config.fault.code === 'not-found' ? failed({ code: 'no-repository' }) : config;
    // The password is slow by intention; it is the same repository each time.
    if (opened !== undefined) return ok({ ...opened, store });
    const repository = await openRepository(store, password);
    if (repository.ok) opened = { key: repository.value.key, id: repository.value.id };
    return repository;
  }

  async function act(
    job: EngineJob,
    repository: Repository,
    signal: AbortSignal,
    problem: (found: EngineProblem) => void,
  ): Promise<Result<EngineSummary, RepositoryFault>> {
    const tools = { signal, progress: () => undefined, problem };
    let found = 0;
    const counting = {
      ...tools,
      problem: (each: EngineProblem) => {
        found += 1;
        problem(each);
      },
    };
    const checked = job.kind === 'check' ? await checkSmall(repository, counting) : undefined;
    if (checked?.ok === false) return checked;
    const index = await loadIndex(checked?.value.repository ?? repository, {
      isOnlyThere: job.kind === 'backup',
      rotten: new Set(job.kind === 'prune' ? job.rotten : []),
    });
    if (!index.ok) return index;
    const context = { repository, index: index.value, tools, cache: NO_CACHE, threads: 1 };
    switch (job.kind) {
      case 'backup':
        return backup(repository, index.value, files);
      case 'prune':
        return runPrune({ ...context, job });
      case 'drop':
        return runDrop({ ...context, job });
      case 'check':
      case 'verify': {
        const read = await readPacks(repository, index.value, counting.problem);
        return read.ok ? ok({ problems: found, reachedShare: 1, bytesRead: '0', files: 0 }) : read;
      }
      default:
        throw new Error(`the toy has no ${job.kind}`);
    }
  }

  return {
    files,
    run: async (job, store, { signal, problem }): Promise<Result<EngineSummary, EngineFault>> => {
      const repository = await open(store);
      if (!repository.ok) return repository;
      const say = ({ code, path, detail }: EngineProblem) =>
        problem({ key: `problem.${code}`, params: { path, detail } });
      return underLock<EngineSummary>(
        repository.value,
        () => act(job, repository.value, signal, say),
        { exclusive: job.kind === 'prune' || job.kind === 'drop' },
      );
    },
  };
}

async function backup(
  repository: Repository,
  index: RepositoryIndex,
  files: ReadonlyMap<string, Buffer>,
): Promise<Result<EngineSummary, RepositoryFault>> {
  const { store, key } = repository;
  const builders = { data: createPackBuilder(key), tree: createPackBuilder(key) };
  const nodes: Node[] = [];
  for (const [name, content] of files) {
    const id = hash('sha256', content, 'buffer');
    if (index.blobs.claim('data', id)) builders.data.add('data', id, content);
    nodes.push(nodeOf(name, content.length, id.toString('hex')));
  }
  const tree = encodeTree(nodes);
  const root = hash('sha256', tree, 'buffer');
  if (index.blobs.claim('tree', root)) builders.tree.add('tree', root, tree);
  for (const builder of [builders.data, builders.tree]) {
    if (builder.sizeBytes() === 0) continue;
    const { bytes, blobs } = builder.finish();
    const name = hash('sha256', bytes, 'hex');
    const saved = await store.save({ type: 'data', name }, [bytes.slice()]);
    if (!saved.ok) return saved;
    const packs = [
      {
        id: name,
        blobs: blobs.map(({ type, id, offset, length, plainLength }) => ({
          id: id.toString('hex'),
          type,
          offset,
          length,
          ...(plainLength === 0 ? {} : { uncompressed_length: plainLength }),
        })),
      },
    ];
    const indexed = await saveUnpacked(store, key, { type: 'index', content: { packs } });
    if (!indexed.ok) return indexed;
  }
  const content = {
    time: new Date(Date.now() + files.size).toISOString(),
    tree: root.toString('hex'),
    paths: ['/toy'],
    hostname: 'toy',
    // No two snapshots are one object.
    username: randomBytes(4).toString('hex'),
  };
  const snapshot = await saveUnpacked(store, key, { type: 'snapshots', content });
  return snapshot.ok ? ok({ snapshot: snapshot.value.name, bytesTotal: '0' }) : snapshot;
}

function nodeOf(name: string, size: number, id: string): Node {
  return {
    name,
    type: 'file',
    mode: 0o600,
    uid: 0,
    gid: 0,
    inode: 0,
    device_id: 0,
    size,
    links: 1,
    content: [id],
  };
}

async function readPacks(
  { store }: Repository,
  index: RepositoryIndex,
  problem: (found: EngineProblem) => void,
): Promise<Result<undefined, RepositoryFault>> {
  for (const name of new Set(index.packs.map((pack) => pack.name))) {
    const loaded = await store.load({ type: 'data', name });
    if (loaded.ok) {
      if (hash('sha256', loaded.value, 'hex') !== name)
        problem({ code: 'pack-damaged', path: name, detail: 'toy' });
    } else if (loaded.fault.code === 'not-found')
      problem({ code: 'pack-missing', path: name, detail: '' });
    else if (loaded.fault.code === 'damaged')
      problem({ code: 'pack-damaged', path: name, detail: loaded.fault.detail });
    else return loaded;
  }
  return ok(undefined);
}

/** What is wrong with a repository, looked at in full; nothing if every snapshot can be restored and every index is right. */
export async function faultsOf(
  store: RepositoryStore,
  { key }: Pick<Repository, 'key'>,
): Promise<readonly string[]> {
  const repository = { store, key, id: '' };
  const faults: string[] = [];
  const index = await loadIndex(repository);
  const snapshots = await loadSnapshots(repository);
  if (!index.ok) return [`index: ${JSON.stringify(index.fault)}`];
  if (!snapshots.ok) return [`snapshots: ${JSON.stringify(snapshots.fault)}`];
  const packs = new Map<string, Buffer>();
  for (const { name } of index.value.packs) {
    const loaded = await store.load({ type: 'data', name });
    if (!loaded.ok) faults.push(`an index names pack ${name.slice(0, 8)}: ${loaded.fault.code}`);
    else if (hash('sha256', loaded.value, 'hex') !== name)
      faults.push(`pack ${name.slice(0, 8)} is damaged`);
    else packs.set(name, Buffer.from(loaded.value));
  }
  const blob = (type: 'data' | 'tree', id: string): Buffer | undefined => {
    const place = index.value.blobs.get(type, Buffer.from(id, 'hex'));
    const pack = place && packs.get(index.value.packs[place.pack]?.name ?? '');
    if (place === undefined || pack === undefined) return undefined;
    const { offset, length, plainLength } = place;
    return openBlob(key, pack.subarray(offset, offset + length), plainLength);
  };
  for (const { id, tree } of snapshots.value) {
    const bytes = blob('tree', tree);
    const nodes = bytes && parseTree(bytes);
    if (nodes === undefined) faults.push(`snapshot ${id.slice(0, 8)} has no tree`);
    for (const { name, content } of nodes ?? [])
      for (const data of content ?? [])
        if (blob('data', data) === undefined)
          faults.push(`snapshot ${id.slice(0, 8)} lacks ${name}`);
  }
  return faults;
}
