import type { Writable } from 'node:stream';

/**
 * Bodies go to a line in slices, each when the one before was taken. That it was is all that can be seen of a line that moves:
 * where nothing is seen for a minute the other side counts as gone, so on a slow line slices must be small. TLS passes on 160 kB at
 * a time and says nothing in between. What was taken is not there yet, either: the system keeps some for the line, and on a slow
 * one the answer to all of it takes minutes longer by that.
 */

/** A record of TLS: smaller ones only cost more. */
const SLICE_LEAST = 16 * 1024;
/** A pack given to TLS as a whole is encrypted at once, into as much memory again, and all else waits meanwhile. */
const SLICE_MOST = 256 * 1024;
/** More than this the system keeps for fast lines only. */
const KEPT_BYTES = 256 * 1024;
/** A slice that took longer tells how slow the line is. */
const SLOW_MS = 1000;
/** For what the system keeps, at most: somebody who is gone should be noticed on a slow line too. */
const KEPT_MS_MAX = 5 * 60_000;
/** Milliseconds a byte: no line is worth waiting for that is slower. */
const SLOWEST = 1;

/** How a line was found: milliseconds a byte, 0 where it was never slow; undefined: too little was sent to tell. */
export type Pace = number | undefined;

/** Resolves when everything is taken, or can't be any more. */
export async function sendSlices(
  line: Writable,
  chunks: Iterable<Uint8Array>,
  {
    before,
    now = () => performance.now(),
  }: {
    /** How the line was found before this. */
    readonly before: Pace;
    readonly now?: () => number;
  },
): Promise<Pace> {
  let taken = 0;
  let slow = { bytes: 0, ms: 0 };
  /** Since it was slow last. */
  let fastBytes = before === 0 ? SLICE_MOST : 0;
  let sliceBytes = 0;
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      if (line.destroyed) return paceOf(slow, taken);
      const size = fastBytes < SLICE_MOST ? SLICE_LEAST : SLICE_MOST;
      const piece = chunk.subarray(at, at + size - sliceBytes);
      at += piece.length;
      sliceBytes += piece.length;
      if (sliceBytes < size) {
        line.write(piece);
        continue;
      }
      const sinceMs = now();
      await written(line, piece);
      const tookMs = now() - sinceMs;
      taken += sliceBytes;
      fastBytes = tookMs > SLOW_MS ? 0 : fastBytes + sliceBytes;
      // Whenever some of what it keeps was sent, the system takes several at once: that is no faster line.
      if (fastBytes >= SLICE_MOST) slow = { bytes: 0, ms: 0 };
      else if (fastBytes === 0) slow = { bytes: slow.bytes + sliceBytes, ms: slow.ms + tookMs };
      sliceBytes = 0;
    }
  }
  return paceOf(slow, taken);
}

function paceOf(slow: { readonly bytes: number; readonly ms: number }, taken: number): Pace {
  if (slow.bytes > 0) return slow.ms / slow.bytes;
  return taken > KEPT_BYTES ? 0 : undefined;
}

/** How long what the system keeps of so many bytes may still take. */
export function keptMs(pace: Pace, bytes: number): number {
  return Math.min(KEPT_MS_MAX, Math.ceil(Math.min(bytes, KEPT_BYTES) * (pace ?? 0)));
}

/**
 * How a line is taken that gave no answer though a body was taken whole. The system may still have had all of it, and a try
 * that is as impatient ends alike.
 */
export function paceOfSilence(before: Pace): Pace {
  return Math.max(before ?? 0, SLOWEST);
}

function written(line: Writable, piece: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      line.off('close', end);
      resolve();
    };
    // Node forgets whoever waits for a write that will never be.
    line.once('close', end);
    line.write(piece, end);
  });
}
