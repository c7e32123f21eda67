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

/**
 * What it costs that a plot is promised `afterBytes` for `forS` from now, where `beforeBytes` are paid for `leftS`
 * already: growth pays for the bytes that are added, a renewal for the time.
 */
export function priceOf({
  afterBytes,
  forS,
  beforeBytes = 0n,
  leftS = 0,
}: {
  readonly afterBytes: bigint;
  readonly forS: number;
  readonly beforeBytes?: bigint;
  /** Negative where a lease is over that was not renewed: the room was kept all the same. */
  readonly leftS?: number;
}): bigint {
  const cost = afterBytes * BigInt(forS) - beforeBytes * BigInt(leftS);
  return cost <= 0n ? 0n : (cost + WHOLE - 1n) / WHOLE;
}

/** The inverse in bytes: the most that so many units pay for, for `forS` from now. */
export function affordableBytes(
  units: bigint,
  {
    forS,
    beforeBytes = 0n,
    leftS = 0,
  }: { readonly forS: number; readonly beforeBytes?: bigint; readonly leftS?: number },
): bigint {
  if (forS <= 0) return 0n;
  const paid = units * WHOLE + beforeBytes * BigInt(leftS);
  return paid <= 0n ? 0n : paid / BigInt(forS);
}

/** The inverse in time: for how long from now so many units pay for `afterBytes`. */
export function affordableS(
  units: bigint,
  {
    afterBytes,
    beforeBytes = 0n,
    leftS = 0,
  }: { readonly afterBytes: bigint; readonly beforeBytes?: bigint; readonly leftS?: number },
): number {
  if (afterBytes <= 0n) return 0;
  const paid = units * WHOLE + beforeBytes * BigInt(leftS);
  const seconds = paid <= 0n ? 0n : paid / afterBytes;
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(seconds < most ? seconds : most);
}
