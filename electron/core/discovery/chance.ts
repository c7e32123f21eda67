import type { Randomness } from '../ports.ts';

/** From 0 to 1, another one each time: what many devices do at once is spread by it. */
export function chanceFrom(randomness: Randomness): number {
  const [high = 0, low = 0] = randomness.bytes(2);
  return (high * 256 + low) / 65_536;
}
