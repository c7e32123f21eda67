import { timingSafeEqual } from 'node:crypto';

/** Takes as long for a guess that begins well as for any other. */
export function isSameSecret(given: string, expected: string): boolean {
  const one = Buffer.from(given);
  const other = Buffer.from(expected);
  return one.length === other.length && timingSafeEqual(one, other);
}
