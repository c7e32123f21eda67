import type { Writable } from 'node:stream';

/** What goes into an archive, whichever kind it is. */
export type ArchiveEntry = {
  readonly kind: 'file' | 'folder' | 'link' | 'twin';
  /** With slashes, relative; bytes, as names are. */
  readonly path: Buffer;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Nanoseconds since 1970. */
  readonly mtimeNs: bigint;
  /** Of a file. */
  readonly sizeBytes: number;
  /** Where a link points to; for a twin the path in the archive of the file that it is. */
  readonly target: Buffer | undefined;
};

/** Writes entries one after the other. A file's contents follow its `begin` by `write`, as many bytes as it said. */
export type ArchiveWriter = {
  readonly begin: (entry: ArchiveEntry) => Promise<void>;
  readonly write: (bytes: Uint8Array) => Promise<void>;
  readonly finish: () => Promise<void>;
};

/** Takes bytes on their way to the disk; resolves when more may come. */
export type ByteSink = (bytes: Uint8Array) => Promise<void>;

/** There is room again, or it was called off. Nothing here stays with what lasts as long as its file: of a large one there are many. */
export function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const onEnd = () => {
      stream.off('drain', onEnd).off('close', onEnd);
      resolve();
    };
    if (stream.closed) resolve();
    else stream.on('drain', onEnd).on('close', onEnd);
  });
}
