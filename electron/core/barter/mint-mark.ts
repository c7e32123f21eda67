import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

/**
 * A mint's book that was restored from an older copy does not know what was spent since, and would take it again.
 * So a mark lies beside the book, in a file of its own: before anything is issued or taken in, the book's next
 * count is written there. A book that is behind its mark is an older one.
 */
export type MintMark = {
  /** Undefined: there is none, or it can't be read. */
  readonly read: () => Mark | undefined;
  readonly write: (mark: Mark) => void;
};

export type Mark = {
  /** The book's count that was surely on the disk. */
  readonly sure: number;
  /** The count that may have come to the disk, or was lost with a crash. */
  readonly tried: number;
};

const mark = z.object({ sure: z.int().min(0), tried: z.int().min(0) });

/** Whether a book with this count can be the one that the mark was written for. */
export function fitsMark(count: number, found: Mark | undefined): boolean {
  if (found === undefined) return count === 0;
  return count >= found.sure && count <= found.tried;
}

/** Synchronous, because it is written inside the transaction that it is the mark of, in the thread of the books. */
export function fileMintMark(file: string): MintMark {
  return {
    read: () => {
      try {
        return mark.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data;
      } catch {
        return undefined;
      }
    },
    write: (next) => {
      const temporary = `${file}.new`;
      const handle = openSync(temporary, 'w', 0o600);
      try {
        writeSync(handle, JSON.stringify(next));
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
      renameSync(temporary, file);
      if (process.platform === 'win32') return;
      const folder = openSync(dirname(file), 'r');
      try {
        fsyncSync(folder);
      } finally {
        closeSync(folder);
      }
    },
  };
}
