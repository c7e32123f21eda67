import type { Clock } from '../ports.ts';

/** A bucket per key: `burst` at once, `perS` in the long run. */
export type RateLimit = { readonly burst: number; readonly perS: number };

/** Beyond this many the fullest, which have nothing to remember, are let go. */
const KEYS_MAX = 10_000;

export type RateLimiter = {
  /** Takes one token, or so many; false if there are not as many. */
  readonly admit: (key: string, count?: number) => boolean;
};

export function createRateLimiter({ burst, perS }: RateLimit, clock: Clock): RateLimiter {
  const buckets = new Map<string, { tokens: number; atMs: number }>();

  function forgetFull(nowMs: number): void {
    for (const [key, bucket] of buckets)
      if (bucket.tokens + ((nowMs - bucket.atMs) / 1000) * perS >= burst) buckets.delete(key);
    // A flood of addresses: nobody's count is worth more memory than that.
    if (buckets.size > KEYS_MAX) buckets.clear();
  }

  return {
    admit: (key, count = 1) => {
      const nowMs = clock.monotonicMs();
      if (buckets.size > KEYS_MAX) forgetFull(nowMs);
      const bucket = buckets.get(key) ?? { tokens: burst, atMs: nowMs };
      const tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * perS);
      if (tokens < count) return false;
      buckets.set(key, { tokens: tokens - count, atMs: nowMs });
      return true;
    },
  };
}
