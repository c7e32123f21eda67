import { hkdfSync } from 'node:crypto';

/**
 * Content-defined chunking with a gear hash (Xia et al., "FastCDC", USENIX ATC 2016): where a file is
 * cut depends on the 32 bytes before the cut, so that an insertion moves no other cut. The table is
 * keyed per repository, lest the lengths of chunks give away what is in them.
 */
export const CHUNK_BYTES_MIN = 512 * 1024;
export const CHUNK_BYTES_MAX = 2 * 1024 * 1024;
/** 19 of the highest bits: on average 512 KiB beyond the least length, a megabyte in all. */
const CUT_MASK = 0xffff_e000 | 0;
/** Bits shifted out by then no longer count. */
const WINDOW_BYTES = 32;

export type GearTable = Int32Array;

export function gearTable(secret: Uint8Array): GearTable {
  const bytes = hkdfSync('sha256', secret, 'allotment', 'allotment chunker v1', 1024);
  return new Int32Array(bytes);
}

/** Where the chunk that begins at `from` ends; everything to `to` if no cut is found before. */
export function cutAfter(
  bytes: Uint8Array,
  gear: GearTable,
  { from, to }: { readonly from: number; readonly to: number },
): number {
  const end = Math.min(to, from + CHUNK_BYTES_MAX);
  if (end - from <= CHUNK_BYTES_MIN) return end;
  let hash = 0;
  for (let at = from + CHUNK_BYTES_MIN - WINDOW_BYTES; at < end; at += 1) {
    // In range by construction; a check per byte would halve the speed.
    hash = ((hash << 1) + (gear[bytes[at] as number] as number)) | 0;
    if ((hash & CUT_MASK) === 0 && at >= from + CHUNK_BYTES_MIN) return at + 1;
  }
  return end;
}
