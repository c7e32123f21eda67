import type { Crunchers } from './crunchers.ts';
import type { FileRead, FileToRead } from './messages.ts';

/** Small files travel to the crunching threads in company: one message for hundreds of them. */
export type Batcher = {
  readonly add: (file: FileToRead) => Promise<FileRead>;
  /** Resolves when there are not too many batches under way. */
  readonly room: () => Promise<void>;
  /** Sends what is left; resolves when every file has been read. */
  readonly finish: () => Promise<void>;
};

const BATCH_FILES = 128;
const BATCH_BYTES = 8 * 1024 * 1024;
/** Two per thread are worked on; the others wait so that no thread runs dry. */
const BATCHES_MAX = 8;

type Waiting = {
  readonly file: FileToRead;
  readonly resolve: (result: FileRead) => void;
  readonly reject: (error: unknown) => void;
};

export function createBatcher(crunchers: Crunchers): Batcher {
  const underWay = new Set<Promise<void>>();
  let batch: Waiting[] = [];
  let bytes = 0;

  function send(): void {
    const files = batch;
    batch = [];
    bytes = 0;
    if (files.length === 0) return;
    const sending = crunchers
      .run({ type: 'read', files: files.map(({ file }) => file) })
      .then(
        (results) => {
          for (const [index, { resolve, reject }] of files.entries()) {
            const result = results[index];
            if (result === undefined) reject(new Error('a file was read without a result'));
            else resolve(result);
          }
        },
        (error: unknown) => {
          for (const { reject } of files) reject(error);
        },
      )
      .finally(() => underWay.delete(sending));
    underWay.add(sending);
  }

  return {
    add: (file) => {
      const read = new Promise<FileRead>((resolve, reject) => {
        batch.push({ file, resolve, reject });
      });
      // Whoever asked awaits it later, perhaps after it was rejected.
      read.catch(() => undefined);
      bytes += file.sizeBytes;
      if (batch.length >= BATCH_FILES || bytes >= BATCH_BYTES) send();
      return read;
    },
    room: async () => {
      while (underWay.size >= BATCHES_MAX) await Promise.race(underWay);
    },
    finish: async () => {
      send();
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
