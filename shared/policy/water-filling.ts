/**
 * Max-min fairness of one divisible good: everybody gets what he uses, or the same level by weight if
 * there is not enough for all (the uniform rule, Sprumont 1991; design §3.3). Exact to the byte, so that
 * nothing is lost or given twice; the bytes that a division leaves go to the largest remainders.
 */
export type Demand = { readonly bytes: bigint; readonly weight: bigint };

export function waterFill(capacityBytes: bigint, demands: readonly Demand[]): readonly bigint[] {
  const filled = demands.map(() => 0n);
  const thirsty = demands
    .map((demand, index) => ({ ...demand, index }))
    .filter(({ bytes, weight }) => weight > 0n && bytes > 0n)
    .sort((one, other) => compare(one.bytes * other.weight, other.bytes * one.weight));
  let left = capacityBytes > 0n ? capacityBytes : 0n;
  let weights = thirsty.reduce((sum, { weight }) => sum + weight, 0n);
  let served = 0;
  for (const { bytes, weight, index } of thirsty) {
    if (bytes * weights > left * weight) break;
    filled[index] = bytes;
    left -= bytes;
    weights -= weight;
    served += 1;
  }
  levelOut(left, thirsty.slice(served), filled);
  return filled;
}

type Thirsty = Demand & { readonly index: number };

/** Those who can't have all they want share what is left by weight. */
function levelOut(bytes: bigint, rest: readonly Thirsty[], filled: bigint[]): void {
  const weights = rest.reduce((sum, { weight }) => sum + weight, 0n);
  if (weights === 0n) return;
  let over = bytes;
  for (const { weight, index } of rest) {
    filled[index] = (bytes * weight) / weights;
    over -= filled[index] ?? 0n;
  }
  const byRemainder = rest.toSorted((one, other) =>
    compare((bytes * other.weight) % weights, (bytes * one.weight) % weights),
  );
  for (const { index } of byRemainder.slice(0, Number(over)))
    filled[index] = (filled[index] ?? 0n) + 1n;
}

/** Equal ones stay in the order in which they came, so that the same input fills the same. */
function compare(one: bigint, other: bigint): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
