/**
 * How a friend's part is weighed under fair sharing. Multiples of ½ ("half of what the others get"); a
 * share is F·w/Σw, so ½ … 1000 spans every wish, and 0 means: not yet. Literals only, the window uses them.
 */
export const WEIGHT_MAX = 1000;
export const WEIGHT_STEP = 0.5;

/** In whole halves, which is how weights are stored and reckoned with. Halves are exact in a `number`, sums of them too. */
export function halves(weight: number): bigint {
  return BigInt(weight / WEIGHT_STEP);
}
