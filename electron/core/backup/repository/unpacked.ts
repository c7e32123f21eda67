import { createHash } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { failed, ok } from '../../../../shared/result.ts';
import { COPIES_MAX } from '../../../../shared/model/backup-plan.ts';
import { jsonOf } from './key-file.ts';
import { type MasterKey, seal, unseal } from './sealing.ts';
import type {
  RepositoryStore,
  StoreObject,
  StoreObjectType,
  StoreResult,
} from './repository-store.ts';

/** Indexes, snapshots and locks: one sealed JSON per object, compressed after a byte that says so. */

const COMPRESSED = 2;
/** An index of fifty thousand blobs is six megabytes of text. */
const PLAIN_BYTES_MAX = 256 * 1024 * 1024;

export async function saveUnpacked(
  store: RepositoryStore,
  key: MasterKey,
  { type, content }: { readonly type: StoreObjectType; readonly content: unknown },
): Promise<StoreResult<{ readonly name: string; readonly bytes: Buffer }>> {
  const text = Buffer.from(JSON.stringify(content), 'utf8');
  const sealed = seal(key, Buffer.concat([Buffer.from([COMPRESSED]), zstdCompressSync(text)]));
  const name = createHash('sha256').update(sealed).digest('hex');
  const saved = await store.save({ type, name }, [sealed]);
  return saved.ok ? ok({ name, bytes: sealed }) : saved;
}

export async function loadUnpacked(
  store: RepositoryStore,
  key: MasterKey,
  { type, name }: { readonly type: StoreObjectType; readonly name: string },
  signal?: AbortSignal,
): Promise<StoreResult<unknown>> {
  return loadRight(store, { type, name }, (bytes) => decodeUnpacked(key, name, bytes), signal);
}

/** What `read` makes of an object; where several keep it and one has it wrong, another one may have it right. */
export async function loadRight<T>(
  store: RepositoryStore,
  object: StoreObject,
  read: (bytes: Uint8Array) => T | undefined,
  signal?: AbortSignal,
): Promise<StoreResult<T>> {
  const damaged = failed({
    code: 'damaged',
    detail: object.name === '' ? object.type : `${object.type}/${object.name.slice(0, 8)}`,
  } as const);
  let before: Uint8Array | undefined;
  for (let attempt = 0; attempt <= COPIES_MAX; attempt += 1) {
    const loaded = await store.load(object, { attempt, signal });
    if (!loaded.ok) return attempt === 0 ? loaded : damaged;
    const value = read(loaded.value);
    if (value !== undefined) return ok(value);
    // The same again: there is no other one.
    if (before !== undefined && Buffer.compare(before, loaded.value) === 0) return damaged;
    before = loaded.value;
  }
  return damaged;
}

/** `undefined`: damaged. */
function decodeUnpacked(key: MasterKey, name: string, sealed: Uint8Array): unknown {
  if (name !== '' && createHash('sha256').update(sealed).digest('hex') !== name) return undefined;
  const plaintext = unseal(key, sealed);
  if (plaintext === undefined || plaintext.length === 0) return undefined;
  if (plaintext[0] !== COMPRESSED) return jsonOf(plaintext);
  try {
    return jsonOf(zstdDecompressSync(plaintext.subarray(1), { maxOutputLength: PLAIN_BYTES_MAX }));
  } catch {
    return undefined;
  }
}
