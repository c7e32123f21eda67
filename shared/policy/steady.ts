/**
 * What fair sharing divides must not follow every file of the owner's: shares would never stand still, and
 * nobody could say why a request was refused today. So what can be promised is remembered, and what is
 * divided follows it only once it has moved by more than a hundredth. The room itself is always judged by
 * what is there now (`guards.ts`): steady shares never promise a byte that the disk does not have.
 *
 * Monotonic for the same memory: more room never divides less.
 */
export function steadyCapacity(beforeBytes: bigint | undefined, presentBytes: bigint): bigint {
  if (beforeBytes === undefined) return presentBytes;
  const moved =
    presentBytes > beforeBytes ? presentBytes - beforeBytes : beforeBytes - presentBytes;
  return moved * STEPS > beforeBytes ? presentBytes : beforeBytes;
}

/** A step is a hundredth. */
const STEPS = 100n;
