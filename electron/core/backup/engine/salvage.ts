import { hash } from 'node:crypto';
import { COPIES_MAX } from '../../../../shared/model/backup-plan.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { createPackBuilder, openBlob, PACK_BYTES } from '../repository/pack.ts';
import type { Repository, RepositoryFault, RepositoryIndex } from '../repository/repository.ts';
import type { StoreResult } from '../repository/repository-store.ts';
import type { EngineTools } from './jobs.ts';
import { createUploader } from './upload.ts';

type Context = {
  readonly repository: Repository;
  readonly index: RepositoryIndex;
  readonly tools: EngineTools;
};
type Blob = NonNullable<ReturnType<RepositoryIndex['blobs']['at']>>;

/**
 * What is still sound in damaged packs is carried on in new ones before they go: a byte that has rotted costs what it lies in,
 * not the thousand files that lie beside it. Answers how many blobs are lost.
 */
export async function salvage(
  { repository, index, tools }: Context,
  names: readonly string[],
): Promise<Result<number, RepositoryFault>> {
  const blobs = blobsOf(index, new Set(names));
  const { signal } = tools;
  const uploader = createUploader(repository, index, { signal, onSent: () => undefined });
  const builders = {
    data: createPackBuilder(repository.key),
    tree: createPackBuilder(repository.key),
  };
  const send = (type: keyof typeof builders) => {
    if (builders[type].sizeBytes() === 0) return;
    const { bytes, blobs: packed } = builders[type].finish();
    uploader.push({ bytes, name: hash('sha256', bytes, 'hex'), blobs: packed });
  };
  let lost = 0;
  for (const [name, wanted] of blobs) {
    const sound = await soundOf(repository, { name, wanted, signal });
    if (!sound.ok) return sound;
    lost += wanted.length - sound.value.size;
    for (const [blob, bytes] of sound.value) {
      builders[blob.type].addSealed(blob, bytes);
      if (builders[blob.type].sizeBytes() < PACK_BYTES) continue;
      await uploader.room();
      send(blob.type);
    }
    if (signal.aborted) break;
  }
  send('data');
  send('tree');
  const finished = await uploader.finish();
  const fault = uploader.fault();
  if (fault !== undefined) return failed(fault);
  if (!finished.ok) return finished;
  return signal.aborted ? failed({ code: 'cancelled' }) : ok(lost);
}

function blobsOf(
  { blobs, packs }: RepositoryIndex,
  names: ReadonlySet<string>,
): ReadonlyMap<string, readonly Blob[]> {
  const found = new Map<string, Blob[]>();
  for (let slot = 0; slot < blobs.slots; slot += 1) {
    const blob = blobs.at(slot);
    const name = blob && packs[blob.pack]?.name;
    if (blob === undefined || name === undefined || !names.has(name)) continue;
    const known = found.get(name);
    if (known === undefined) found.set(name, [blob]);
    else known.push(blob);
  }
  return found;
}

/** As they lie in the pack, from whichever copy has each of them right. */
async function soundOf(
  { store, key }: Repository,
  {
    name,
    wanted,
    signal,
  }: {
    readonly name: string;
    readonly wanted: readonly Blob[];
    readonly signal: AbortSignal;
  },
): Promise<StoreResult<ReadonlyMap<Blob, Uint8Array>>> {
  const sound = new Map<Blob, Uint8Array>();
  const object = { type: 'data', name } as const;
  const isSound = (bytes: Uint8Array, { id, plainLength }: Blob) => {
    const plaintext = openBlob(key, bytes, plainLength);
    return plaintext !== undefined && hash('sha256', plaintext, 'buffer').equals(id);
  };
  for (let attempt = 0; attempt <= COPIES_MAX && sound.size < wanted.length; attempt += 1) {
    const loaded = await store.load(object, { signal, attempt });
    if (!loaded.ok) {
      if (loaded.fault.code === 'not-found') return ok(sound);
      if (loaded.fault.code === 'damaged') break;
      return loaded;
    }
    for (const blob of wanted) {
      const bytes = loaded.value.subarray(blob.offset, blob.offset + blob.length);
      if (!sound.has(blob) && isSound(bytes, blob)) sound.set(blob, bytes);
    }
  }
  if (sound.size > 0) return ok(sound);
  // A disk that can't give the whole may give most of its pieces.
  for (const blob of wanted) {
    const range = { offset: blob.offset, length: blob.length };
    const loaded = await store.load(object, { signal, range });
    if (loaded.ok && isSound(loaded.value, blob)) sound.set(blob, loaded.value);
    else if (!loaded.ok && loaded.fault.code === 'not-found') break;
    else if (!loaded.ok && loaded.fault.code !== 'damaged') return loaded;
  }
  return ok(sound);
}
