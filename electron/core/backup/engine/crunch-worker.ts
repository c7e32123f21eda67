import { hash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
} from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../../../shared/assert.ts';
import { release } from '../repository/memory.ts';
import { createPackBuilder, openBlob, PACK_BYTES, readHeader } from '../repository/pack.ts';
import { CHUNK_BYTES_MAX, CHUNK_BYTES_MIN, cutAfter, gearTable } from './chunker.ts';
import { compileExcludes } from './exclude.ts';
import type {
  CrunchResult,
  CrunchStart,
  CrunchTask,
  FileRead,
  FileToRead,
  FromCruncher,
  ToCruncher,
} from './messages.ts';
import { joinBytes } from './paths.ts';
import { compareFile, placeBlobs, unpackBlobs } from './place.ts';

/**
 * A crunching thread: reads, cuts, hashes, compresses and seals, or the other way round. Files are
 * read with synchronous calls: here nobody else waits, and per small file they cost a tenth of a
 * promise's way through the thread pool.
 */
const port = parentPort;
assert(port !== null, 'this is a worker');
const { key } = workerData as CrunchStart;
const gear = gearTable(key.encrypt);
const builder = createPackBuilder(key);
const asked = new Map<number, (wanted: Uint8Array) => void>();

/** Twice the longest chunk, so that bytes are moved at most once. */
const WINDOW_BYTES = 2 * CHUNK_BYTES_MAX;
/** Plaintext that waits for word whether it is known already. */
const WAITING_BYTES_MAX = 1024 * 1024;

port.on('message', (message: ToCruncher) => {
  if (message.type === 'wanted') {
    asked.get(message.id)?.(message.wanted);
    asked.delete(message.id);
    return;
  }
  const { id, task } = message;
  // A failure in here is a bug: the rejection ends this thread, and the engine with it.
  void run(id, task).then((result) => tell({ type: 'done', id, result }));
});

function tell(message: FromCruncher, transfer: readonly ArrayBuffer[] = []): void {
  port?.postMessage(message, [...transfer]);
}

async function run(id: number, task: CrunchTask): Promise<CrunchResult[keyof CrunchResult]> {
  switch (task.type) {
    case 'read':
      return readFiles(id, task.files);
    case 'flush':
      finishPack();
      return undefined;
    case 'place':
      return placeBlobs(key, task);
    case 'compare':
      return compareFile(task);
    case 'unpack':
      return unpackBlobs(key, task);
    case 'verify':
      return verify(task.pack, task.name);
    default:
      return scan(task);
  }
}

type Waiting = { readonly id: Buffer; readonly plaintext: Uint8Array };

/** Collects chunks until there are enough to ask about, then packs those that are new. */
function createIntake(task: number): {
  readonly add: (plaintext: Uint8Array) => Buffer;
  readonly isFull: () => boolean;
  readonly settle: () => Promise<void>;
} {
  let waiting: Waiting[] = [];
  let bytes = 0;
  return {
    add: (plaintext) => {
      const id = hash('sha256', plaintext, 'buffer');
      waiting.push({ id, plaintext });
      bytes += plaintext.length;
      return id;
    },
    isFull: () => bytes >= WAITING_BYTES_MAX,
    settle: async () => {
      const chunks = waiting;
      waiting = [];
      bytes = 0;
      if (chunks.length === 0) return;
      const ids = Buffer.concat(chunks.map(({ id }) => id));
      const answer = new Promise<Uint8Array>((resolve) => asked.set(task, resolve));
      tell({ type: 'ask', id: task, ids });
      const wanted = await answer;
      for (const [index, { id, plaintext }] of chunks.entries()) {
        if (wanted[index] === 1) builder.add('data', id, plaintext);
        release(plaintext);
        if (builder.sizeBytes() >= PACK_BYTES) finishPack();
      }
    },
  };
}

function finishPack(): void {
  if (builder.sizeBytes() === 0) return;
  const { bytes, blobs } = builder.finish();
  const name = hash('sha256', bytes, 'hex');
  tell({ type: 'pack', pack: { bytes, name, blobs } }, [bytes.buffer]);
}

async function readFiles(task: number, files: readonly FileToRead[]): Promise<FileRead[]> {
  const intake = createIntake(task);
  const results: FileRead[] = [];
  for (const file of files) {
    results.push(await readOne(file, intake));
    if (intake.isFull()) await intake.settle();
  }
  await intake.settle();
  return results;
}

