import { DAY_S, MIB } from '../units.ts';

/**
 * What a note is worth (design §3.6): one unit is 64 MiB for 30 days at its issuer. Prices are worked out
 * here, the same for the mint, the wallet, the window and the CLI; in integers, because a price that is a
 * fraction off on one side is a refusal on the other.
 */
export const UNIT_BYTES = 64n * MIB;
export const UNIT_S = 30 * DAY_S;

const WHOLE = UNIT_BYTES * BigInt(UNIT_S);

/** What so many bytes for so long cost; a part of a unit is a whole one. */
export function unitsFor(sizeBytes: bigint, durationS: number): bigint {
  if (sizeBytes <= 0n || durationS <= 0) return 0n;
  return (sizeBytes * BigInt(durationS) + WHOLE - 1n) / WHOLE;
}

/** How many bytes so many units keep for so long, rounded down: never more than they pay for. */
export function bytesFor(units: bigint, durationS: number = UNIT_S): bigint {
  if (units <= 0n || durationS <= 0) return 0n;
  return (units * WHOLE) / BigInt(durationS);
}
