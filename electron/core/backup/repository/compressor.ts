import { constants, createZstdCompress, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Inside } from './zstd-handle.ts';

/**
 * Compresses many blobs one after the other. The answer is good until the next call; it may be longer than what was
 * given.
 */
export type Compress = (plaintext: Uint8Array) => Uint8Array;

/** zstd's fastest: friends' lines are slower than any level. */
const PARAMS = { [constants.ZSTD_c_compressionLevel]: 1 };
/** The longest chunk and a little: longer ones (trees of huge folders) are compressed by the long way. */
const SHORT_BYTES_MAX = 2 * 1024 * 1024;

/**
 * Node's own function makes a compressor with a megabyte of tables for every call, and puts the answer together out
 * of 16 KiB pieces; for a home's small files that costs as much as the compressing. So one compressor is kept, by the
 * inner handle of Node's stream, which is no documented interface: if it is not there any more, or does not do what
 * it should, the documented function serves.
 */
export function createCompressor(): Compress {
  const kept = keptCompressor();
  return kept !== undefined && isGood(kept) ? kept : byTheLongWay;
}

function byTheLongWay(plaintext: Uint8Array): Uint8Array {
  return zstdCompressSync(plaintext, { params: PARAMS, chunkSize: plaintext.length + 1024 });
}

function keptCompressor(): Compress | undefined {
  const stream = createZstdCompress({ params: PARAMS });
  const { _handle: handle, _writeState: state } = stream as Inside;
  if (typeof handle?.writeSync !== 'function' || typeof handle.reset !== 'function')
    return undefined;
  if (!(state instanceof Uint32Array)) return undefined;
  // ZSTD_compressBound: what does not get smaller grows by less than this.
  const target = Buffer.allocUnsafeSlow(SHORT_BYTES_MAX + SHORT_BYTES_MAX / 256 + 64 * 1024);
  return (plaintext) => {
    if (plaintext.length > SHORT_BYTES_MAX) return byTheLongWay(plaintext);
    handle.reset();
    handle.writeSync(
      constants.ZSTD_e_end,
      plaintext,
      0,
      plaintext.length,
      target,
      0,
      target.length,
    );
    // What was left of both buffers.
    const [roomLeft = 0, unread = 1] = state;
    return unread === 0 ? target.subarray(0, target.length - roomLeft) : byTheLongWay(plaintext);
  };
}

/** Tried out on two blobs, because the second shows whether it begins anew. */
function isGood(compress: Compress): boolean {
  try {
    return ['a'.repeat(5000), 'what follows must not need what came before'].every((text) => {
      const frame = Buffer.from(compress(Buffer.from(text)));
      return zstdDecompressSync(frame).toString() === text;
    });
  } catch {
    return false;
  }
}
