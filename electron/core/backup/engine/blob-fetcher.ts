import { COPIES_MAX } from '../../../../shared/model/backup-plan.ts';
import { ok, type Result } from '../../../../shared/result.ts';
import type { Repository, RepositoryIndex } from '../repository/repository.ts';
import type { Crunchers } from './crunchers.ts';
import type { EngineFault } from './jobs.ts';
import { isWhole, type Stretch, stretchesOf } from './stretches.ts';

type Wanted = {
  readonly id: string;
  readonly offset: number;
  readonly length: number;
  readonly plainLength: number;
};

/** Fetches the plaintext of blobs, several packs at a time; those that nobody has right are left out. */
export function createBlobFetcher({
  repository,
  index,
  crunchers,
  signal,
}: {
  readonly repository: Repository;
  readonly index: RepositoryIndex;
  readonly crunchers: Crunchers;
  readonly signal: AbortSignal;
}) {
  async function fetchStretch(
    pack: string,
    stretch: Stretch<Wanted>,
    found: Map<string, Uint8Array>,
    attempt = 0,
  ): Promise<EngineFault | undefined> {
    if (attempt > COPIES_MAX) return undefined;
    const { offset, length, blobs } = stretch;
    const loaded = await repository.store.load(
      { type: 'data', name: pack },
      { range: { offset, length }, signal, attempt },
    );
    if (!loaded.ok) {
      const { code } = loaded.fault;
      return code === 'damaged' || code === 'not-found' ? undefined : loaded.fault;
    }
    const { bytes, lengths } = await crunchers.run(
      {
        type: 'unpack',
        stretch: loaded.value,
        blobs: blobs.map(({ id, offset: at, length: sealed, plainLength }) => ({
          id,
          offset: at - offset,
          length: sealed,
          plainLength,
        })),
      },
      isWhole(loaded.value) ? [loaded.value.buffer] : [],
    );
    let at = 0;
    const damaged: Wanted[] = [];
    for (const [number, blob] of blobs.entries()) {
      const plain = lengths[number] ?? -1;
      if (plain < 0) damaged.push(blob);
      else found.set(blob.id, bytes.subarray(at, at + plain));
      at += Math.max(0, plain);
    }
    for (const again of stretchesOf(damaged)) {
      const fault = await fetchStretch(pack, again, found, attempt + 1);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  return {
    fetch: async (
      ids: readonly string[],
    ): Promise<Result<ReadonlyMap<string, Uint8Array>, EngineFault>> => {
      const packs = new Map<number, Map<string, Wanted>>();
      for (const hex of ids) {
        const place = index.blobs.get('data', Buffer.from(hex, 'hex'));
        if (place === undefined) continue;
        const pack = packs.get(place.pack) ?? new Map<string, Wanted>();
        packs.set(place.pack, pack);
        pack.set(hex, { ...place, id: hex });
      }
      const found = new Map<string, Uint8Array>();
      const faults = await Promise.all(
        [...packs].flatMap(([pack, blobs]) =>
          stretchesOf(blobs.values()).map((stretch) =>
            fetchStretch(index.packs[pack]?.name ?? '', stretch, found),
          ),
        ),
      );
      const fault = faults.find((each) => each !== undefined);
      return fault === undefined ? ok(found) : { ok: false, fault };
    },
  };
}
