import { hash } from 'node:crypto';
import { keptBy } from '../../../../shared/backup/retention.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { createPackBuilder, openBlob, PACK_BYTES } from '../repository/pack.ts';
import {
  type IndexFile,
  indexFile,
  loadSnapshots,
  type Repository,
  type RepositoryFault,
  type RepositoryIndex,
  type Snapshot,
} from '../repository/repository.ts';
import type { StoreFault, StoreObjectType } from '../repository/repository-store.ts';
import { loadUnpacked, saveUnpacked } from '../repository/unpacked.ts';
import type { EngineJob, EngineSummary, EngineTools } from './jobs.ts';
import type { PackCache } from './pack-cache.ts';
import { type PackUse, planPrune } from './prune-plan.ts';
import { createTreeReader } from './trees.ts';
import { createUploader } from './upload.ts';

type Context = {
  readonly repository: Repository;
  readonly index: RepositoryIndex;
  readonly job: Extract<EngineJob, { kind: 'prune' }>;
  readonly tools: EngineTools;
  readonly cache: PackCache;
};

/** So many packs are rewritten before the old ones go: the room it takes meanwhile is bounded by them. */
const REPACK_TOGETHER = 16;
/** Removals under way at once. */
const REMOVE_TOGETHER = 8;
/** An index file of restic's own has as many blobs at most. */
const INDEX_BLOBS = 50_000;
/** Smaller index files are put together when there are many of them. */
const SMALL_INDEX_BLOBS = 5000;
const SMALL_INDEXES = 32;

/**
 * Forgets snapshots and gives their room back, under an exclusive lock. At every moment each snapshot that is still there can be
 * restored: snapshots go first, then indexes stop naming what goes, then it goes; what moves has arrived and is in an
 * index before its old pack leaves one. Whatever an interruption leaves behind is unneeded, and goes with the next prune.
 * If anything that is needed is missing or damaged, nothing but snapshots is removed.
 */
export async function runPrune(context: Context): Promise<Result<EngineSummary, RepositoryFault>> {
  const { repository, job, tools } = context;
  const snapshots = await loadSnapshots(repository);
  if (!snapshots.ok) return snapshots;
  const goes = chooseForgotten(snapshots.value, job);
  const forgotten = await removeAll(context, 'snapshots', goes);
  if (!forgotten.ok) return forgotten;
  const stay = snapshots.value.filter(({ id }) => !goes.includes(id));
  const summary = { snapshots: stay.length, forgotten: goes.length };
  if (job.onlyForget) return ok({ ...summary, ...NOTHING_PRUNED });
  const used = await findUsed(context, stay);
  if (!used.ok) return used;
  const packs = await usePacks(context, used.value);
  if (!packs.ok) return packs;
  const { known, strangers } = packs.value;
  const plan = planPrune(known, { packBytes: PACK_BYTES, repackShare: job.repackShare });
  const bytesOf = new Map(known.map(({ name, sizeBytes }) => [name, sizeBytes]));
  const unneeded = await dropPacks(context, plan.remove);
  if (!unneeded.ok) return unneeded;
  const cleared = await removeAll(context, 'data', [...strangers.keys()]);
  if (!cleared.ok) return cleared;
  const repacked = await repack(context, plan.repack, used.value, bytesOf);
  if (!repacked.ok) return repacked;
  const removedBytes =
    plan.remove.reduce((sum, name) => sum + (bytesOf.get(name) ?? 0), 0) +
    [...strangers.values()].reduce((sum, bytes) => sum + bytes, 0);
  tools.progress({ ...NO_PROGRESS, phase: 'finishing' });
  return ok({
    ...summary,
    packsRemoved: plan.remove.length + strangers.size + repacked.value.packs,
    packsRewritten: repacked.value.packs,
    bytesRewritten: `${repacked.value.bytesWritten}`,
    bytesFreed: `${removedBytes + repacked.value.bytesRead - repacked.value.bytesWritten}`,
    // The plot was too full to move things about in; what could go is gone, and the next time there is room for it.
    stoppedFull: repacked.value.isFull ? 1 : 0,
  });
}