async function readOne(
  { path }: FileToRead,
  intake: ReturnType<typeof createIntake>,
): Promise<FileRead> {
  let file: number | undefined;
  try {
    // Something else may have taken its place since it was listed: follow no link, wait for no pipe.
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    file = openSync(Buffer.from(path), flags);
    const before = fstatSync(file);
    if (!before.isFile()) return { ok: false, fault: 'not-a-file', detail: '' };
    const ids: Buffer[] = [];
    const sizeBytes =
      before.size <= CHUNK_BYTES_MIN
        ? readSmall(file, before.size, (chunk) => ids.push(intake.add(chunk)))
        : await readLarge(file, async (chunk) => {
            ids.push(intake.add(chunk));
            if (intake.isFull()) await intake.settle();
          });
    const after = fstatSync(file);
    const changed = sizeBytes !== before.size || after.mtimeMs !== before.mtimeMs;
    return { ok: true, content: Buffer.concat(ids), sizeBytes, changed };
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    // Errors of the file system have a code like ENOENT; all else is a bug.
    if (!/^E[A-Z]+$/.test(code)) throw error;
    return { ok: false, fault: code === 'ENOENT' ? 'vanished' : 'unreadable', detail: code };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** One chunk, or none; what was added meanwhile is left for the next backup. */
function readSmall(file: number, sizeBytes: number, take: (chunk: Uint8Array) => void): number {
  if (sizeBytes === 0) return 0;
  const chunk = Buffer.allocUnsafe(sizeBytes);
  const length = fill(file, chunk, 0);
  if (length > 0) take(chunk.subarray(0, length));
  return length;
}

async function readLarge(
  file: number,
  take: (chunk: Uint8Array) => Promise<void>,
): Promise<number> {
  const window = Buffer.allocUnsafeSlow(WINDOW_BYTES);
  let [from, to, total, isEnd] = [0, 0, 0, false];
  for (;;) {
    if (!isEnd && to - from < CHUNK_BYTES_MAX) {
      window.copyWithin(0, from, to);
      to -= from;
      from = 0;
      to = fill(file, window, to);
      isEnd = to < window.length;
    }
    if (from === to) {
      release(window);
      return total;
    }
    const end = cutAfter(window, gear, { from, to });
    // A copy: the window moves on while the chunk may still wait.
    await take(Buffer.from(window.subarray(from, end)));
    total += end - from;
    from = end;
  }
}

/** Reads until the buffer is full or the file ends; answers where it is filled to. */
function fill(file: number, buffer: Buffer, from: number): number {
  let at = from;
  while (at < buffer.length) {
    const read = readSync(file, buffer, at, buffer.length - at, null);
    if (read === 0) break;
    at += read;
  }
  return at;
}

function verify(pack: Uint8Array, name: string): string | undefined {
  const bytes = Buffer.from(pack.buffer, pack.byteOffset, pack.byteLength);
  if (hash('sha256', bytes, 'hex') !== name) return 'its bytes are not those of its name';
  const blobs = readHeader(key, bytes);
  if (blobs === undefined) return 'its header is damaged';
  for (const { id, offset, length, plainLength } of blobs) {
    const plaintext = openBlob(key, bytes.subarray(offset, offset + length), plainLength);
    if (plaintext === undefined || !hash('sha256', plaintext, 'buffer').equals(id))
      return `blob ${id.toString('hex', 0, 4)} is damaged`;
  }
  return undefined;
}

/** Counts what there is to do, so that progress can say how much is left. */
function scan({
  folders,
  exclude,
  leaveOut,
}: Extract<CrunchTask, { type: 'scan' }>): CrunchResult['scan'] {
  const isExcluded = compileExcludes(exclude, leaveOut);
  let files = 0;
  let bytes = 0;
  const open: Buffer[] = folders.map((folder) => Buffer.from(folder));
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    try {
      for (const entry of readdirSync(folder, { withFileTypes: true, encoding: 'buffer' })) {
        const path = joinBytes(folder, entry.name);
        if (isExcluded(path, entry.name)) continue;
        if (entry.isDirectory()) open.push(path);
        else if (entry.isFile()) {
          files += 1;
          bytes += lstatSync(path).size;
        }
      }
    } catch {
      // The walk itself will say what can't be read.
    }
  }
  return { files, bytes };
}
