import type { BlobPlace, BlobType } from '../repository/blob-index.ts';
import { indexFile, type Repository, type RepositoryIndex } from '../repository/repository.ts';
import { loadUnpacked } from '../repository/unpacked.ts';

/** Where else a blob lies: in a pack by its name. */
export type OtherPlace = Omit<BlobPlace, 'pack'> & { readonly pack: string };
/** A place that is in none of these packs; `undefined`: there is none. */
export type Elsewhere = (
  type: BlobType,
  id: string,
  tried: ReadonlySet<string>,
) => Promise<OtherPlace | undefined>;

/**
 * Some blobs lie in two packs: a prune has moved them, and a copy that was away came back with the old pack. The index in
 * memory knows one place of each. When that pack is rotten wherever it is kept, the other one may be whole. It is asked for
 * seldom, so the index files are read again when somebody does, and only second places are kept.
 */
export function createElsewhere(
  { store, key }: Pick<Repository, 'store' | 'key'>,
  index: RepositoryIndex,
): Elsewhere {
  let places: Promise<ReadonlyMap<string, readonly OtherPlace[]>> | undefined;

  async function readAll(): Promise<ReadonlyMap<string, readonly OtherPlace[]>> {
    const all = new Map<string, OtherPlace[]>();
    const named = index.packs.reduce((sum, { blobs }) => sum + blobs, 0);
    if (named === index.blobs.size) return all;
    const listed = await store.list('index');
    for (const { name } of listed.ok ? listed.value : []) {
      const content = await loadUnpacked(store, key, { type: 'index', name });
      const parsed = indexFile.safeParse(content.ok ? content.value : undefined);
      for (const { id: pack, blobs } of parsed.success ? parsed.data.packs : [])
        for (const { id, type, offset, length, uncompressed_length: plainLength = 0 } of blobs) {
          const known = index.blobs.get(type, Buffer.from(id, 'hex'));
          if (known === undefined || index.packs[known.pack]?.name === pack) continue;
          const others = all.get(`${type} ${id}`) ?? [];
          all.set(`${type} ${id}`, [...others, { pack, offset, length, plainLength }]);
        }
    }
    return all;
  }

  return async (type, id, tried) => {
    places ??= readAll();
    return (await places).get(`${type} ${id}`)?.find(({ pack }) => !tried.has(pack));
  };
}
