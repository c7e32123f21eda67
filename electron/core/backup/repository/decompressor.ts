import { constants, createZstdDecompress, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Inside } from './zstd-handle.ts';

/**
 * Opens many compressed blobs one after the other; `undefined`: it is damaged, or not as long as it should be. The answer
 * is good until the next call.
 */
export type Decompress = (content: Uint8Array, plainLength: number) => Uint8Array | undefined;

/** The longest chunk of restic; longer ones (trees of huge folders) are opened by the long way. */
const SHORT_BYTES_MAX = 8 * 1024 * 1024;
/** Room beyond the end: whoever fills it all has more to say. */
const SPARE_BYTES = 64;

/** As `compressor.ts` keeps its compressor, and for the same reasons; where that does not work, the documented function serves. */
export function createDecompressor(): Decompress {
  let kept = keptDecompressor();
  if (kept === undefined || !isGood(kept)) return byTheLongWay;
  return (content, plainLength) => {
    const plaintext = kept?.(content, plainLength);
    if (plaintext !== undefined) return plaintext;
    // What it could not open may have left it in the middle of something.
    kept = keptDecompressor();
    return byTheLongWay(content, plainLength);
  };
}

export function byTheLongWay(content: Uint8Array, plainLength: number): Uint8Array | undefined {
  try {
    const chunkSize = Math.max(SPARE_BYTES, plainLength + SPARE_BYTES);
    const plaintext = zstdDecompressSync(content, { maxOutputLength: plainLength, chunkSize });
    return plaintext.length === plainLength ? plaintext : undefined;
  } catch {
    return undefined;
  }
}

function keptDecompressor(): Decompress | undefined {
  const stream = createZstdDecompress();
  // It destroys itself then; the caller goes the long way.
  stream.on('error', () => undefined);
  const { _writeState: state } = stream as Inside;
  let target = Buffer.alloc(0);
  const handle = () => (stream as Inside)._handle;
  if (typeof handle()?.writeSync !== 'function') return undefined;
  if (!(state instanceof Uint32Array)) return undefined;
  return (content, plainLength) => {
    if (plainLength > SHORT_BYTES_MAX) return undefined;
    if (target.length < plainLength + SPARE_BYTES)
      target = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(plainLength + SPARE_BYTES)));
    const room = plainLength + SPARE_BYTES;
    // A whole frame leaves it as it was; a reset would make a new context for every blob.
    handle()?.writeSync(constants.ZSTD_e_end, content, 0, content.length, target, 0, room);
    const [roomLeft = 0, unread = 1] = state;
    const isWhole = !stream.destroyed && unread === 0 && roomLeft === SPARE_BYTES;
    return isWhole ? target.subarray(0, plainLength) : undefined;
  };
}

/** Tried out on two blobs, because the second shows whether it begins anew. */
function isGood(decompress: Decompress): boolean {
  try {
    const texts = ['a'.repeat(5000), 'what follows must not need what came before'];
    return texts.every((text) => {
      const plaintext = decompress(zstdCompressSync(Buffer.from(text)), text.length);
      return plaintext !== undefined && Buffer.from(plaintext).toString() === text;
    });
  } catch {
    return false;
  }
}
