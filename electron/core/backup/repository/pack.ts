import type { BlobType } from './blob-index.ts';
import { type Compress, createCompressor } from './compressor.ts';
import { byTheLongWay, type Decompress } from './decompressor.ts';
import { releaseChunk } from '../../memory.ts';
import { type MasterKey, seal, SEAL_BYTES, sealInto, unseal } from './sealing.ts';

/**
 * Packs: sealed blobs one after the other, then a sealed header that lists them, then the header's
 * length in four bytes (restic, doc/design.rst "Pack Format").
 */
export type PackedBlob = {
  readonly type: BlobType;
  readonly id: Buffer;
  readonly offset: number;
  /** Sealed, as it lies in the pack. */
  readonly length: number;
  /** Before compression; 0 if it was not compressed. */
  readonly plainLength: number;
};

/** restic's own default; a pack may grow beyond it by its last blob. */
export const PACK_BYTES = 16 * 1024 * 1024;
/** A blob never gets longer than the chunker's maximum; trees of huge folders may. */
const PLAIN_BYTES_MAX = 1024 * 1024 * 1024;

const PLAIN_ENTRY_BYTES = 37;
const COMPRESSED_ENTRY_BYTES = 41;
/** Type bytes: data, tree, data compressed, tree compressed. */
const types: readonly BlobType[] = ['data', 'tree'];

/** Room for the last blob and the header, so that a pack rarely has to move. */
const BUFFER_BYTES = PACK_BYTES + 2 * 1024 * 1024 + 256 * 1024;

export type PackBuilder = {
  readonly add: (type: BlobType, id: Buffer, plaintext: Uint8Array) => void;
  /** A blob as it lies in another pack of the same repository: nothing is sealed again. */
  readonly addSealed: (
    blob: Pick<PackedBlob, 'type' | 'id' | 'plainLength'>,
    sealed: Uint8Array,
  ) => void;
  readonly sizeBytes: () => number;
  /** The finished pack; the builder is empty again. */
  readonly finish: () => {
    readonly bytes: Uint8Array<ArrayBuffer>;
    readonly blobs: readonly PackedBlob[];
  };
};

/** Made by the first blob that is packed, for all packs of this thread: what it answers is used up before the next is asked. */
let compress: Compress | undefined;

export function createPackBuilder(
  key: MasterKey,
  /** Memory of a pack that has arrived, if there is some. */
  spare: () => Uint8Array<ArrayBuffer> | undefined = () => undefined,
): PackBuilder {
  let buffer = Buffer.alloc(0);
  let length = 0;
  let blobs: PackedBlob[] = [];

  function room(bytes: number): void {
    if (buffer.length - length >= bytes) return;
    const least = Math.max(length + bytes, BUFFER_BYTES);
    const used = length === 0 ? spare() : undefined;
    const isEnough = used !== undefined && used.buffer.byteLength >= least;
    // Not from the pool: the memory is handed over to another thread.
    const larger = isEnough ? Buffer.from(used.buffer) : Buffer.allocUnsafeSlow(least);
    buffer.copy(larger, 0, 0, length);
    buffer = larger;
  }

  return {
    add: (type, id, plaintext) => {
      compress ??= createCompressor();
      const squeezed = compress(plaintext);
      const isSmaller = squeezed.length < plaintext.length;
      const content = isSmaller ? squeezed : plaintext;
      room(content.length + SEAL_BYTES);
      const sealed = sealInto(buffer, length, { key, plaintext: content });
      const plainLength = isSmaller ? plaintext.length : 0;
      blobs.push({ type, id, offset: length, length: sealed, plainLength });
      length += sealed;
    },
    addSealed: ({ type, id, plainLength }, sealed) => {
      room(sealed.length);
      buffer.set(sealed, length);
      blobs.push({ type, id, offset: length, length: sealed.length, plainLength });
      length += sealed.length;
    },
    sizeBytes: () => length,
    finish: () => {
      const header = seal(key, encodeHeader(blobs));
      room(header.length + 4);
      header.copy(buffer, length);
      buffer.writeUInt32LE(header.length, length + header.length);
      const total = length + header.length + 4;
      const bytes = new Uint8Array(buffer.buffer as ArrayBuffer, 0, total);
      const finished = { bytes, blobs };
      buffer = Buffer.alloc(0);
      length = 0;
      blobs = [];
      return finished;
    },
  };
}

function encodeHeader(blobs: readonly PackedBlob[]): Buffer {
  return Buffer.concat(
    blobs.map(({ type, id, length, plainLength }) => {
      const kind = types.indexOf(type);
      const numbers = Buffer.alloc(plainLength === 0 ? 5 : 9);
      numbers.writeUInt8(plainLength === 0 ? kind : kind + 2, 0);
      numbers.writeUInt32LE(length, 1);
      if (plainLength > 0) numbers.writeUInt32LE(plainLength, 5);
      return Buffer.concat([numbers, id]);
    }),
  );
}

/** How many bytes at the end of a pack its header takes, with the number that says so; whatever they say. */
export function headerBytes(end: Buffer): number {
  return end.length < 4 ? 0 : end.readUInt32LE(end.length - 4) + 4;
}

/** The blobs a pack says it has, from its end with all of its header; `undefined` if it is damaged. */
export function readHeader(
  key: MasterKey,
  end: Buffer,
  packBytes = end.length,
): readonly PackedBlob[] | undefined {
  if (end.length < 4 + SEAL_BYTES) return undefined;
  const headerLength = headerBytes(end) - 4;
  const start = end.length - 4 - headerLength;
  if (start < 0 || headerLength <= SEAL_BYTES) return undefined;
  const header = unseal(key, end.subarray(start, end.length - 4));
  if (header === undefined) return undefined;
  const blobs: PackedBlob[] = [];
  let offset = 0;
  for (let at = 0; at < header.length; ) {
    const kind = header.readUInt8(at);
    const isCompressed = kind >= 2;
    const size = isCompressed ? COMPRESSED_ENTRY_BYTES : PLAIN_ENTRY_BYTES;
    const type = types[isCompressed ? kind - 2 : kind];
    if (type === undefined || at + size > header.length) return undefined;
    const length = header.readUInt32LE(at + 1);
    const plainLength = isCompressed ? header.readUInt32LE(at + 5) : 0;
    blobs.push({
      type,
      id: header.subarray(at + size - 32, at + size),
      offset,
      length,
      plainLength,
    });
    offset += length;
    at += size;
  }
  return offset === packBytes - 4 - headerLength ? blobs : undefined;
}

/** How long a pack with these blobs is. */
export function packLength(blobs: readonly Pick<PackedBlob, 'length' | 'plainLength'>[]): number {
  let bytes = 4 + SEAL_BYTES;
  for (const { length, plainLength } of blobs)
    bytes += length + (plainLength === 0 ? PLAIN_ENTRY_BYTES : COMPRESSED_ENTRY_BYTES);
  return bytes;
}

/** The plaintext of a sealed blob; `undefined` if it is damaged. Its hash is the caller's to check. */
export function openBlob(
  key: MasterKey,
  sealed: Uint8Array,
  plainLength: number,
  /** Of whoever opens many; what it answers is good until the next. */
  decompress: Decompress = byTheLongWay,
): Buffer | undefined {
  const content = unseal(key, sealed);
  if (content === undefined || plainLength === 0) return content;
  if (plainLength > PLAIN_BYTES_MAX) return undefined;
  const plaintext = decompress(content, plainLength);
  releaseChunk(content);
  return plaintext && Buffer.from(plaintext.buffer, plaintext.byteOffset, plaintext.byteLength);
}
