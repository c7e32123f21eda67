/** Below this the collector is quicker. */
const WORTH_BYTES = 32 * 1024;

/**
 * Gives large memory back at once. The collector sees only the small object in front of megabytes that
 * lie outside its heap, so it comes late, and a backup would take half a gigabyte where 100 MB do.
 * Nobody may use `bytes` afterwards.
 */
export function release(bytes: Uint8Array): void {
  const { buffer } = bytes;
  const isWhole = bytes.byteLength === buffer.byteLength && buffer.byteLength >= WORTH_BYTES;
  if (isWhole && buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0);
}
