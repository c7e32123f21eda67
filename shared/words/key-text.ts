/** Keys as people compare and type them. */

/** So many letters can be compared at a glance; they prove nothing, but tell two devices of one name apart. */
const TAIL_CHARS = 6;

/** The last letters of a device's key. */
export function keyTail(device: string): string {
  return device.slice(-TAIL_CHARS);
}

/** A key as it is on paper, in groups, is typed with or without them. */
export function withoutGaps(key: string): string {
  return key.replaceAll(/[\s-]/g, '').toLowerCase();
}
