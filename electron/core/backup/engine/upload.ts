import { ok } from '../../../../shared/result.ts';
import {
  addToIndex,
  type IndexFile,
  type Repository,
  type RepositoryIndex,
} from '../repository/repository.ts';
import type { StoreFault, StoreResult } from '../repository/repository-store.ts';
import { saveUnpacked } from '../repository/unpacked.ts';
import type { PackedPack } from './messages.ts';

/** Packs on their way to the store, and the indexes that make them count. */
export type Uploader = {
  readonly push: (pack: PackedPack) => void;
  /** Resolves when another pack may be begun: memory is bounded by what is on its way. */
  readonly room: () => Promise<void>;
  readonly fault: () => StoreFault | undefined;
  readonly bytesSent: () => number;
  /** Waits for everything, and writes the last index. What arrived counts even if the rest did not. */
  readonly finish: () => Promise<StoreResult<undefined>>;
};

/** Sixteen megabytes each: one goes over the line while the host flushes the other. */
const UNDER_WAY_MAX = 2;
/** On a slower line the second waits for the first: of one kilobyte a second each would have half, and a host ends what is that slow. */
const FAST_BYTES_PER_MS = 8;
/** An interrupted backup begins again from its last index. */
const INDEX_EVERY_PACKS = 32;
/** restic's own measure; packs of tiny files have thousands of blobs each. */
const INDEX_EVERY_BLOBS = 50_000;

type IndexedPack = IndexFile['packs'][number];

export function createUploader(
  repository: Repository,
  index: RepositoryIndex,
  {
    signal,
    onSent,
    now = () => performance.now(),
  }: {
    readonly signal: AbortSignal;
    readonly onSent: (bytes: number) => void;
    readonly now?: () => number;
  },
): Uploader {
  const underWay = new Set<Promise<void>>();
  const waiting: (() => void)[] = [];
  let unindexed: IndexedPack[] = [];
  let blobsUnindexed = 0;
  let fault: StoreFault | undefined;
  let bytesSent = 0;
  let indexing: Promise<StoreResult<undefined>> = Promise.resolve(ok(undefined));
  /** As the last pack found it. */
  let isFast = false;

  async function send(pack: PackedPack): Promise<void> {
    const object = { type: 'data', name: pack.name } as const;
    // Another thread takes the memory over; its length is gone with it.
    const { length } = pack.bytes;
    const sinceMs = now();
    const saved = await repository.store.save(object, [pack.bytes], { signal });
    if (!saved.ok) {
      fault ??= saved.fault;
      return;
    }
    isFast = length >= (now() - sinceMs) * FAST_BYTES_PER_MS;
    bytesSent += length;
    onSent(length);
    const packs = [toIndexed(pack)];
    addToIndex(index, { packs });
    unindexed.push(...packs);
    blobsUnindexed += pack.blobs.length;
    if (unindexed.length >= INDEX_EVERY_PACKS || blobsUnindexed >= INDEX_EVERY_BLOBS)
      indexing = writeIndex();
    if (!isFast) await indexing;
  }

  /** Those before it may have come to nothing: then it is not sent either. */
  async function sendAfter(before: readonly Promise<void>[], pack: PackedPack): Promise<void> {
    await Promise.all(before);
    if (fault === undefined) await send(pack);
  }

  async function writeIndex(): Promise<StoreResult<undefined>> {
    const before = indexing;
    const packs = unindexed;
    unindexed = [];
    blobsUnindexed = 0;
    const previous = await before;
    if (packs.length === 0) return previous;
    const saved = await saveUnpacked(repository.store, repository.key, {
      type: 'index',
      content: { packs },
    });
    if (saved.ok) return previous;
    fault ??= saved.fault;
    return saved;
  }

  function start(pack: PackedPack): void {
    const isAlone = underWay.size === 0;
    const sent = isFast || isAlone ? send(pack) : sendAfter([...underWay], pack);
    const sending = sent.finally(() => {
      underWay.delete(sending);
      // All of them: each looks again for itself. Were only one woken, the last could wait for ever,
      // for whoever goes on need not bring another pack that would wake it.
      for (const wake of waiting.splice(0)) wake();
    });
    underWay.add(sending);
  }

  return {
    push: (pack) => {
      if (fault === undefined) start(pack);
    },
    room: async () => {
      while (underWay.size >= UNDER_WAY_MAX && fault === undefined)
        await new Promise<void>((resolve) => waiting.push(resolve));
    },
    fault: () => fault,
    bytesSent: () => bytesSent,
    finish: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
      indexing = writeIndex();
      return indexing;
    },
  };
}

function toIndexed({ name, blobs }: PackedPack): IndexedPack {
  return {
    id: name,
    blobs: blobs.map(({ type, id, offset, length, plainLength }) => ({
      id: Buffer.from(id).toString('hex'),
      type,
      offset,
      length,
      ...(plainLength === 0 ? {} : { uncompressed_length: plainLength }),
    })),
  };
}
