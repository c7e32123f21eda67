import { hash } from 'node:crypto';
import { failed, ok } from '../../../../shared/result.ts';
import { type Node, parseTree } from '../repository/node.ts';
import { openBlob } from '../repository/pack.ts';
import type { Repository, RepositoryIndex } from '../repository/repository.ts';
import type { StoreResult } from '../repository/repository-store.ts';
import type { PackCache } from './pack-cache.ts';

export type TreeReader = (id: string) => Promise<StoreResult<readonly Node[]>>;

/** Reads trees; their packs are fetched whole, once, because whoever needs one tree needs the next. */
export function createTreeReader(
  { store, key }: Repository,
  index: RepositoryIndex,
  cache: PackCache,
): TreeReader {
  const fetching = new Map<string, Promise<StoreResult<Uint8Array>>>();

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

  return async (id) => {
    const place = index.blobs.get('tree', Buffer.from(id, 'hex'));
    const pack = place && index.packs[place.pack];
    if (place === undefined || pack === undefined)
      return failed({ code: 'damaged', detail: `no index knows tree ${id.slice(0, 8)}` });
    const { offset, length, plainLength } = place;
    const kept = cache.read('data', pack.name, { offset, length });
    const cached = kept && open(id, kept, plainLength);
    if (cached !== undefined) return ok(cached);
    const loaded = await fetchPack(pack.name);
    if (!loaded.ok) return loaded;
    const nodes = open(id, loaded.value.subarray(offset, offset + length), plainLength);
    return nodes === undefined
      ? failed({ code: 'damaged', detail: `tree ${id.slice(0, 8)}` })
      : ok(nodes);
  };
}
