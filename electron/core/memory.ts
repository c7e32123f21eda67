/** Below this the collector is quicker. */
const WORTH_BYTES = 32 * 1024;
/** Of what comes one after the other all day, smaller ones too: a TLS record has 16 KiB. */
const CHUNK_BYTES = 4 * 1024;
/** Pools are smaller than what is worth it, so nothing of one reaches that near to its end. */
const SPARE_BYTES = 64;

/**
 * Gives large memory back at once. The collector sees only the small object in front of megabytes that
 * lie outside its heap, so it comes late, and a backup would take half a gigabyte where 100 MB do.
 * Nobody may use `bytes` afterwards.
 */
export function release(bytes: Uint8Array): void {
  if (isAlone(bytes)) releaseAll(bytes);
}

/**
 * The same for what a connection or a file has brought. Every 64 MB of it would otherwise have the collector look through
 * the whole program.
 */
export function releaseChunk(bytes: Uint8Array): void {
  if (isAlone(bytes)) give(bytes.buffer, CHUNK_BYTES);
}

/** A smaller view may be of a pool that others share; a few bytes of spare room make no pool. */
function isAlone({ byteLength, buffer }: Uint8Array): boolean {
  return byteLength + SPARE_BYTES >= buffer.byteLength;
}

/** The same for a view of memory that is known to be nobody else's: what another thread handed over. */
export function releaseAll({ buffer }: Uint8Array): void {
  give(buffer, WORTH_BYTES);
}

function give(buffer: ArrayBufferLike, least: number): void {
  const isWorthIt = buffer.byteLength >= least;
  if (isWorthIt && buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0);
}
