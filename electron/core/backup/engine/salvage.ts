import { hash } from 'node:crypto';
import { COPIES_MAX } from '../../../../shared/model/backup-plan.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { createPackBuilder, openBlob, PACK_BYTES } from '../repository/pack.ts';
import type { Repository, RepositoryFault, RepositoryIndex } from '../repository/repository.ts';
import type { StoreResult } from '../repository/repository-store.ts';
import type { EngineTools } from './jobs.ts';
import { createElsewhere } from './elsewhere.ts';
import { createUploader } from './upload.ts';

type Context = {
  readonly repository: Repository;
  readonly index: RepositoryIndex;
  readonly tools: EngineTools;
};
type Blob = Omit<NonNullable<ReturnType<RepositoryIndex['blobs']['at']>>, 'pack'>;
/** Packs in which it was looked for. */
type Wanted = Blob & { readonly tried: ReadonlySet<string> };

/**
 * What is still sound in damaged packs is carried on in new ones before they go: a byte that has rotted costs what it lies in,
 * not the thousand files that lie beside it. What lies in two packs may be rotten in one and sound in the other, also where both go.
 * Answers how many blobs are lost.
 */
export async function salvage(
  { repository, index, tools }: Context,
  names: readonly string[],
): Promise<Result<number, RepositoryFault>> {
  const { signal } = tools;
  const go = new Set(names);
  const uploader = createUploader(repository, index, { signal, onSent: () => undefined });
  const elsewhere = createElsewhere(repository, index);
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
  let open = blobsOf(index, go);
  while (open.size > 0 && !signal.aborted) {
    const next = new Map<string, Wanted[]>();
    for (const [name, wanted] of open) {
      const sound = await soundOf(repository, { name, wanted, signal });
      if (!sound.ok) return sound;
      for (const [blob, bytes] of sound.value) {
        builders[blob.type].addSealed(blob, bytes);
        if (builders[blob.type].sizeBytes() < PACK_BYTES) continue;
        await uploader.room();
        send(blob.type);
      }
      for (const blob of wanted) {
        if (sound.value.has(blob)) continue;
        const tried = new Set([...blob.tried, name]);
        const place = await elsewhere(blob.type, blob.id.toString('hex'), tried);
        if (place === undefined) lost += 1;
        // In a pack that stays an index goes on naming it.
        else if (go.has(place.pack)) addTo(next, place.pack, { ...blob, ...place, tried });
      }
      if (signal.aborted) break;
    }
    open = next;
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
): ReadonlyMap<string, readonly Wanted[]> {
  const found = new Map<string, Wanted[]>();
  for (let slot = 0; slot < blobs.slots; slot += 1) {
    const blob = blobs.at(slot);
    const name = blob && packs[blob.pack]?.name;
    if (blob === undefined || name === undefined || !names.has(name)) continue;
    addTo(found, name, { ...blob, tried: NONE });
  }
  return found;
}

const NONE: ReadonlySet<string> = new Set();

function addTo(blobs: Map<string, Wanted[]>, pack: string, blob: Wanted): void {
  const known = blobs.get(pack);
  if (known === undefined) blobs.set(pack, [blob]);
  else known.push(blob);
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
    readonly wanted: readonly Wanted[];
    readonly signal: AbortSignal;
  },
): Promise<StoreResult<ReadonlyMap<Wanted, Uint8Array>>> {
  const sound = new Map<Wanted, Uint8Array>();
  const object = { type: 'data', name } as const;
  const isSound = (bytes: Uint8Array, { id, plainLength }: Wanted) => {
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
