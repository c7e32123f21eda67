/** Below this the collector is quicker. */
const WORTH_BYTES = 32 * 1024;
/** Pools are smaller than what is worth it, so nothing of one reaches that near to its end. */
const SPARE_BYTES = 64;

/**
 * Gives large memory back at once. The collector sees only the small object in front of megabytes that
 * lie outside its heap, so it comes late, and a backup would take half a gigabyte where 100 MB do.
 * Nobody may use `bytes` afterwards.
 */
export function release(bytes: Uint8Array): void {
  // A smaller view may be of a pool that others share; a few bytes of spare room make no pool.
  if (bytes.byteLength + SPARE_BYTES >= bytes.buffer.byteLength) releaseAll(bytes);
}

/** The same for a view of memory that is known to be nobody else's: what another thread handed over. */
export function releaseAll({ buffer }: Uint8Array): void {
  const isWorthIt = buffer.byteLength >= WORTH_BYTES;
  if (isWorthIt && buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0);
}
