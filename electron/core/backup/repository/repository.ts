import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { BlobIndex, type BlobType } from './blob-index.ts';
import { jsonOf, keyFileName, makeKeyFile, openKeyFile } from './key-file.ts';
import { packLength } from './pack.ts';
import { newPolynomial } from './polynomial.ts';
import type { RepositoryStore, StoreFault, StoreObject, StoreResult } from './repository-store.ts';
import { type MasterKey, newMasterKey, seal, unseal } from './sealing.ts';
import { loadRight, loadUnpacked } from './unpacked.ts';

/** restic repository format 2 (restic, doc/design.rst), as far as a writer and a reader need it. */
export type Repository = {
  readonly store: RepositoryStore;
  readonly key: MasterKey;
  /** 64 hexadecimal digits; the same for every copy of it. */
  readonly id: string;
  /** Which of its key files the password opened, if it was opened so. */
  readonly keyFile?: string;
};

export type RepositoryFault =
  | StoreFault
  | { readonly code: 'wrong-password' }
  /** The plot is empty: no repository was begun there. */
  | { readonly code: 'no-repository' }
  | { readonly code: 'unsupported'; readonly detail: string }
  | { readonly code: 'locked'; readonly by: string }
  | { readonly code: 'snapshot-unknown'; readonly snapshot: string };

const configFile = z.object({
  version: z.int(),
  id: z.string().regex(/^[0-9a-f]{64}$/),
  chunker_polynomial: z.string(),
});

export async function initRepository(
  store: RepositoryStore,
  password: string,
): Promise<Result<Repository, RepositoryFault>> {
  const key = newMasterKey();
  const keyFile = await makeKeyFile(key, password);
  const id = randomBytes(32).toString('hex');
  const config = { version: 2, id, chunker_polynomial: newPolynomial() };
  // The key first: a config without one would be a repository that nobody can open.
  const saved = await store.save({ type: 'keys', name: keyFileName(keyFile) }, [keyFile]);
  if (!saved.ok) return saved;
  const sealed = seal(key, Buffer.from(JSON.stringify(config)));
  const begun = await store.save({ type: 'config', name: '' }, [sealed]);
  return begun.ok ? ok({ store, key, id }) : begun;
}

/** More key files than this are no household's. */
const KEYS_MAX = 20;

export async function openRepository(
  store: RepositoryStore,
  password: string,
  openKey: typeof openKeyFile = openKeyFile,
): Promise<Result<Repository, RepositoryFault>> {
  const config = await store.load({ type: 'config', name: '' });
  if (!config.ok)
    return config.fault.code === 'not-found' ? failed({ code: 'no-repository' }) : config;
  const keys = await store.list('keys');
  if (!keys.ok) return keys;
  let damaged: string | undefined;
  let isShort = false;
  for (const { name } of keys.value.slice(0, KEYS_MAX)) {
    const content = await loadRight(store, { type: 'keys', name }, (bytes) =>
      keyFileName(bytes) === name ? bytes : undefined,
    );
    if (!content.ok && !MISSES.has(content.fault.code)) return content;
    // Bytes that are not those of its name say nothing about the password.
    // One key file that asks for more memory than there is must not keep all others, and all other copies, from being opened.
    const key = content.ok
      ? await openKey(content.value, password).catch(() => 'short' as const)
      : 'damaged';
    if (key === 'short') isShort = true;
    if (key === undefined || key === 'short') continue;
    if (key === 'damaged') {
      damaged ??= 'keys';
      continue;
    }
    const read = (bytes: Uint8Array) => {
      const text = unseal(key, bytes);
      return configFile.safeParse(text && jsonOf(text)).data;
    };
    const first = read(config.value);
    const parsed =
      first === undefined ? await loadRight(store, { type: 'config', name: '' }, read) : ok(first);
    if (!parsed.ok) {
      if (!MISSES.has(parsed.fault.code)) return parsed;
      // Or it belongs to a beginning that was cut off before its config was there.
      damaged = 'config';
      continue;
    }
    const { version, id } = parsed.value;
    if (version !== 1 && version !== 2)
      return failed({ code: 'unsupported', detail: `repository format ${version}` });
    return ok({ store, key, id, keyFile: name });
  }
  if (isShort) return failed({ code: 'unreachable', detail: 'too little memory to open its key' });
  return failed(
    damaged === undefined ? { code: 'wrong-password' } : { code: 'damaged', detail: damaged },
  );
}

