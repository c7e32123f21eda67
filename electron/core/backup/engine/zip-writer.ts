import { crc32, createDeflateRaw, type DeflateRaw } from 'node:zlib';
import { type ArchiveEntry, type ArchiveWriter, type ByteSink, drained } from './archive-entry.ts';

/**
 * ZIP (PKWARE's APPNOTE 6.3.9), with zip64 throughout, so that nothing depends on how large it gets: sizes follow the
 * contents in a descriptor, names are UTF-8, rights and links stand as Unix has them.
 */
const VERSION = 45;
const MADE_BY_UNIX = 3 << 8;
/** A descriptor follows; the name is UTF-8. */
const FLAGS = 0x0808;
const STORED = 0;
const DEFLATED = 8;
const LINK_MODE = 0o120_000;
const FOLDER_MODE = 0o040_000;
const FILE_MODE = 0o100_000;
const FULL = 0xffff_ffff;

type Listed = {
  readonly entry: ArchiveEntry;
  readonly name: Buffer;
  readonly method: number;
  readonly at: bigint;
  crc: number;
  plainBytes: bigint;
  packedBytes: bigint;
};

/** A zip has sixteen bits for the length of a path; a tar has room for any. */
export function fitsZip(path: Buffer): boolean {
  return Buffer.byteLength(path.toString('utf8')) + '/'.length <= NAME_BYTES_MAX;
}

const NAME_BYTES_MAX = 0xffff;

export function createZipWriter(sink: ByteSink): ArchiveWriter {
  const listed: Listed[] = [];
  let at = 0n;
  let open: Listed | undefined;
  let deflate: DeflateRaw | undefined;
  let passing: Promise<void> = Promise.resolve();

  async function send(bytes: Uint8Array): Promise<void> {
    at += BigInt(bytes.length);
    await sink(bytes);
  }

  async function put(file: Listed, bytes: Uint8Array): Promise<void> {
    file.crc = crc32(bytes, file.crc);
    file.plainBytes += BigInt(bytes.length);
    if (deflate === undefined) {
      file.packedBytes += BigInt(bytes.length);
      await send(bytes);
    } else if (!deflate.write(bytes)) {
      await drained(deflate);
      if (deflate.destroyed) await passing;
    }
  }

  async function passOn(file: Listed, stream: DeflateRaw): Promise<void> {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      file.packedBytes += BigInt(chunk.length);
      await send(chunk);
    }
  }

  async function endFile(): Promise<void> {
    if (open === undefined) return;
    deflate?.end();
    await passing;
    deflate = undefined;
    await send(descriptor(open));
    open = undefined;
  }

  return {
    begin: async (entry) => {
      await endFile();
      const name = Buffer.from(
        `${entry.path.toString('utf8')}${entry.kind === 'folder' ? '/' : ''}`,
      );
      const method = entry.kind === 'file' && entry.sizeBytes > 0 ? DEFLATED : STORED;
      const file = { entry, name, method, at, crc: 0, plainBytes: 0n, packedBytes: 0n };
      listed.push(file);
      open = file;
      await send(localHeader(file));
      if (method === DEFLATED) {
        deflate = createDeflateRaw({ level: 1 });
        // What went wrong is told by what passes it on: of a disk that is full this knows only that it was called off.
        deflate.on('error', () => undefined);
        passing = passOn(file, deflate);
        // Awaited at the file's end.
        passing.catch((error: Error) => deflate?.destroy(error));
      } else if (entry.kind === 'link' && entry.target !== undefined) await put(file, entry.target);
    },
    write: async (bytes) => {
      if (open !== undefined) await put(open, bytes);
    },
    finish: async () => {
      await endFile();
      const start = at;
      for (const file of listed) await send(directoryEntry(file));
      await send(directoryEnd({ entries: BigInt(listed.length), start, bytes: at - start }));
    },
  };
}

/** Zip64's own field: both sizes, and in the directory where the entry begins. */
function zip64(values: readonly bigint[]): Buffer {
  const field = Buffer.alloc(4 + 8 * values.length);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(8 * values.length, 2);
  for (const [index, value] of values.entries()) field.writeBigUInt64LE(value, 4 + 8 * index);
  return field;
}

/** Info-ZIP's extended timestamp: seconds since 1970, while they fit. */
function timeField({ mtimeNs }: ArchiveEntry): Buffer {
  const s = mtimeNs / 1_000_000_000n;
  if (s < -(2n ** 31n) || s >= 2n ** 31n) return Buffer.alloc(0);
  const field = Buffer.alloc(9);
  field.writeUInt16LE(0x5455, 0);
  field.writeUInt16LE(5, 2);
  field.writeUInt8(1, 4);
  field.writeInt32LE(Number(s), 5);
  return field;
}

