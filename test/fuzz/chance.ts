/** Chance that can be repeated: the same seed gives the same cases, on every machine. */
export type Chance = {
  /** From 0 to below `count`. */
  readonly below: (count: number) => number;
  /** True in one of so many. */
  readonly oneIn: (count: number) => boolean;
  readonly pick: <T>(list: readonly T[]) => T;
  readonly bytes: (count: number) => Buffer;
};

/** sfc32 (Chris Doty-Humphrey): small, fast, and good enough for everything but secrets. */
export function createChance(seed: number): Chance {
  let [a, b, c, counter] = [seed | 0, (seed * 0x9e37_79b1) | 0, 0x5bd1_e995, 1];

  function next(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
  for (let round = 0; round < 12; round += 1) next();

  const below = (count: number) => next() % Math.max(1, count);
  return {
    below,
    oneIn: (count) => below(count) === 0,
    pick: (list) => {
      const at = below(list.length);
      if (at >= list.length) throw new Error('nothing to pick from');
      return list[at]!;
    },
    bytes: (count) => Buffer.from(Array.from({ length: count }, () => below(256))),
  };
}
