import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { failed, ok } from '../../../../shared/result.ts';
import { makeFolders } from '../../database/durable-file.ts';
import type {
  ListedObject,
  RepositoryStore,
  StoreFault,
  StoreObject,
  StoreObjectType,
  StoreResult,
} from './repository-store.ts';
import { isObjectName, OBJECT_BYTES_MAX } from './repository-store.ts';

const FOLDER_MODE = 0o700;
/** Read-only, as restic leaves its objects: a slip of the hand does not change them. */
const OBJECT_MODE = 0o400;
const TEMPORARY_PREFIX = 'tmp-';
/** Nobody writes one object for so long: whoever wrote this was killed. */
const TEMPORARY_MS = 24 * 3_600_000;

/**
 * A repository in a plain folder, in the layout of restic's own local back end (its doc/design.rst,
 * "Repository Layout"): a USB stick with such a folder needs nothing of ours to be read. The folder
 * is made when the first object is saved.
 */
export function createFolderRepositoryStore(folder: string): RepositoryStore {
  const made = new Map<string, Promise<void>>();

  /** Makes a folder that is there after a crash too; each one once per store, and nobody goes ahead of its flush. */
  function ensureFolder(path: string): Promise<void> {
    const known = made.get(path);
    if (known !== undefined) return known;
    const making = makeFolders(path, FOLDER_MODE);
    made.set(path, making);
    making.catch(() => made.delete(path));
    return making;
  }

  async function save(
    object: StoreObject,
    chunks: readonly Uint8Array[],
  ): Promise<StoreResult<void>> {
    if (!isObjectName(object.type, object.name)) return badName();
    const path = pathOf(folder, object);
    const existing = await readExisting(path, object.type);
    if (existing !== undefined) {
      const same = object.type !== 'config' || Buffer.concat(chunks).equals(existing);
      return same ? ok(undefined) : failed({ code: 'refused', reason: 'exists', params: {} });
    }
    const parent = parentOf(folder, object);
    await ensureFolder(folder);
    if (object.type === 'data') await ensureFolder(join(folder, 'data'));
    await ensureFolder(parent);
    const temporary = join(parent, `${TEMPORARY_PREFIX}${randomBytes(16).toString('hex')}`);
    try {
      await writeDurably(temporary, chunks);
      await rename(temporary, path);
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
    await syncFolder(parent);
    return ok(undefined);
  }

  return {
    save: (object, chunks, { signal } = {}) => guarded(signal, () => save(object, chunks)),
    load: (object, { signal, range } = {}) =>
      guarded(signal, async () => {
        if (!isObjectName(object.type, object.name)) return failed({ code: 'not-found' });
        return readFileThere(pathOf(folder, object), async (file, sizeBytes) => {
          const { offset, length } = range ?? { offset: 0, length: sizeBytes };
          if (offset + length > sizeBytes)
            return failed({ code: 'damaged', detail: 'shorter than the range asked for' });
          if (length > OBJECT_BYTES_MAX)
            return failed({ code: 'damaged', detail: 'longer than any object' });
          return readExactly(file, { offset, length });
        });
      }),
    stat: (object, { signal } = {}) =>
      guarded(signal, async () => {
        if (!isObjectName(object.type, object.name)) return failed({ code: 'not-found' });
        return ok({ sizeBytes: (await stat(pathOf(folder, object))).size });
      }),
    list: (type, { signal } = {}) => guarded(signal, () => listObjects(folder, { type, signal })),
    remove: (object, { signal } = {}) =>
      guarded(signal, async () => {
        if (!isObjectName(object.type, object.name)) return failed({ code: 'not-found' });
        await unlink(pathOf(folder, object));
        await syncFolder(parentOf(folder, object));
        return ok(undefined);
      }),
  };
}

function parentOf(folder: string, object: StoreObject): string {
  if (object.type === 'config') return folder;
  if (object.type === 'data') return join(folder, 'data', object.name.slice(0, 2));
  return join(folder, object.type);
}

function pathOf(folder: string, object: StoreObject): string {
  return object.type === 'config'
    ? join(folder, 'config')
    : join(parentOf(folder, object), object.name);
}

async function readExisting(path: string, type: StoreObjectType): Promise<Uint8Array | undefined> {
  try {
    const read = await readFileThere(path, (file, sizeBytes) =>
      // Only a config's bytes matter: the other names say what is inside.
      readExactly(file, {
        offset: 0,
        length: type === 'config' && sizeBytes <= OBJECT_BYTES_MAX ? sizeBytes : 0,
      }),
    );
    return read.ok ? read.value : new Uint8Array();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeDurably(path: string, chunks: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, 'wx', OBJECT_MODE);
  try {
    for (const chunk of chunks) {
      let written = 0;
      while (written < chunk.length) {
        written += (await file.write(chunk, written, chunk.length - written)).bytesWritten;
      }
    }
    // The bytes first, then the name: a crash may not leave a name without its bytes.
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows can't open a folder to sync it; its file system journals the rename by itself.
  if (process.platform === 'win32') return;
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Somebody may have put anything in a file's place: no pipe is waited for. */
export async function readFileThere<T>(
  path: string,
  read: (file: FileHandle, sizeBytes: number) => Promise<StoreResult<T>>,
): Promise<StoreResult<T>> {
  const file = await open(path, READ_FLAGS);
  try {
    const found = await file.stat();
    return found.isFile() ? await read(file, found.size) : failed(NO_FILE);
  } finally {
    await file.close();
  }
}

const READ_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
const NO_FILE: StoreFault = { code: 'damaged', detail: 'not a file' };

async function readExactly(
  file: FileHandle,
  range: { readonly offset: number; readonly length: number },
): Promise<StoreResult<Uint8Array>> {
  // Not from the pool: callers hand the memory on to other threads.
  const bytes = Buffer.allocUnsafeSlow(range.length);
  let done = 0;
  while (done < range.length) {
    const { bytesRead } = await file.read(bytes, done, range.length - done, range.offset + done);
    if (bytesRead === 0) return failed({ code: 'damaged', detail: 'it became shorter while read' });
    done += bytesRead;
  }
  return ok(bytes);
}

async function listObjects(
  folder: string,
  options: { readonly type: StoreObjectType; readonly signal: AbortSignal | undefined },
): Promise<StoreResult<readonly ListedObject[]>> {
  const { type, signal } = options;
  if (type === 'config') {
    const found = await stat(join(folder, 'config'));
    return ok([{ name: '', sizeBytes: found.size }]);
  }
  const top = join(folder, type);
  const folders = type === 'data' ? (await namesIn(top)).map((name) => join(top, name)) : [top];
  const objects: ListedObject[] = [];
  for (const path of folders) {
    if (signal?.aborted === true) return failed({ code: 'cancelled' });
    const all = await namesIn(path);
    for (const name of all)
      if (name.startsWith(TEMPORARY_PREFIX)) await dropIfDead(join(path, name));
    for (const name of all.filter((each) => isObjectName(type, each))) {
      const found = await stat(join(path, name)).catch(() => undefined);
      if (found?.isFile() === true) objects.push({ name, sizeBytes: found.size });
    }
  }
  return ok(objects);
}

/** On a disk that can't be written to it stays, and does no harm. */
async function dropIfDead(temporary: string): Promise<void> {
  const found = await stat(temporary).catch(() => undefined);
  if (found !== undefined && Date.now() - found.mtimeMs > TEMPORARY_MS)
    await unlink(temporary).catch(() => undefined);
}

async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

/** What the system says, as a fault; a bug goes through. */
export async function guarded<T>(
  signal: AbortSignal | undefined,
  body: () => Promise<StoreResult<T>>,
): Promise<StoreResult<T>> {
  if (signal?.aborted === true) return failed({ code: 'cancelled' });
  try {
    return await body();
  } catch (error) {
    const fault = faultOf(errorCode(error));
    if (fault === undefined) throw error;
    return failed(fault);
  }
}

function faultOf(code: string | undefined): StoreFault | undefined {
  switch (code) {
    case undefined:
      return undefined;
    case 'ENOENT':
      return { code: 'not-found' };
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return { code: 'plot-full' };
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
    case 'ENOTDIR':
    case 'EISDIR':
      return { code: 'refused', reason: 'folder', params: { error: code } };
    default:
      return code.startsWith('E') && !code.startsWith('ERR_')
        ? { code: 'unreachable', detail: code }
        : undefined;
  }
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

function badName(): StoreResult<never> {
  return failed({ code: 'refused', reason: 'bad-name', params: {} });
}
