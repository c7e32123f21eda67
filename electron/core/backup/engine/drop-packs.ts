import { failed, ok, type Result } from '../../../../shared/result.ts';
import {
  type IndexFile,
  indexFile,
  type Repository,
  type RepositoryFault,
  type RepositoryIndex,
} from '../repository/repository.ts';
import type { StoreFault, StoreObjectType } from '../repository/repository-store.ts';
import { loadUnpacked, saveUnpacked } from '../repository/unpacked.ts';
import { type EngineJob, type EngineTools, NO_PROGRESS } from './jobs.ts';
import type { PackCache } from './pack-cache.ts';

/** How packs leave a repository: indexes stop naming them first, then they go. */
export type PruneContext = {
  readonly repository: Repository;
  readonly index: RepositoryIndex;
  readonly job: Extract<EngineJob, { kind: 'prune' }>;
  readonly tools: EngineTools;
  readonly cache: PackCache;
};

/** Removals under way at once. */
const REMOVE_TOGETHER = 8;
/** An index file of restic's own has as many blobs at most. */
const INDEX_BLOBS = 50_000;
/** Smaller index files are put together when there are many of them. */
const SMALL_INDEX_BLOBS = 5000;
const SMALL_INDEXES = 32;
/** Takes packs out of the indexes, then off the store. */
export async function dropPacks(
  context: PruneContext,
  names: readonly string[],
): Promise<Result<undefined, RepositoryFault>> {
  const rewritten = await rewriteIndexes(context, new Set(names));
  if (!rewritten.ok) return rewritten;
  const removed = await removeAll(context, 'data', names);
  return removed.ok ? ok(undefined) : removed;
}

type ReadIndex = {
  readonly name: string;
  readonly packs: IndexFile['packs'];
  readonly supersedes: readonly string[];
};

/**
 * Index files that name what goes are written anew without it; small ones are put together if there are many. Those that
 * another one replaced go before it does: without it they would count again, and name packs that are gone.
 */
async function rewriteIndexes(
  context: PruneContext,
  gone: ReadonlySet<string>,
): Promise<Result<undefined, RepositoryFault>> {
  const { repository, tools } = context;
  const listed = await repository.store.list('index', { signal: tools.signal });
  if (!listed.ok) return listed;
  const affected: string[] = [];
  const small: string[] = [];
  const replaced = new Set<string>();
  for (const { name } of listed.value) {
    const read = await readIndex(repository, name);
    if (!read.ok) return read;
    for (const old of read.value.supersedes) replaced.add(old);
    if (read.value.packs.some(({ id }) => gone.has(id))) affected.push(name);
    else if (countBlobs(read.value.packs) < SMALL_INDEX_BLOBS) small.push(name);
  }
  const superseded = listed.value.map(({ name }) => name).filter((name) => replaced.has(name));
  const cleared = await removeAll(context, 'index', superseded);
  if (!cleared.ok) return cleared;
  const old = (small.length >= SMALL_INDEXES ? [...affected, ...small] : affected).filter(
    (name) => !replaced.has(name),
  );
  let together: IndexFile['packs'] = [];
  const seen = new Set<string>();
  const flush = async (): Promise<Result<undefined, StoreFault>> => {
    if (together.length === 0) return ok(undefined);
    const content = { packs: together };
    together = [];
    const saved = await saveUnpacked(repository.store, repository.key, { type: 'index', content });
    return saved.ok ? ok(undefined) : saved;
  };
  for (const name of old) {
    const read = await readIndex(repository, name);
    if (!read.ok) return read;
    for (const pack of read.value.packs) {
      if (gone.has(pack.id) || seen.has(pack.id)) continue;
      seen.add(pack.id);
      together.push(pack);
      if (countBlobs(together) < INDEX_BLOBS) continue;
      const flushed = await flush();
      if (!flushed.ok) return flushed;
    }
  }
  const flushed = await flush();
  if (!flushed.ok) return flushed;
  const removed = await removeAll(context, 'index', old);
  return removed.ok ? ok(undefined) : removed;
}

async function readIndex(
  { store, key }: Repository,
  name: string,
): Promise<Result<ReadIndex, RepositoryFault>> {
  const content = await loadUnpacked(store, key, { type: 'index', name });
  if (!content.ok) return content;
  const parsed = indexFile.safeParse(content.value);
  return parsed.success
    ? ok({ name, packs: parsed.data.packs, supersedes: parsed.data.supersedes ?? [] })
    : failed({ code: 'damaged', detail: `index/${name.slice(0, 8)}` });
}

function countBlobs(packs: IndexFile['packs']): number {
  return packs.reduce((sum, { blobs }) => sum + blobs.length, 0);
}

export async function removeAll(
  { repository, tools }: PruneContext,
  type: StoreObjectType,
  names: readonly string[],
): Promise<Result<undefined, RepositoryFault>> {
  const rest = names.values();
  let fault: StoreFault | undefined;
  let done = 0;
  async function removeOn(): Promise<void> {
    for (const name of rest) {
      if (fault !== undefined) return;
      const removed = await repository.store.remove({ type, name }, { signal: tools.signal });
      // Gone is gone, whoever removed it.
      if (!removed.ok && removed.fault.code !== 'not-found') fault = removed.fault;
      done += 1;
      tools.progress({
        ...NO_PROGRESS,
        phase: 'removing',
        filesDone: done,
        filesTotal: names.length,
      });
    }
  }
  await Promise.all(Array.from({ length: REMOVE_TOGETHER }, removeOn));
  return fault === undefined ? ok(undefined) : failed(fault);
}
