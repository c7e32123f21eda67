import { failed, ok, type Result } from '../../../../shared/result.ts';
import {
  type KnownPack,
  loadSnapshots,
  type Repository,
  type RepositoryFault,
  type RepositoryIndex,
} from '../repository/repository.ts';
import { startCrunchers } from './crunchers.ts';
import type { EngineJob, EngineSummary, EngineTools } from './jobs.ts';
import type { PackCache } from './pack-cache.ts';
import { createTreeReader } from './trees.ts';

type Context = {
  readonly repository: Repository;
  readonly index: RepositoryIndex;
  readonly job: Extract<EngineJob, { kind: 'check' }>;
  readonly tools: EngineTools;
  readonly cache: PackCache;
  readonly threads: number;
  /** Of the small objects, which were read before. */
  readonly smallBytes: number;
  readonly smallProblems: number;
};

const PACKS_UNDER_WAY = 4;

/**
 * Is everything there that a restore of any snapshot needs? Packs by name and size, every tree, every
 * blob in an index; with `readData` every byte is fetched and its hashes and MACs are checked.
 */
export async function runCheck(context: Context): Promise<Result<EngineSummary, RepositoryFault>> {
  const { tools } = context;
  let problems = 0;
  const problem: EngineTools['problem'] = (found) => {
    problems += 1;
    tools.problem(found);
  };
  const noticing = { ...context, tools: { ...tools, problem } };
  const packs = await checkListed(noticing);
  if (!packs.ok) return packs;
  const trees = await checkTrees(noticing);
  if (!trees.ok) return trees;
  const read = context.job.readData
    ? await readPacks({
        ...noticing,
        packs: context.index.packs.filter(({ name }) => packs.value.has(name)),
      })
    : ok(0);
  if (!read.ok) return read;
  return ok({
    snapshots: trees.value.snapshots,
    files: trees.value.files,
    packs: context.index.packs.length,
    bytesRead: `${read.value + context.smallBytes}`,
    problems: problems + context.smallProblems,
  });
}

/** Is every pack there, and as long as its blobs say? Answers those that are. */
export async function checkListed({
  repository,
  index,
  tools,
}: Pick<Context, 'repository' | 'index' | 'tools'>): Promise<
  Result<ReadonlySet<string>, RepositoryFault>
> {
  const listed = await repository.store.list('data', { signal: tools.signal });
  if (!listed.ok) return listed;
  const sizes = new Map(listed.value.map(({ name, sizeBytes }) => [name, sizeBytes]));
  const sound = new Set<string>();
  const looked = new Set<string>();
  for (const { name, sizeBytes } of index.packs) {
    // After an interruption two indexes may name the same pack.
    if (looked.has(name)) continue;
    looked.add(name);
    const found = sizes.get(name);
    if (found === sizeBytes) sound.add(name);
    else if (found === undefined) tools.problem({ code: 'pack-missing', path: name, detail: '' });
    else
      tools.problem({ code: 'pack-damaged', path: name, detail: `${found} of ${sizeBytes} bytes` });
  }
  return ok(sound);
}

async function checkTrees({
  repository,
  index,
  tools,
  cache,
}: Context): Promise<
  Result<{ readonly snapshots: number; readonly files: number }, RepositoryFault>
> {
  const snapshots = await loadSnapshots(repository);
  if (!snapshots.ok) return snapshots;
  const readTree = createTreeReader(repository, index, cache);
  const seen = new Set<string>();
  const open = snapshots.value.map(({ tree }) => tree);
  let files = 0;
  for (let tree = open.pop(); tree !== undefined; tree = open.pop()) {
    if (tools.signal.aborted) return failed({ code: 'cancelled' });
    // Snapshots have most of their trees in common.
    if (seen.has(tree)) continue;
    seen.add(tree);
    const nodes = await readTree(tree);
    if (!nodes.ok) {
      const { code } = nodes.fault;
      if (code !== 'damaged' && code !== 'not-found') return nodes;
      const detail = code === 'damaged' ? nodes.fault.detail : '';
      tools.problem({ code: 'tree-damaged', path: tree, detail });
      continue;
    }
    for (const node of nodes.value) {
      if (node.subtree !== undefined && node.subtree !== null) open.push(node.subtree);
      if (node.type === 'file') files += 1;
      for (const id of node.content ?? [])
        if (!index.blobs.has('data', Buffer.from(id, 'hex')))
          tools.problem({ code: 'blob-missing', path: node.name, detail: id.slice(0, 8) });
    }
  }
  return ok({ snapshots: snapshots.value.length, files });
}

/** Reads packs whole and opens every blob; answers the bytes that were read. */
export async function readPacks({
  repository,
  packs,
  tools,
  threads,
}: Pick<Context, 'repository' | 'tools' | 'threads'> & {
  readonly packs: readonly KnownPack[];
}): Promise<Result<number, RepositoryFault>> {
  const crunchers = startCrunchers({
    threads,
    key: repository.key,
    onAsk: async () => new Uint8Array(),
    onPack: () => undefined,
  });
  const bytesTotal = packs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const rest = packs.values();
  let bytes = 0;
  let packsDone = 0;
  let fault: RepositoryFault | undefined;

  async function readOn(): Promise<void> {
    for (const { name, sizeBytes } of rest) {
      if (fault !== undefined) return;
      const loaded = await repository.store.load({ type: 'data', name }, { signal: tools.signal });
      if (!loaded.ok) {
        const { code } = loaded.fault;
        // Listed, and not there when it is asked for.
        if (code === 'not-found') tools.problem({ code: 'pack-missing', path: name, detail: '' });
        else if (code !== 'damaged') fault = loaded.fault;
        else tools.problem({ code: 'pack-damaged', path: name, detail: loaded.fault.detail });
        continue;
      }
      const wrong = await crunchers.run({ type: 'verify', pack: loaded.value, name });
      if (wrong !== undefined) tools.problem({ code: 'pack-damaged', path: name, detail: wrong });
      bytes += sizeBytes;
      packsDone += 1;
      tools.progress({
        phase: 'checking',
        filesDone: packsDone,
        filesTotal: packs.length,
        bytesDone: bytes,
        bytesTotal,
      });
    }
  }

  try {
    await Promise.all(Array.from({ length: PACKS_UNDER_WAY }, readOn));
    return fault === undefined ? ok(bytes) : failed(fault);
  } finally {
    await crunchers.close();
  }
}
