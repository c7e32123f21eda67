import { hash } from 'node:crypto';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { createPackBuilder, openBlob, PACK_BYTES } from '../repository/pack.ts';
import type { Repository, RepositoryFault, RepositoryIndex } from '../repository/repository.ts';
import type { StoreFault } from '../repository/repository-store.ts';
import { dropPacks, type PruneContext } from './drop-packs.ts';
import type { EngineTools } from './jobs.ts';
import { createUploader } from './upload.ts';

/** So many packs are rewritten before the old ones go: the room it takes meanwhile is bounded by them. */
const REPACK_TOGETHER = 16;

type Repacked = {
  readonly packs: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly isFull: boolean;
};

/** Moves what is needed out of these packs, a few at a time: new packs, their index, then the old ones go. */
export async function repack(
  context: PruneContext,
  names: readonly string[],
  used: Uint8Array,
  bytesOf: ReadonlyMap<string, number>,
): Promise<Result<Repacked, RepositoryFault>> {
  const { tools } = context;
  const blobs = blobsByPack(context, new Set(names), used);
  let done: Repacked = { packs: 0, bytesRead: 0, bytesWritten: 0, isFull: false };
  for (let at = 0; at < names.length; at += REPACK_TOGETHER) {
    const together = names.slice(at, at + REPACK_TOGETHER);
    const moved = await moveBlobs(context, together, blobs);
    if (!moved.ok) return moved.fault.code === 'plot-full' ? ok({ ...done, isFull: true }) : moved;
    const dropped = await dropPacks(context, moved.value.emptied);
    if (!dropped.ok) return dropped;
    done = {
      packs: done.packs + moved.value.emptied.length,
      bytesRead:
        done.bytesRead +
        moved.value.emptied.reduce((sum, name) => sum + (bytesOf.get(name) ?? 0), 0),
      bytesWritten: done.bytesWritten + moved.value.bytesWritten,
      isFull: false,
    };
    tools.progress({
      phase: 'repacking',
      filesDone: at + together.length,
      filesTotal: names.length,
      bytesDone: done.bytesRead,
      bytesTotal: names.reduce((sum, name) => sum + (bytesOf.get(name) ?? 0), 0),
    });
  }
  return ok(done);
}

type BlobToMove = NonNullable<ReturnType<RepositoryIndex['blobs']['at']>>;

function blobsByPack(
  { index }: PruneContext,
  names: ReadonlySet<string>,
  used: Uint8Array,
): ReadonlyMap<string, readonly BlobToMove[]> {
  const all = new Map<string, BlobToMove[]>();
  if (names.size === 0) return all;
  for (let slot = 0; slot < used.length; slot += 1) {
    if (used[slot] === 0) continue;
    const blob = index.blobs.at(slot);
    const name = blob && index.packs[blob.pack]?.name;
    if (blob === undefined || name === undefined || !names.has(name)) continue;
    const known = all.get(name);
    if (known === undefined) all.set(name, [blob]);
    else known.push(blob);
  }
  return all;
}

async function moveBlobs(
  { repository, index, tools, cache }: PruneContext,
  names: readonly string[],
  blobs: ReadonlyMap<string, readonly BlobToMove[]>,
): Promise<
  Result<{ readonly emptied: readonly string[]; readonly bytesWritten: number }, RepositoryFault>
> {
  const uploader = createUploader(repository, index, {
    signal: tools.signal,
    onSent: () => undefined,
  });
  // Trees and data lie in packs of their own, as restic has them.
  const builders = {
    data: createPackBuilder(repository.key),
    tree: createPackBuilder(repository.key),
  };
  const send = (type: keyof typeof builders) => {
    if (builders[type].sizeBytes() === 0) return;
    const { bytes, blobs: packed } = builders[type].finish();
    const name = hash('sha256', bytes, 'hex');
    // The next run wants these trees; the memory itself is about to change hands.
    if (type === 'tree') cache.keep('data', name, bytes);
    uploader.push({ bytes, name, blobs: packed });
  };
  const emptied: string[] = [];
  for (const name of names) {
    if (tools.signal.aborted) break;
    if (uploader.fault() !== undefined) break;
    const sealed = await readSound(repository, name, blobs.get(name) ?? [], tools);
    if (!sealed.ok) {
      if (sealed.fault.code !== 'damaged') return sealed;
      // It stays as it is, for a repair to find.
      tools.problem({ code: 'pack-damaged', path: name, detail: sealed.fault.detail });
      continue;
    }
    for (const { blob, bytes } of sealed.value) {
      builders[blob.type].addSealed(blob, bytes);
      if (builders[blob.type].sizeBytes() < PACK_BYTES) continue;
      await uploader.room();
      send(blob.type);
    }
    emptied.push(name);
  }
  send('data');
  send('tree');
  const finished = await uploader.finish();
  const fault = uploader.fault();
  if (fault !== undefined) return failed(fault);
  if (!finished.ok) return finished;
  if (tools.signal.aborted) return failed({ code: 'cancelled' });
  return ok({ emptied, bytesWritten: uploader.bytesSent() });
}

/** Another copy may have what this one has lost; more than these nobody has. */
const ATTEMPTS = 3;

/** The blobs as they lie in the pack, each opened once: damage must not be carried on under a new name. */
async function readSound(
  { store, key }: Repository,
  name: string,
  blobs: readonly BlobToMove[],
  { signal }: EngineTools,
): Promise<
  Result<readonly { readonly blob: BlobToMove; readonly bytes: Uint8Array }[], StoreFault>
> {
  let wrong = 'damaged';
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const loaded = await store.load({ type: 'data', name }, { signal, attempt });
    if (!loaded.ok) return loaded;
    const sealed = blobs.map((blob) => ({
      blob,
      bytes: loaded.value.subarray(blob.offset, blob.offset + blob.length),
    }));
    const bad = sealed.find(({ blob, bytes }) => {
      const plaintext = openBlob(key, bytes, blob.plainLength);
      return plaintext === undefined || !hash('sha256', plaintext, 'buffer').equals(blob.id);
    });
    if (bad === undefined) return ok(sealed);
    wrong = `${bad.blob.type} ${bad.blob.id.toString('hex', 0, 4)}`;
  }
  return failed({ code: 'damaged', detail: wrong });
}
