import { failed, ok, type Result } from '../../../../shared/result.ts';
import type { Node } from '../repository/node.ts';
import type { Repository, RepositoryIndex } from '../repository/repository.ts';
import type { Crunchers } from './crunchers.ts';
import type { EngineFault, EngineTools } from './jobs.ts';
import type { BlobToPlace } from './messages.ts';
import { showPath } from './paths.ts';

export type PlacedFile = { readonly path: Buffer; readonly node: Node };

/** Fetches the packs that files need and has their blobs written where they belong. */
export type Placer = {
  readonly place: (files: readonly PlacedFile[]) => Promise<Result<undefined, EngineFault>>;
};

/** Packs fetched and unpacked at the same time: one on the line, one in each thread, one between. */
const UNDER_WAY_MAX = 4;
/** Fetching what lies between two wanted blobs costs less than another request. */
const GAP_BYTES_MAX = 1024 * 1024;
const STRETCH_BYTES_MAX = 24 * 1024 * 1024;

type Wanted = {
  readonly id: Buffer;
  readonly offset: number;
  readonly length: number;
  readonly plainLength: number;
  readonly writes: { readonly path: Buffer; readonly at: number }[];
};
type Stretch = { readonly offset: number; readonly length: number; readonly blobs: Wanted[] };

export function createPlacer({
  repository,
  index,
  crunchers,
  tools,
  onBytes,
}: {
  readonly repository: Repository;
  readonly index: RepositoryIndex;
  readonly crunchers: Crunchers;
  readonly tools: EngineTools;
  readonly onBytes: (bytes: number) => void;
}): Placer {
  /** Which blobs of which packs, in the order in which the files come. */
  function plan(files: readonly PlacedFile[]): ReadonlyMap<number, Wanted[]> {
    const packs = new Map<number, Map<string, Wanted>>();
    for (const { path, node } of files) {
      let at = 0;
      for (const hex of node.content ?? []) {
        const id = Buffer.from(hex, 'hex');
        const place = index.blobs.get('data', id);
        if (place === undefined) {
          tools.problem({ code: 'blob-missing', path: showPath(path), detail: hex.slice(0, 8) });
          break;
        }
        const pack = packs.get(place.pack) ?? new Map<string, Wanted>();
        packs.set(place.pack, pack);
        const wanted = pack.get(hex) ?? { ...place, id, writes: [] };
        pack.set(hex, wanted);
        wanted.writes.push({ path, at });
        at += place.plainLength === 0 ? place.length - SEALED_EXTRA : place.plainLength;
      }
    }
    return new Map([...packs].map(([pack, blobs]) => [pack, [...blobs.values()]]));
  }

  async function placeStretch(pack: string, stretch: Stretch): Promise<EngineFault | undefined> {
    const { offset, length, blobs } = stretch;
    const object = { type: 'data', name: pack } as const;
    const loaded = await repository.store.load(object, {
      range: { offset, length },
      signal: tools.signal,
    });
    if (!loaded.ok) {
      if (loaded.fault.code !== 'damaged' && loaded.fault.code !== 'not-found') return loaded.fault;
      for (const { writes } of blobs)
        for (const { path } of writes)
          tools.problem({ code: 'file-damaged', path: showPath(path), detail: pack.slice(0, 8) });
      return undefined;
    }
    const task: readonly BlobToPlace[] = blobs.map((blob) => ({
      ...blob,
      offset: blob.offset - offset,
    }));
    const bytes = loaded.value;
    const { bytes: placed, faults } = await crunchers.run(
      { type: 'place', stretch: bytes, blobs: task },
      isWhole(bytes) ? [bytes.buffer] : [],
    );
    onBytes(placed);
    for (const { path, fault, detail } of faults) {
      if (fault === 'disk-full') return { code: 'folder', error: 'ENOSPC', folder: showPath(path) };
      const code = fault === 'damaged' ? 'file-damaged' : 'file-not-written';
      tools.problem({ code, path: showPath(path), detail });
    }
    return undefined;
  }

  return {
    place: async (files) => {
      const underWay = new Set<Promise<void>>();
      let fault: EngineFault | undefined;
      for (const [pack, blobs] of plan(files)) {
        const name = index.packs[pack]?.name ?? '';
        for (const stretch of stretchesOf(blobs)) {
          while (underWay.size >= UNDER_WAY_MAX) await Promise.race(underWay);
          if (fault !== undefined) break;
          const work = placeStretch(name, stretch)
            .then((found) => {
              fault ??= found;
            })
            .finally(() => underWay.delete(work));
          underWay.add(work);
        }
      }
      await Promise.all(underWay);
      return fault === undefined ? ok(undefined) : failed(fault);
    },
  };
}

/** IV and MAC around a blob that was not compressed. */
const SEALED_EXTRA = 32;

function isWhole(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
}

function stretchesOf(blobs: readonly Wanted[]): readonly Stretch[] {
  const sorted = [...blobs].sort((one, other) => one.offset - other.offset);
  const stretches: Stretch[] = [];
  for (const blob of sorted) {
    const last = stretches.at(-1);
    const end = last === undefined ? 0 : last.offset + last.length;
    const reach = blob.offset + blob.length;
    if (
      last !== undefined &&
      blob.offset - end <= GAP_BYTES_MAX &&
      reach - last.offset <= STRETCH_BYTES_MAX
    ) {
      const length = Math.max(last.length, reach - last.offset);
      stretches[stretches.length - 1] = { ...last, length, blobs: [...last.blobs, blob] };
    } else stretches.push({ offset: blob.offset, length: blob.length, blobs: [blob] });
  }
  return stretches;
}
