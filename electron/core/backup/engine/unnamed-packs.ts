import { COPIES_MAX } from '../../../../shared/model/backup-plan.ts';
import { type PackedBlob, headerBytes, readHeader } from '../repository/pack.ts';
import {
  addToIndex,
  MISSES,
  type IndexFile,
  type Repository,
  type RepositoryIndex,
} from '../repository/repository.ts';
import type { ListedObject } from '../repository/repository-store.ts';

/** The header of a pack of ordinary chunks has a thousand; of very many small blobs it is asked for once more. */
const END_BYTES = 4 * 1024;
const AT_ONCE = 8;
/** Whoever lists any number of packs that he does not have is asked for no more of them. */
const FAILED_MAX = 1000;

/**
 * What an index that nobody has whole any more has named lies in packs that no other one names: each says at its end what is in
 * it. Whoever reads gets it from there; that a new index names them is up to the next check. What can't be read stays unnamed;
 * false: of some of it somebody may say more who can't be asked now.
 */
export async function addUnnamedPacks(
  { store, key }: Repository,
  index: RepositoryIndex,
  signal?: AbortSignal,
): Promise<boolean> {
  const listed = await store.list('data', { signal });
  if (!listed.ok) return false;
  const named = new Set(index.packs.map(({ name }) => name));
  const unnamed = listed.value.filter(({ name }) => !named.has(name)).values();

  let isAllAsked = true;
  async function end(
    { name, sizeBytes }: ListedObject,
    { bytes, attempt }: { readonly bytes: number; readonly attempt: number },
  ): Promise<Buffer | undefined> {
    const length = Math.min(bytes, sizeBytes);
    const range = { offset: sizeBytes - length, length };
    const loaded = await store.load({ type: 'data', name }, { signal, range, attempt });
    if (!loaded.ok && !MISSES.has(loaded.fault.code)) isAllAsked = false;
    return loaded.ok
      ? Buffer.from(loaded.value.buffer, loaded.value.byteOffset, loaded.value.length)
      : undefined;
  }

  /** What one copy has wrong another one may have right. */
  async function blobsOf(pack: ListedObject): Promise<readonly PackedBlob[] | undefined> {
    for (let attempt = 0; attempt <= COPIES_MAX; attempt += 1) {
      const short = await end(pack, { bytes: END_BYTES, attempt });
      if (short === undefined) return undefined;
      const wanted = headerBytes(short);
      const isAll = wanted <= short.length || wanted > pack.sizeBytes;
      const whole = isAll ? short : await end(pack, { bytes: wanted, attempt });
      const blobs = whole && readHeader(key, whole, pack.sizeBytes);
      if (blobs !== undefined) return blobs;
    }
    return undefined;
  }

  let failed = 0;
  async function readOn(): Promise<void> {
    for (const pack of unnamed) {
      if (signal?.aborted === true || failed >= FAILED_MAX) return;
      const blobs = await blobsOf(pack);
      if (blobs === undefined) failed += 1;
      else addToIndex(index, { packs: [packNamed(pack.name, blobs)] });
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, readOn));
  return isAllAsked;
}

/** How an index names a pack. */
export function packNamed(name: string, blobs: readonly PackedBlob[]): IndexFile['packs'][number] {
  return {
    id: name,
    blobs: blobs.map(({ type, id, offset, length, plainLength }) => ({
      id: id.toString('hex'),
      type,
      offset,
      length,
      ...(plainLength === 0 ? {} : { uncompressed_length: plainLength }),
    })),
  };
}