const NOTHING_PRUNED = {
  packsRemoved: 0,
  packsRewritten: 0,
  bytesRewritten: '0',
  bytesFreed: '0',
  stoppedFull: 0,
} as const;
const NO_PROGRESS = { filesDone: 0, filesTotal: null, bytesDone: 0, bytesTotal: null } as const;

function chooseForgotten(
  snapshots: readonly Snapshot[],
  { keep, forget }: Pick<Context['job'], 'keep' | 'forget'>,
): readonly string[] {
  const named = new Set(forget);
  const rest = snapshots.filter(({ id }) => !named.has(id));
  const kept =
    keep === undefined
      ? new Set(rest.map(({ id }) => id))
      : new Set(keptBy(keep, rest, Date.now()).map(({ id }) => id));
  return snapshots.flatMap(({ id }) => (named.has(id) || !kept.has(id) ? [id] : []));
}

/** Which blobs of the index some snapshot needs, by their numbers there. */
async function findUsed(
  { repository, index, tools, cache }: Context,
  snapshots: readonly Snapshot[],
): Promise<Result<Uint8Array, RepositoryFault>> {
  const used = new Uint8Array(index.blobs.slots);
  const readTree = createTreeReader(repository, index, cache);
  const open = snapshots.map(({ tree }) => tree);
  let files = 0;
  for (let tree = open.pop(); tree !== undefined; tree = open.pop()) {
    if (tools.signal.aborted) return failed({ code: 'cancelled' });
    const slot = index.blobs.slotOf('tree', Buffer.from(tree, 'hex'));
    // Snapshots have most of their trees in common.
    if (slot >= 0 && used[slot] === 1) continue;
    const nodes = await readTree(tree);
    if (!nodes.ok) return nodes;
    used[slot] = 1;
    for (const node of nodes.value) {
      if (node.subtree !== undefined && node.subtree !== null) open.push(node.subtree);
      for (const id of node.content ?? []) {
        const data = index.blobs.slotOf('data', Buffer.from(id, 'hex'));
        if (data < 0) return failed({ code: 'damaged', detail: `data ${id.slice(0, 8)}` });
        used[data] = 1;
      }
    }
    files += nodes.value.length;
    tools.progress({ ...NO_PROGRESS, phase: 'planning', filesDone: files });
  }
  return ok(used);
}

type PacksInUse = {
  readonly known: readonly PackUse[];
  /** Uploaded by a run that was cut off before its index; nobody knows what is in them. Name and size. */
  readonly strangers: ReadonlyMap<string, number>;
};

async function usePacks(
  { repository, index, tools }: Context,
  used: Uint8Array,
): Promise<Result<PacksInUse, RepositoryFault>> {
  const listed = await repository.store.list('data', { signal: tools.signal });
  if (!listed.ok) return listed;
  const there = new Map(listed.value.map(({ name, sizeBytes }) => [name, sizeBytes]));
  // By name: after an interruption two index files may list the same pack.
  const usedBytes = new Map<string, number>();
  for (let slot = 0; slot < used.length; slot += 1) {
    if (used[slot] === 0) continue;
    const blob = index.blobs.at(slot);
    const pack = blob && index.packs[blob.pack];
    if (blob === undefined || pack === undefined) continue;
    usedBytes.set(pack.name, (usedBytes.get(pack.name) ?? 0) + blob.length);
  }
  const known = new Map<string, PackUse>();
  for (const { name, type, sizeBytes } of index.packs) {
    const bytes = usedBytes.get(name) ?? 0;
    if (bytes > 0 && there.get(name) !== sizeBytes)
      return failed({ code: 'damaged', detail: `data/${name.slice(0, 8)}` });
    known.set(name, { name, type, sizeBytes: there.get(name) ?? 0, usedBytes: bytes });
  }
  const strangers = new Map([...there].filter(([name]) => !known.has(name)));
  return ok({ known: [...known.values()], strangers });
}

