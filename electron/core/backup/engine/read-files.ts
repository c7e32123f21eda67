import { hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { type BytePath, onDisk } from './byte-paths.ts';
import { CHUNK_BYTES_MAX, CHUNK_BYTES_MIN, cutAfter, type GearTable } from './chunker.ts';
import { systemCode } from './file-faults.ts';
import { type FilesRead, READ_STATES } from './messages.ts';

/**
 * Reads files, cuts them into chunks and hands over those that nobody has yet. Everything is read into one stretch of
 * memory per task, and chunks are looked at where they lie: nothing is copied but what is packed.
 */
export type ReadFiles = (paths: readonly BytePath[]) => Promise<FilesRead>;

/** Room for a chunk of the greatest length beside what waits for word whether it is known. */
const STRETCH_BYTES = 2 * CHUNK_BYTES_MAX;
/** So much more than it had at first is read of a file that grows; a log's new lines fit in there. */
export const GROWTH_BYTES_MAX = 8 * 1024 * 1024;
const ID_BYTES = 32;

/** Something else may have taken a file's place since it was listed: follow no link, wait for no pipe. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

type Chunk = { readonly id: Buffer; readonly from: number; readonly length: number };
type OneRead = {
  readonly state: number;
  readonly ids: readonly Buffer[];
  readonly sizeBytes: number;
  readonly fault: string;
};

export function createReadFiles({
  gear,
  ask,
  pack,
}: {
  readonly gear: GearTable;
  /** Which of these ids (32 bytes each) are to be packed: a byte 1 for each that is. */
  readonly ask: (ids: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;
  readonly pack: (id: Buffer, plaintext: Uint8Array) => void;
}): ReadFiles {
  /** Stretches of tasks that have ended. */
  const spare: Buffer[] = [];
  /** Worked out for the first large file; most threads read none. */
  let zeroes: ReturnType<typeof createZeroes> | undefined;

  return async (paths) => {
    const stretch = spare.pop() ?? Buffer.allocUnsafeSlow(STRETCH_BYTES);
    let waiting: Chunk[] = [];
    /** Where the stretch is filled to. */
    let end = 0;

    /** Packs what waits, and makes room: what lies from `keep` on goes on at the beginning. */
    async function settle(keep = end): Promise<void> {
      const chunks = waiting;
      waiting = [];
      if (chunks.length > 0) {
        const ids = Buffer.allocUnsafeSlow(chunks.length * ID_BYTES);
        for (const [at, { id }] of chunks.entries()) id.copy(ids, at * ID_BYTES);
        const wanted = await ask(ids);
        for (const [at, { id, from, length }] of chunks.entries())
          if (wanted[at] === 1) pack(id, stretch.subarray(from, from + length));
      }
      stretch.copyWithin(0, keep, end);
      end -= keep;
    }

    function take(from: number, to: number): Buffer {
      const id = hash('sha256', stretch.subarray(from, to), 'buffer');
      waiting.push({ id, from, length: to - from });
      return id;
    }

    /** One chunk, or none; what was added meanwhile is left for the next backup. */
    async function readSmall(file: number, bytes: number, ids: Buffer[]): Promise<number> {
      if (bytes === 0) return 0;
      if (end + bytes > stretch.length) await settle();
      const from = end;
      end = fill(file, stretch, from, from + bytes);
      if (end > from) ids.push(take(from, end));
      return end - from;
    }

    async function readLarge(file: number, bytesMax: number, ids: Buffer[]): Promise<number> {
      let from = end;
      let total = 0;
      let isEnd = false;
      for (;;) {
        if (!isEnd && end - from < CHUNK_BYTES_MAX) {
          if (stretch.length - from < CHUNK_BYTES_MAX) {
            await settle(from);
            from = 0;
          }
          const wanted = Math.min(stretch.length, from + bytesMax - total);
          end = fill(file, stretch, end, wanted);
          isEnd = end < stretch.length;
        }
        if (from === end) return total;
        zeroes ??= createZeroes(gear);
        const hole = zeroes.at(stretch, from, end);
        if (hole === undefined) {
          const cut = cutAfter(stretch, gear, { from, to: end });
          ids.push(take(from, cut));
          total += cut - from;
          from = cut;
          continue;
        }
        // Every one but the first is known by now.
        if (!waiting.some(({ id }) => id === hole.id))
          waiting.push({ id: hole.id, from, length: hole.length });
        ids.push(hole.id);
        total += hole.length;
        from += hole.length;
      }
    }

    async function readOne(path: BytePath): Promise<OneRead> {
      let file: number | undefined;
      try {
        file = openSync(onDisk(path), READ_FLAGS);
        const before = fstatSync(file);
        if (!before.isFile()) return lost(READ_STATES.vanished, '');
        const ids: Buffer[] = [];
        const bytesMax = before.size + GROWTH_BYTES_MAX;
        const sizeBytes =
          before.size <= CHUNK_BYTES_MIN
            ? await readSmall(file, before.size, ids)
            : await readLarge(file, bytesMax, ids);
        const after = fstatSync(file);
        const isSame = sizeBytes === before.size && after.mtimeMs === before.mtimeMs;
        const grows = sizeBytes === bytesMax && after.size > bytesMax;
        const state = grows ? READ_STATES.grows : isSame ? READ_STATES.whole : READ_STATES.changed;
        return { state, ids, sizeBytes, fault: '' };
      } catch (error) {
        return lost(READ_STATES.failed, systemCode(error));
      } finally {
        if (file !== undefined) closeSync(file);
      }
    }

    const all: OneRead[] = [];
    for (const path of paths) all.push(await readOne(path));
    await settle();
    spare.push(stretch);
    return gather(all);
  };
}

