import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { jsonOf } from '../../../shared/wire/json.ts';

/**
 * A mint's book that was restored from an older copy does not know what was spent since, and would take it again; an
 * account book does not know who was dropped since, and what was promised. So a mark lies beside the book, in a file of
 * its own: before anything of that kind is done, the book's next count is written there. A book that is behind its
 * mark is an older one.
 */
export type BookMark = {
  /** Undefined: there is none, or it says nothing. Throws where the disk does not give it: that says nothing about the book. */
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

/** A book that counts, with its mark. Everything but `confirm` runs inside the transaction that it is about. */
export type Marked = {
  /** The book is another one than the mark was written for. */
  readonly isOlder: () => boolean;
  /** From here on it counts for this one. Taken back with its transaction, the book is behind its mark again. */
  readonly begin: () => void;
  /** Before anything is done that only this book will know. */
  readonly step: () => void;
  /** So many are surely on the disk. */
  readonly confirm: (count: number) => void;
};

/** `ahead`: how many steps the mark allows for at once, where each is too many to be written down by itself. */
export function markedBook({
  mark: file,
  read,
  write,
  ahead = 0,
}: {
  readonly mark: BookMark;
  readonly read: () => number;
  readonly write: (count: number) => void;
  readonly ahead?: number;
}): Marked {
  const found = file.read();
  let present: Mark | undefined = found ?? (read() === 0 ? { sure: 0, tried: 0 } : undefined);

  function set(next: Mark): void {
    // Only what lies there counts: a mark that a full disk did not take is written with the next step.
    file.write(next);
    present = next;
  }

  return {
    isOlder: () => !fitsMark(read(), present),
    begin: () => {
      // Above everything that either of them has counted.
      const count = Math.max(read(), present?.tried ?? 0) + 1;
      set({ sure: count, tried: count });
      write(count);
    },
    step: () => {
      const count = read() + 1;
      if (count > (present?.tried ?? 0)) set({ sure: present?.sure ?? 0, tried: count + ahead });
      write(count);
    },
    confirm: (count) => {
      if (present === undefined || count <= present.sure) return;
      set({ sure: count, tried: Math.max(present.tried, count) });
    },
  };
}

/** Whether a book with this count can be the one that the mark was written for. */
function fitsMark(count: number, found: Mark | undefined): boolean {
  if (found === undefined) return count === 0;
  return count >= found.sure && count <= found.tried;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** Synchronous, because it is written inside the transaction that it is the mark of, in the thread of the books. */
export function fileMark(file: string): BookMark {
  return {
    read: () => mark.safeParse(jsonOf(textOf(file))).data,
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
