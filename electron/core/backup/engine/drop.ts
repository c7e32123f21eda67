import { hash } from 'node:crypto';
import { ok, type Result } from '../../../../shared/result.ts';
import { readHeader } from '../repository/pack.ts';
import type {
  IndexFile,
  Repository,
  RepositoryFault,
  RepositoryIndex,
} from '../repository/repository.ts';
import { saveUnpacked } from '../repository/unpacked.ts';
import { dropPacks } from './drop-packs.ts';
import type { EngineJob, EngineSummary, EngineTools } from './jobs.ts';
import type { PackCache } from './pack-cache.ts';
import { salvage } from './salvage.ts';
import { packNamed } from './unnamed-packs.ts';

type Context = {
  readonly repository: Repository;
  readonly index: RepositoryIndex;
  readonly job: Extract<EngineJob, { kind: 'drop' }>;
  readonly tools: EngineTools;
  readonly cache: PackCache;
};

/** So many packs in one index file. */
const INDEX_PACKS = 512;

/**
 * What no copy has whole any more leaves the indexes, so that the next backup packs again what can't be saved of it; and
 * packs that no index names any more, because that index was lost, are read and named in a new one.
 */
export async function runDrop(context: Context): Promise<Result<EngineSummary, RepositoryFault>> {
  const { job } = context;
  const packs = [...job.packs];
  const lost = packs.length === 0 ? ok(0) : await salvage(context, packs);
  if (!lost.ok) return lost;
  const dropped =
    packs.length === 0
      ? ok(undefined)
      : await dropPacks(
          {
            ...context,
            job: { kind: 'prune', keep: undefined, forget: [], onlyForget: false, repackShare: 0 },
          },
          packs,
        );
  if (!dropped.ok) return dropped;
  const found = job.reindex ? await nameStrangers(context) : ok(0);
  return found.ok
    ? ok({ packsDropped: packs.length, packsFound: found.value, blobsLost: lost.value })
    : found;
}

async function nameStrangers({
  repository,
  index,
  job,
  tools,
  cache,
}: Context): Promise<Result<number, RepositoryFault>> {
  const { store, key } = repository;
  const listed = await store.list('data', { signal: tools.signal });
  if (!listed.ok) return listed;
  const known = new Set([...index.packs.map(({ name }) => name), ...job.packs]);
  let packs: IndexFile['packs'] = [];
  let found = 0;
  const flush = async (): Promise<Result<undefined, RepositoryFault>> => {
    if (packs.length === 0) return ok(undefined);
    const saved = await saveUnpacked(store, key, { type: 'index', content: { packs } });
    packs = [];
    return saved.ok ? ok(undefined) : saved;
  };
  for (const { name } of listed.value) {
    if (known.has(name)) continue;
    const loaded = await store.load({ type: 'data', name }, { signal: tools.signal });
    if (!loaded.ok) {
      if (loaded.fault.code === 'damaged' || loaded.fault.code === 'not-found') continue;
      return loaded;
    }
    const bytes = Buffer.from(loaded.value.buffer, loaded.value.byteOffset, loaded.value.length);
    const blobs = hash('sha256', bytes, 'hex') === name ? readHeader(key, bytes) : undefined;
    if (blobs === undefined) continue;
    if (blobs[0]?.type === 'tree') cache.keep('data', name, bytes);
    found += 1;
    packs.push(packNamed(name, blobs));
    if (packs.length < INDEX_PACKS) continue;
    const flushed = await flush();
    if (!flushed.ok) return flushed;
  }
  const flushed = await flush();
  return flushed.ok ? ok(found) : flushed;
}