function lost(state: number, fault: string): OneRead {
  return { state, ids: [], sizeBytes: 0, fault };
}

/** Flat, because a message of hundreds of small objects costs more than reading the files. */
function gather(all: readonly OneRead[]): FilesRead {
  const chunks = all.reduce((sum, { ids }) => sum + ids.length, 0);
  const result = {
    ids: Buffer.allocUnsafeSlow(chunks * ID_BYTES),
    counts: new Uint32Array(all.length),
    sizes: new Float64Array(all.length),
    states: new Uint8Array(all.length),
    faults: new Map<number, string>(),
  };
  let at = 0;
  for (const [index, { state, ids, sizeBytes, fault }] of all.entries()) {
    for (const id of ids) at += id.copy(result.ids, at);
    result.counts[index] = ids.length;
    result.sizes[index] = sizeBytes;
    result.states[index] = state;
    if (fault !== '') result.faults.set(index, fault);
  }
  return result;
}

/** Reads until there or until the file ends; answers how far. */
function fill(file: number, buffer: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to) {
    const read = readSync(file, buffer, at, to - at, null);
    if (read === 0) break;
    at += read;
  }
  return at;
}

/**
 * Holes: the system reads them as zeroes at once, but hashing and cutting gigabytes of them would take as long as
 * data. All their chunks are one, whose cut and id are worked out once.
 */
function createZeroes(gear: GearTable): {
  readonly at: (
    bytes: Buffer,
    from: number,
    to: number,
  ) => { readonly id: Buffer; readonly length: number } | undefined;
} {
  const zeroes = Buffer.alloc(CHUNK_BYTES_MAX);
  const length = cutAfter(zeroes, gear, { from: 0, to: zeroes.length });
  let id: Buffer | undefined;
  return {
    at: (bytes, from, to) => {
      const end = from + length;
      if (end > to || bytes[from] !== 0 || bytes[end - 1] !== 0) return undefined;
      if (zeroes.compare(bytes, from, end, 0, length) !== 0) return undefined;
      id ??= hash('sha256', zeroes.subarray(0, length), 'buffer');
      return { id, length };
    },
  };
}