/** What a store says of an object that is not there whole; all else says nothing about it. */
export const MISSES: ReadonlySet<StoreFault['code']> = new Set(['not-found', 'damaged']);

const hexId = z.string().regex(/^[0-9a-f]{64}$/);
const uint32 = z.int().min(0).max(0xffff_ffff);
export const indexFile = z.object({
  supersedes: z.array(hexId).nullish(),
  packs: z.array(
    z.object({
      id: hexId,
      blobs: z.array(
        z.object({
          id: hexId,
          type: z.enum(['data', 'tree']),
          offset: uint32,
          length: uint32,
          uncompressed_length: uint32.optional(),
        }),
      ),
    }),
  ),
});
export type IndexFile = z.infer<typeof indexFile>;

export type KnownPack = {
  readonly name: string;
  readonly type: BlobType;
  readonly blobs: number;
  /** As its blobs say. */
  readonly sizeBytes: number;
};

/** What every index file together says. */
export type RepositoryIndex = { readonly blobs: BlobIndex; readonly packs: KnownPack[] };

export function addToIndex(index: RepositoryIndex, { packs }: IndexFile): void {
  for (const { id, blobs } of packs) {
    const pack = index.packs.length;
    const places = blobs.map((blob) => ({ ...blob, plainLength: blob.uncompressed_length ?? 0 }));
    index.packs.push({
      name: id,
      type: blobs[0]?.type ?? 'data',
      blobs: blobs.length,
      sizeBytes: packLength(places),
    });
    for (const { id: blob, type, offset, length, plainLength } of places)
      index.blobs.set(type, Buffer.from(blob, 'hex'), { pack, offset, length, plainLength });
  }
}

/** Told of what nobody has whole; then the rest is read without it, instead of nothing. */
export type OnUnreadable = (object: StoreObject, detail: string) => void;

export type IndexWish = {
  readonly onUnreadable?: OnUnreadable | undefined;
  /** Packs that are not listed don't count, whatever names them: what is written now must not rest on them. */
  readonly isOnlyThere?: boolean;
  /** Packs that count only for what lies in no other one that is there. */
  readonly rotten?: ReadonlySet<string>;
};

export async function loadIndex(
  { store, key }: Repository,
  { onUnreadable, isOnlyThere = false, rotten = new Set() }: IndexWish = {},
): Promise<StoreResult<RepositoryIndex>> {
  const listed = await store.list('index');
  if (!listed.ok) return listed;
  const files: { readonly name: string; readonly file: IndexFile }[] = [];
  const superseded = new Set<string>();
  for (const { name } of listed.value) {
    const content = await loadUnpacked(store, key, { type: 'index', name });
    if (!content.ok) {
      if (!isPassedOver({ type: 'index', name }, content.fault, onUnreadable)) return content;
      continue;
    }
    const parsed = indexFile.safeParse(content.value);
    if (!parsed.success) return failed({ code: 'damaged', detail: `index/${name.slice(0, 8)}` });
    files.push({ name, file: parsed.data });
    for (const old of parsed.data.supersedes ?? []) superseded.add(old);
  }
  const counted = files.flatMap(({ name, file }) => (superseded.has(name) ? [] : [file]));
  const index = indexOf(counted);
  const places = index.packs.reduce((sum, { blobs }) => sum + blobs, 0);
  if (places === index.blobs.size && !isOnlyThere) return ok(index);
  // Something lies in two packs: what was moved in one copy came back from another one, which may have lost the old pack.
  const packs = await store.list('data');
  if (!packs.ok && isOnlyThere) return packs;
  const there = new Set(packs.ok ? packs.value.map(({ name }) => name) : []);
  const isSound = (id: string) => there.has(id) && !rotten.has(id);
  if (!packs.ok || index.packs.every(({ name }) => isSound(name))) return ok(index);
  const present = [
    ...only(counted, isSound),
    ...only(counted, (id) => there.has(id) && rotten.has(id)),
  ];
  return ok(
    indexOf(isOnlyThere ? present : [...present, ...only(counted, (id) => !there.has(id))]),
  );
}

