import { SEAL_BYTES } from '../repository/sealing.ts';
import type { BlobPlace } from '../repository/blob-index.ts';

/** Blobs that lie near each other in a pack are fetched with one request. */
export type Stretch<B> = {
  readonly offset: number;
  readonly length: number;
  readonly blobs: readonly B[];
};

/** Fetching what lies between two wanted blobs costs less than another request. */
const GAP_BYTES_MAX = 512 * 1024;
/** What is under way at the same time lies in memory, and above 64 MB of it the collector begins to look every time. */
const STRETCH_BYTES_MAX = 8 * 1024 * 1024;

export function stretchesOf<B extends { readonly offset: number; readonly length: number }>(
  blobs: Iterable<B>,
): readonly Stretch<B>[] {
  const sorted = [...blobs].sort((one, other) => one.offset - other.offset);
  const stretches: { readonly offset: number; length: number; readonly blobs: B[] }[] = [];
  for (const blob of sorted) {
    const last = stretches.at(-1);
    const end = last === undefined ? 0 : last.offset + last.length;
    const reach = blob.offset + blob.length;
    const isNear =
      last !== undefined &&
      blob.offset - end <= GAP_BYTES_MAX &&
      reach - last.offset <= STRETCH_BYTES_MAX;
    if (isNear) {
      last.length = Math.max(last.length, reach - last.offset);
      last.blobs.push(blob);
    } else stretches.push({ offset: blob.offset, length: blob.length, blobs: [blob] });
  }
  return stretches;
}

/** How long a blob is once it is opened. */
export function plainLengthOf({
  length,
  plainLength,
}: Pick<BlobPlace, 'length' | 'plainLength'>): number {
  return plainLength === 0 ? Math.max(0, length - SEAL_BYTES) : plainLength;
}

/** Whether memory can change hands with its whole. */
export function isWhole(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
}
