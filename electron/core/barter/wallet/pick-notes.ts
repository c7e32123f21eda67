import { denominationsOf, sumOf, unitsOf } from '../notes.ts';

/** Which notes to pay with: pure, over anything that is worth 2^k units and belongs to a keyset. */
export type Piece = { readonly keyset: string; readonly k: number };

export type Picked<P extends Piece> =
  | { readonly type: 'exact'; readonly notes: readonly P[] }
  /** `notes` and a part of `large`: swapped into `into` first, the sum can be paid. */
  | {
      readonly type: 'split';
      readonly notes: readonly P[];
      readonly large: P;
      readonly into: readonly number[];
    }
  | { readonly type: 'short'; readonly haveUnits: bigint };

/**
 * The largest first, of equals those that stand first: as each denomination divides the next, this finds the sum
 * where it can be had, and else leaves a rest that each other note is larger than.
 */
export function pickNotes<P extends Piece>(pieces: readonly P[], units: bigint): Picked<P> {
  const haveUnits = sumOf(pieces);
  if (haveUnits < units) return { type: 'short', haveUnits };
  const notes: P[] = [];
  const others: P[] = [];
  let rest = units;
  for (const piece of pieces.toSorted((one, other) => other.k - one.k)) {
    if (unitsOf(piece.k) > rest) {
      others.push(piece);
      continue;
    }
    notes.push(piece);
    rest -= unitsOf(piece.k);
  }
  const large = others.at(-1);
  if (rest === 0n || large === undefined) return { type: 'exact', notes };
  const into = [...denominationsOf(rest), ...denominationsOf(unitsOf(large.k) - rest)];
  return { type: 'split', notes, large, into };
}

/** Many small notes of one keyset, and the fewer that they are worth; undefined: there is nothing to gain. */
export function gatherNotes<P extends Piece>(
  pieces: readonly P[],
  most: number,
): { readonly notes: readonly P[]; readonly into: readonly number[] } | undefined {
  for (const group of Map.groupBy(pieces, ({ keyset }) => keyset).values()) {
    const notes = group.toSorted((one, other) => one.k - other.k).slice(0, most);
    const into = denominationsOf(sumOf(notes));
    if (into.length < notes.length) return { notes, into };
  }
  return undefined;
}