/** Of old: local time, from 1980 on, in steps of two seconds; UTC stands in here. */
function dosTime({ mtimeNs }: ArchiveEntry): number {
  const date = new Date(Number(mtimeNs / 1_000_000n));
  const year = date.getUTCFullYear();
  if (Number.isNaN(year) || year < 1980) return (1 << 21) | (1 << 16);
  if (year > 2107) return ((127 << 25) | (12 << 21) | (31 << 16)) >>> 0;
  const day = ((year - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate();
  const time =
    (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1);
  return ((day << 16) | time) >>> 0;
}

function localHeader({ entry, name, method }: Listed): Buffer {
  const extra = Buffer.concat([zip64([0n, 0n]), timeField(entry)]);
  const fixed = Buffer.alloc(30);
  fixed.writeUInt32LE(0x0403_4b50, 0);
  fixed.writeUInt16LE(VERSION, 4);
  fixed.writeUInt16LE(FLAGS, 6);
  fixed.writeUInt16LE(method, 8);
  fixed.writeUInt32LE(dosTime(entry), 10);
  fixed.writeUInt32LE(FULL, 18);
  fixed.writeUInt32LE(FULL, 22);
  fixed.writeUInt16LE(name.length, 26);
  fixed.writeUInt16LE(extra.length, 28);
  return Buffer.concat([fixed, name, extra]);
}

function descriptor({ crc, packedBytes, plainBytes }: Listed): Buffer {
  const block = Buffer.alloc(24);
  block.writeUInt32LE(0x0807_4b50, 0);
  block.writeUInt32LE(crc, 4);
  block.writeBigUInt64LE(packedBytes, 8);
  block.writeBigUInt64LE(plainBytes, 16);
  return block;
}

function directoryEntry(file: Listed): Buffer {
  const { entry, name, method, crc } = file;
  const extra = Buffer.concat([
    zip64([file.plainBytes, file.packedBytes, file.at]),
    timeField(entry),
  ]);
  const kind =
    entry.kind === 'link' ? LINK_MODE : entry.kind === 'folder' ? FOLDER_MODE : FILE_MODE;
  const fixed = Buffer.alloc(46);
  fixed.writeUInt32LE(0x0201_4b50, 0);
  fixed.writeUInt16LE(MADE_BY_UNIX | VERSION, 4);
  fixed.writeUInt16LE(VERSION, 6);
  fixed.writeUInt16LE(FLAGS, 8);
  fixed.writeUInt16LE(method, 10);
  fixed.writeUInt32LE(dosTime(entry), 12);
  fixed.writeUInt32LE(crc, 16);
  fixed.writeUInt32LE(FULL, 20);
  fixed.writeUInt32LE(FULL, 24);
  fixed.writeUInt16LE(name.length, 28);
  fixed.writeUInt16LE(extra.length, 30);
  // The low byte is what DOS knew: 16 is a folder.
  const mode = ((kind | (entry.mode & 0o7777)) * 0x1_0000) >>> 0;
  fixed.writeUInt32LE((mode | (entry.kind === 'folder' ? 16 : 0)) >>> 0, 38);
  fixed.writeUInt32LE(FULL, 42);
  return Buffer.concat([fixed, name, extra]);
}

function directoryEnd({
  entries,
  start,
  bytes,
}: {
  readonly entries: bigint;
  readonly start: bigint;
  readonly bytes: bigint;
}): Buffer {
  const end64 = Buffer.alloc(56);
  end64.writeUInt32LE(0x0606_4b50, 0);
  end64.writeBigUInt64LE(44n, 4);
  end64.writeUInt16LE(MADE_BY_UNIX | VERSION, 12);
  end64.writeUInt16LE(VERSION, 14);
  end64.writeBigUInt64LE(entries, 24);
  end64.writeBigUInt64LE(entries, 32);
  end64.writeBigUInt64LE(bytes, 40);
  end64.writeBigUInt64LE(start, 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x0706_4b50, 0);
  locator.writeBigUInt64LE(start + bytes, 8);
  locator.writeUInt32LE(1, 16);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x0605_4b50, 0);
  end.writeUInt16LE(0xffff, 8);
  end.writeUInt16LE(0xffff, 10);
  end.writeUInt32LE(FULL, 12);
  end.writeUInt32LE(FULL, 16);
  return Buffer.concat([end64, locator, end]);
}
