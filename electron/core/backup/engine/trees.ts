import { hash } from 'node:crypto';
import { COPIES_MAX } from '../../../../shared/model/backup-plan.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { type Node, parseTree } from '../repository/node.ts';
import { openBlob } from '../repository/pack.ts';
import type { Repository, RepositoryIndex } from '../repository/repository.ts';
import type { StoreFault, StoreResult } from '../repository/repository-store.ts';
import { createElsewhere, type OtherPlace } from './elsewhere.ts';
import type { PackCache } from './pack-cache.ts';

export type TreeReader = (id: string) => Promise<StoreResult<readonly Node[]>>;

/** So many times only the tree itself is fetched of a pack, before whoever asks seems to want more of it. */
const ALONE_MAX = 2;

/**
 * Reads trees. Their packs are fetched whole, once, because whoever needs one tree needs the next; with
 * `sparing` only when that has shown, because somebody waits for the first one.
 */
export function createTreeReader(
  repository: Repository,
  index: RepositoryIndex,
  cache: PackCache,
  { sparing = false }: { readonly sparing?: boolean } = {},
): TreeReader {
  const { store, key } = repository;
  const elsewhere = createElsewhere(repository, index);
  const fetching = new Map<string, Promise<StoreResult<Uint8Array>>>();
  const alone = new Map<string, number>();

  async function fetchPack(name: string): Promise<StoreResult<Uint8Array>> {
    const known = fetching.get(name);
    if (known !== undefined) return known;
    const load = store.load({ type: 'data', name });
    fetching.set(name, load);
    const loaded = await load;
    if (loaded.ok) cache.keep('data', name, loaded.value);
    // The cache has it now; what is under way is not remembered for ever.
    fetching.delete(name);
    return loaded;
  }

  function open(id: string, sealed: Uint8Array, plainLength: number): readonly Node[] | undefined {
    const plaintext = openBlob(key, sealed, plainLength);
    if (plaintext === undefined || hash('sha256', plaintext, 'hex') !== id) return undefined;
    return parseTree(plaintext);
  }

  /** The tree by itself, from whichever copy has it whole; else from another pack that has it too. */
  async function readAlone(
    id: string,
    { pack, offset, length, plainLength }: OtherPlace,
    tried: ReadonlySet<string>,
  ): Promise<StoreResult<readonly Node[]>> {
    for (let attempt = 0; attempt <= COPIES_MAX; attempt += 1) {
      const range = { offset, length };
      const loaded = await store.load({ type: 'data', name: pack }, { range, attempt });
      const nodes = loaded.ok ? open(id, loaded.value, plainLength) : undefined;
      if (nodes !== undefined) return ok(nodes);
      if (loaded.ok) continue;
      if (loaded.fault.code !== 'damaged' && loaded.fault.code !== 'not-found') return loaded;
      break;
    }
    const known = new Set([...tried, pack]);
    const other = await elsewhere('tree', id, known);
    return other === undefined
      ? failed({ code: 'damaged', detail: `tree ${id.slice(0, 8)}` })
      : readAlone(id, other, known);
  }

  return async (id) => {
    const place = index.blobs.get('tree', Buffer.from(id, 'hex'));
    const pack = place && index.packs[place.pack];
    if (place === undefined || pack === undefined)
      return failed({ code: 'damaged', detail: `no index knows tree ${id.slice(0, 8)}` });
    const { offset, length, plainLength } = place;
    const range = { offset, length };
    const kept = cache.read('data', pack.name, range);
    const cached = kept && open(id, kept, plainLength);
    if (cached !== undefined) return ok(cached);
    const times = (alone.get(pack.name) ?? 0) + 1;
    alone.set(pack.name, times);
    if (!sparing || times > ALONE_MAX) {
      const loaded = await fetchPack(pack.name);
      if (!loaded.ok && loaded.fault.code !== 'damaged' && loaded.fault.code !== 'not-found')
        return loaded;
      const part = loaded.ok ? loaded.value.subarray(offset, offset + length) : undefined;
      const nodes = part && open(id, part, plainLength);
      if (nodes !== undefined) return ok(nodes);
      // Nobody should find it damaged twice.
      cache.forget('data', pack.name);
    }
    // Where several keep it, another one may have it whole.
    return readAlone(id, { ...place, pack: pack.name }, new Set());
  };
}

/** No person keeps folders that deep. */
export const DEPTH_MAX = 20_000;
/** A tree may hold another one twice, and that one too: with forty of them it would never end. */
const ENTRIES_MAX = 100_000_000;

export type Measure = { readonly files: number; readonly entries: number; readonly bytes: number };
const NOTHING: Measure = { files: 0, entries: 0, bytes: 0 };

/** How much lies below these nodes. Each tree is read once, however often it is there. */
export function createMeasurer(readTree: TreeReader, isStopped: () => boolean) {
  const known = new Map<string, Measure>();

  async function ofTree(tree: string, depth: number): Promise<Result<Measure, StoreFault>> {
    const before = known.get(tree);
    if (before !== undefined) return ok(before);
    if (isStopped()) return failed({ code: 'cancelled' });
    if (depth > DEPTH_MAX)
      return failed({ code: 'damaged', detail: `folders lie more than ${DEPTH_MAX} deep` });
    const nodes = await readTree(tree);
    // Whoever restores it will say what is wrong with it; the rest still counts.
    if (!nodes.ok) return nodes.fault.code === 'damaged' ? ok(NOTHING) : nodes;
    const total = await ofNodes(nodes.value, depth + 1);
    if (total.ok) known.set(tree, total.value);
    return total;
  }

  async function ofNodes(nodes: readonly Node[], depth = 0): Promise<Result<Measure, StoreFault>> {
    let { files, entries, bytes } = NOTHING;
    for (const { type, size, subtree } of nodes) {
      entries += 1;
      if (type === 'file') {
        files += 1;
        bytes += size;
      }
      if (type !== 'dir' || subtree === undefined || subtree === null) continue;
      const below = await ofTree(subtree, depth);
      if (!below.ok) return below;
      files += below.value.files;
      entries += below.value.entries;
      bytes += below.value.bytes;
    }
    if (entries > ENTRIES_MAX || !Number.isSafeInteger(bytes))
      return failed({ code: 'damaged', detail: 'it holds more than any disk could' });
    return ok({ files, entries, bytes });
  }

  return (nodes: readonly Node[]) => ofNodes(nodes);
}