/** Takes packs out of the indexes, then off the store. */
async function dropPacks(
  context: Context,
  names: readonly string[],
): Promise<Result<undefined, RepositoryFault>> {
  const rewritten = await rewriteIndexes(context, new Set(names));
  if (!rewritten.ok) return rewritten;
  const removed = await removeAll(context, 'data', names);
  return removed.ok ? ok(undefined) : removed;
}

type ReadIndex = { readonly name: string; readonly packs: IndexFile['packs'] };

/** Index files that name what goes are written anew without it; small ones are put together if there are many. */
async function rewriteIndexes(
  context: Context,
  gone: ReadonlySet<string>,
): Promise<Result<undefined, RepositoryFault>> {
  const { repository, tools } = context;
  const listed = await repository.store.list('index', { signal: tools.signal });
  if (!listed.ok) return listed;
  const affected: string[] = [];
  const small: string[] = [];
  for (const { name } of listed.value) {
    const read = await readIndex(repository, name);
    if (!read.ok) return read;
    if (read.value.packs.some(({ id }) => gone.has(id))) affected.push(name);
    else if (countBlobs(read.value.packs) < SMALL_INDEX_BLOBS) small.push(name);
  }
  const old = small.length >= SMALL_INDEXES ? [...affected, ...small] : affected;
  let together: IndexFile['packs'] = [];
  const seen = new Set<string>();
  const flush = async (): Promise<Result<undefined, StoreFault>> => {
    if (together.length === 0) return ok(undefined);
    const content = { packs: together };
    together = [];
    const saved = await saveUnpacked(repository.store, repository.key, { type: 'index', content });
    return saved.ok ? ok(undefined) : saved;
  };
  for (const name of old) {
    const read = await readIndex(repository, name);
    if (!read.ok) return read;
    for (const pack of read.value.packs) {
      if (gone.has(pack.id) || seen.has(pack.id)) continue;
      seen.add(pack.id);
      together.push(pack);
      if (countBlobs(together) < INDEX_BLOBS) continue;
      const flushed = await flush();
      if (!flushed.ok) return flushed;
    }
  }
  const flushed = await flush();
  if (!flushed.ok) return flushed;
  const removed = await removeAll(context, 'index', old);
  return removed.ok ? ok(undefined) : removed;
}

async function readIndex(
  { store, key }: Repository,
  name: string,
): Promise<Result<ReadIndex, RepositoryFault>> {
  const content = await loadUnpacked(store, key, { type: 'index', name });
  if (!content.ok) return content;
  const parsed = indexFile.safeParse(content.value);
  return parsed.success
    ? ok({ name, packs: parsed.data.packs })
    : failed({ code: 'damaged', detail: `index/${name.slice(0, 8)}` });
}

function countBlobs(packs: IndexFile['packs']): number {
  return packs.reduce((sum, { blobs }) => sum + blobs.length, 0);
}

type Repacked = {
  readonly packs: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly isFull: boolean;
};

/** Moves what is needed out of these packs, a few at a time: new packs, their index, then the old ones go. */
async function repack(
  context: Context,
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
  { index }: Context,
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
  { repository, index, tools, cache }: Context,
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

async function removeAll(
  { repository, tools }: Context,
  type: StoreObjectType,
  names: readonly string[],
): Promise<Result<undefined, RepositoryFault>> {
  const rest = names.values();
  let fault: StoreFault | undefined;
  let done = 0;
  async function removeOn(): Promise<void> {
    for (const name of rest) {
      if (fault !== undefined) return;
      const removed = await repository.store.remove({ type, name }, { signal: tools.signal });
      // Gone is gone, whoever removed it.
      if (!removed.ok && removed.fault.code !== 'not-found') fault = removed.fault;
      done += 1;
      tools.progress({
        ...NO_PROGRESS,
        phase: 'removing',
        filesDone: done,
        filesTotal: names.length,
      });
    }
  }
  await Promise.all(Array.from({ length: REMOVE_TOGETHER }, removeOn));
  return fault === undefined ? ok(undefined) : failed(fault);
}
