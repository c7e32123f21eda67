/**
 * A token bucket, as plain values: how many bytes may go now, and how long whoever wants more waits. It never holds more
 * than a fraction of a second's worth, so that what was not used for an hour does not come as one gulp.
 */
export type Bucket = { readonly tokens: number; readonly atMs: number };

/** Less would not let a backup's own bookkeeping through in the time for which a device waits for an answer. */
export const LIMIT_MIN_BYTES_PER_S = 50_000;
/** What may be in it at most, as a part of a second. */
const HOLDS_S = 0.25;

export function fullBucket(bytesPerS: number, nowMs: number): Bucket {
  return { tokens: bytesPerS * HOLDS_S, atMs: nowMs };
}

/**
 * Takes so many bytes, at once and on credit: whoever took them waits `waitMs`, and so does everybody after him. Because
 * each waits for his own debt and that of those before him, the order is that of asking and nobody is starved.
 */
export function takeFrom(
  bucket: Bucket,
  {
    bytes,
    bytesPerS,
    nowMs,
  }: { readonly bytes: number; readonly bytesPerS: number; readonly nowMs: number },
): { readonly bucket: Bucket; readonly waitMs: number } {
  const passedS = Math.max(0, nowMs - bucket.atMs) / 1000;
  const filled = Math.min(bytesPerS * HOLDS_S, bucket.tokens + passedS * bytesPerS);
  const tokens = filled - bytes;
  return {
    bucket: { tokens, atMs: nowMs },
    waitMs: tokens >= 0 ? 0 : Math.ceil((-tokens / bytesPerS) * 1000),
  };
}

/** Pieces that are small beside the limit, so that a line is loaded evenly and not for seconds at a time. */
export function sliceBytes(bytesPerS: number): number {
  return Math.max(SLICE_BYTES_MIN, Math.min(SLICE_BYTES_MAX, Math.floor(bytesPerS / 20)));
}

const SLICE_BYTES_MIN = 4 * 1024;
const SLICE_BYTES_MAX = 64 * 1024;

/** Whether a limit that holds only at some hours holds now; over midnight where the first minute is later. */
export function isWithin(
  minute: number,
  hours: { readonly fromMin: number; readonly untilMin: number },
): boolean {
  const { fromMin, untilMin } = hours;
  if (fromMin <= untilMin) return minute >= fromMin && minute < untilMin;
  return minute >= fromMin || minute < untilMin;
}
