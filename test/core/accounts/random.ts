/** Chance that a seed repeats (mulberry32). */
export type Random = {
  readonly upTo: (most: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(all: readonly T[]) => T;
  readonly weighted: <T>(all: readonly (readonly [number, T])[]) => T;
};

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  const pick = <T>(all: readonly T[]): T => all[Math.floor(next() * all.length)] as T;
  return {
    upTo: (most) => Math.floor(next() * most),
    chance: (probability) => next() < probability,
    pick,
    weighted: (all) => {
      let left = next() * all.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, value] of all) {
        left -= weight;
        if (left < 0) return value;
      }
      return pick(all)[1];
    },
  };
}
