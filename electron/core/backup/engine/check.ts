import { failed, ok, type Result } from '../../../../shared/result.ts';
import {
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
  const packs = await checkPacks(noticing);
  if (!packs.ok) return packs;
  const trees = await checkTrees(noticing);
  if (!trees.ok) return trees;
  const read = context.job.readData ? await readPacks(noticing) : ok(0);
  if (!read.ok) return read;
  return ok({
    snapshots: trees.value.snapshots,
    files: trees.value.files,
    packs: context.index.packs.length,
    bytesRead: `${read.value}`,
    problems,
  });
}

async function checkPacks({
  repository,
  index,
  tools,
}: Context): Promise<Result<undefined, RepositoryFault>> {
  const listed = await repository.store.list('data', { signal: tools.signal });
  if (!listed.ok) return listed;
  const sizes = new Map(listed.value.map(({ name, sizeBytes }) => [name, sizeBytes]));
  for (const { name, sizeBytes } of index.packs) {
    const found = sizes.get(name);
    if (found === undefined) tools.problem({ code: 'pack-missing', path: name, detail: '' });
    else if (found !== sizeBytes)
      tools.problem({ code: 'pack-damaged', path: name, detail: `${found} of ${sizeBytes} bytes` });
  }
  return ok(undefined);
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
      if (nodes.fault.code !== 'damaged') return nodes;
      tools.problem({ code: 'tree-damaged', path: tree, detail: nodes.fault.detail });
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

async function readPacks({
  repository,
  index,
  tools,
  threads,
}: Context): Promise<Result<number, RepositoryFault>> {
  const crunchers = startCrunchers({
    threads,
    key: repository.key,
    onAsk: async () => new Uint8Array(),
    onPack: () => undefined,
  });
  const bytesTotal = index.packs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const rest = index.packs.values();
  let bytes = 0;
  let packsDone = 0;
  let fault: RepositoryFault | undefined;

  async function readOn(): Promise<void> {
    for (const { name, sizeBytes } of rest) {
      if (fault !== undefined) return;
      const loaded = await repository.store.load({ type: 'data', name }, { signal: tools.signal });
      if (!loaded.ok) {
        const { code } = loaded.fault;
        if (code === 'not-found') continue;
        if (code !== 'damaged') fault = loaded.fault;
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
        filesTotal: index.packs.length,
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