/** The first place that is named counts. */
function indexOf(files: readonly IndexFile[]): RepositoryIndex {
  const index: RepositoryIndex = { blobs: new BlobIndex(), packs: [] };
  for (const file of files) addToIndex(index, file);
  return index;
}

function only(files: readonly IndexFile[], isMeant: (pack: string) => boolean): IndexFile[] {
  return files.map((file) => ({ ...file, packs: file.packs.filter(({ id }) => isMeant(id)) }));
}

const snapshotFile = z.object({
  time: z.string(),
  tree: hexId,
  paths: z.array(z.string()).nullish(),
  hostname: z.string().default(''),
  username: z.string().default(''),
  tags: z.array(z.string()).nullish(),
  parent: hexId.nullish(),
  // restic writes it since 0.17, and so do we; with nonsense in it the snapshot is as good as without.
  summary: z
    .object({
      total_files_processed: z.int().min(0),
      total_bytes_processed: z.int().min(0),
    })
    .nullish()
    .catch(undefined),
});
export type Snapshot = z.infer<typeof snapshotFile> & { readonly id: string };

/**
 * All snapshots, the oldest first. Those that a wrong clock has dated in the future come before all others: the latest is one
 * that was made by a right one, for as long as there is any.
 */
export async function loadSnapshots(
  { store, key }: Repository,
  onUnreadable?: OnUnreadable,
): Promise<StoreResult<readonly Snapshot[]>> {
  const listed = await store.list('snapshots');
  if (!listed.ok) return listed;
  const snapshots: Snapshot[] = [];
  for (const { name } of listed.value) {
    const content = await loadUnpacked(store, key, { type: 'snapshots', name });
    if (!content.ok) {
      if (!isPassedOver({ type: 'snapshots', name }, content.fault, onUnreadable)) return content;
      continue;
    }
    const parsed = snapshotFile.safeParse(content.value);
    if (!parsed.success)
      return failed({ code: 'damaged', detail: `snapshots/${name.slice(0, 8)}` });
    snapshots.push({ ...parsed.data, id: name });
  }
  const untilMs = Date.now() + AHEAD_MS;
  const isAhead = ({ time }: Snapshot) => Date.parse(time) > untilMs;
  return ok(
    snapshots.sort(
      (one, other) =>
        Number(isAhead(other)) - Number(isAhead(one)) ||
        Date.parse(one.time) - Date.parse(other.time),
    ),
  );
}

/** A clock may be a little ahead of another one, as for the retention. */
const AHEAD_MS = 24 * 3_600_000;

function isPassedOver(
  object: StoreObject,
  fault: StoreFault,
  onUnreadable: OnUnreadable | undefined,
): boolean {
  if (onUnreadable === undefined || !MISSES.has(fault.code)) return false;
  onUnreadable(object, fault.code === 'damaged' ? fault.detail : '');
  return true;
}

/** The one meant by `wish`: an id, the beginning of one, or nothing for the latest. */
export function chooseSnapshot(
  snapshots: readonly Snapshot[],
  wish: string | undefined,
): Snapshot | undefined {
  if (wish === undefined || wish === 'latest') return snapshots.at(-1);
  const matches = snapshots.filter(({ id }) => id.startsWith(wish.toLowerCase()));
  return matches.length === 1 ? matches[0] : undefined;
}
