import type { BytePath } from './byte-paths.ts';
import type { Crunchers } from './crunchers.ts';
import type { FilesRead } from './messages.ts';

/** Small files travel to the crunching threads in company: one message for hundreds of them. */
export type Batcher = {
  readonly add: (file: FileToRead) => void;
  readonly isFull: () => boolean;
  /** Resolves when there are not too many batches under way; rejects if reading broke. */
  readonly room: () => Promise<void>;
  /** Sends what is left; resolves when every file has been read. */
  readonly finish: () => Promise<void>;
};

export type FileToRead = {
  readonly path: BytePath;
  readonly sizeBytes: number;
  readonly onRead: (read: FileRead) => void;
};

export type FileRead = {
  /** One of `READ_STATES`. */
  readonly state: number;
  readonly content: readonly string[];
  readonly sizeBytes: number;
  /** The system's word, if it failed. */
  readonly fault: string;
};

const BATCH_FILES = 128;
const BATCH_BYTES = 8 * 1024 * 1024;
/** Two per thread are worked on; the others wait so that no thread runs dry. */
const BATCHES_MAX = 8;

export function createBatcher(crunchers: Pick<Crunchers, 'run'>): Batcher {
  const underWay = new Set<Promise<void>>();
  let broken: { readonly error: unknown } | undefined;
  let batch: FileToRead[] = [];
  let bytes = 0;

  function send(): void {
    const files = batch;
    batch = [];
    bytes = 0;
    if (files.length === 0) return;
    const sending = crunchers
      .run({ type: 'read', paths: files.map(({ path }) => path).join('\0') })
      .then((read) => tellAll(files, read))
      .catch((error: unknown) => {
        broken ??= { error };
      })
      .finally(() => underWay.delete(sending));
    underWay.add(sending);
  }

  function checkBroken(): void {
    if (broken !== undefined) throw broken.error;
  }

  const isFull = () => underWay.size >= BATCHES_MAX;
  return {
    add: (file) => {
      batch.push(file);
      bytes += file.sizeBytes;
      if (batch.length >= BATCH_FILES || bytes >= BATCH_BYTES) send();
    },
    isFull,
    room: async () => {
      while (isFull()) await Promise.race(underWay);
      checkBroken();
    },
    finish: async () => {
      send();
      while (underWay.size > 0) await Promise.all(underWay);
      checkBroken();
    },
  };
}

function tellAll(files: readonly FileToRead[], read: FilesRead): void {
  const ids = Buffer.from(read.ids.buffer, read.ids.byteOffset, read.ids.byteLength);
  let at = 0;
  for (const [index, { onRead }] of files.entries()) {
    const content: string[] = [];
    for (let chunk = read.counts[index] ?? 0; chunk > 0; chunk -= 1) {
      content.push(ids.toString('hex', at, at + 32));
      at += 32;
    }
    onRead({
      state: read.states[index] ?? 0,
      content,
      sizeBytes: read.sizes[index] ?? 0,
      fault: read.faults.get(index) ?? '',
    });
  }
}
