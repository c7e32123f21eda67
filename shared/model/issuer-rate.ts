/**
 * What one unit of an issuer's notes is worth to whoever holds it (design §3.6): 1 at a usual issuer, less at one who
 * refused notes or is away. It changes what is shown and nothing that is owed.
 */
export type IssuerRecord = {
  readonly honoured: number;
  readonly refused: number;
  /** Refusals since he last honoured notes. */
  readonly refusedInARow: number;
  /** Days since he was last heard of; undefined: nobody knows, which says nothing. */
  readonly awayDays: number | undefined;
};

/** What counts before anything happened: one slip of a stranger is not half of his worth. */
const BENEFIT_OF_DOUBT = 4;
/** A refusal weighs as much as so many kept words. */
const REFUSAL_WEIGHS = 4;
/** Each in a row halves what is left, down to a sixty-fourth. */
const HALVINGS_MOST = 6;
/** A holiday costs nothing; whoever is away until his notes run out is worth next to nothing. */
const AWAY_DAYS = { none: 14, most: 90 } as const;
const AWAY_LEAST = 0.1;

export function issuerRate(record: IssuerRecord, ownRate?: number): number {
  // The owner knows why.
  if (ownRate !== undefined) return ownRate;
  const { honoured, refused, refusedInARow, awayDays = 0 } = record;
  const kept =
    (honoured + BENEFIT_OF_DOUBT) / (honoured + BENEFIT_OF_DOUBT + REFUSAL_WEIGHS * refused);
  // The first in a row is in `kept` already.
  const halvings = Math.min(HALVINGS_MOST, Math.max(0, refusedInARow - 1));
  return Math.round((kept / 2 ** halvings) * presence(awayDays) * 100) / 100;
}

function presence(awayDays: number): number {
  const { none, most } = AWAY_DAYS;
  const gone = Math.min(1, Math.max(0, (awayDays - none) / (most - none)));
  return 1 - gone * (1 - AWAY_LEAST);
}
