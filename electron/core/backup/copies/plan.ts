import { isRemovable, type RemovableType, removableTypes } from './removals.ts';
import type { StoreObject, StoreObjectType } from '../repository/repository-store.ts';

/** What copies of one repository have; locks are nobody's business. */
export const KEPT_TYPES = ['keys', 'config', 'data', 'index', 'snapshots'] as const;
export type KeptType = (typeof KEPT_TYPES)[number];
/** Name and size of every object that is there and not known to be damaged. */
export type Listing = Readonly<Record<KeptType, ReadonlyMap<string, number>>>;

export type PlannedCopy<C> = {
  readonly copy: C;
  readonly listing: Listing;
  /** It is at the newest sequence: what it lacks of the others' at that sequence it has lost. */
  readonly isNewest: boolean;
  /** Something may have been written there that the newest ones never had. */
  readonly isApart: boolean;
  /** What is known to be damaged or missing there, and was removed elsewhere. */
  readonly lacks: readonly StoreObject[];
  /** It was away for so long that what was removed meanwhile is not listed any more. */
  readonly hasMissed: boolean;
};

export type CopySteps<C> = {
  readonly copy: C;
  /** In this order: what refers to others comes after them, so that a copy is whole at every moment. */
  readonly add: readonly SizedObject[];
  readonly addBytes: number;
  /** After the additions, in this order: what refers to others goes before them. */
  readonly remove: readonly StoreObject[];
};
export type SizedObject = StoreObject & { readonly sizeBytes: number };

export type CatchUpPlan<C> = {
  readonly steps: readonly CopySteps<C>[];
  /** Removed once, and wanted again because a copy with a history of its own needs it. */
  readonly revived: readonly string[];
  /** Others have what none of the newest copies has: whoever has everything now knows more than they did. */
  readonly isJoined: boolean;
  /** What every copy has in the end. */
  readonly want: Listing;
  /** Objects whose copies are of different lengths: one of them is damaged. */
  readonly uneven: readonly StoreObject[];
};

/**
 * What each copy is to be sent and what is to be removed from it, so that all have the same. Objects never change under
 * their names. A copy with a history of its own loses nothing: then the union is what all get, and the next prune tidies.
 */
export function planCatchUp<C>(
  copies: readonly PlannedCopy<C>[],
  removed: ReadonlySet<string>,
  /** Packs that the newest copies' indexes name, whether or not they are listed there. */
  named: ReadonlySet<string> | 'unknown' = NO_NAMES,
): CatchUpPlan<C> {
  const newest = copies.filter(isNewestOf);
  const want: Record<KeptType, Map<string, number>> = {
    keys: new Map(),
    config: new Map(),
    data: new Map(),
    index: new Map(),
    snapshots: new Map(),
  };
  const revived = new Set<string>();
  const sizes = new Map<string, number>();
  const uneven = new Map<string, StoreObject>();

  function take(type: KeptType, name: string, sizeBytes: number): void {
    want[type].set(name, Math.max(sizeBytes, want[type].get(name) ?? 0));
  }

  for (const { listing } of copies)
    for (const type of KEPT_TYPES)
      for (const [name, sizeBytes] of listing[type]) {
        const key = `${type}/${name}`;
        if ((sizes.get(key) ?? sizeBytes) !== sizeBytes) uneven.set(key, { type, name });
        sizes.set(key, sizeBytes);
      }
  // Where nobody is known to have everything, nothing is known to be superfluous either.
  const isSure = newest.length > 0;
  const strangers = strangersIn(copies, removed);
  // An index that was lost in a copy with a history of its own named packs which are to stay now, wherever they still lie.
  for (const { copy, isNewest, isApart, lacks } of copies) {
    if (isSure && isNewest && !isApart) continue;
    if (isSure && !isApart && !strangers.has(copy)) continue;
    for (const { type, name } of lacks) if (type !== 'snapshots') revived.add(name);
  }
  for (const { listing } of newest)
    for (const type of KEPT_TYPES)
      for (const [name, sizeBytes] of listing[type])
        if (!isGone(removed, type, name) || revived.has(name)) take(type, name, sizeBytes);
  for (const { copy, listing, isNewest, isApart, hasMissed } of copies) {
    if (isSure && isNewest && !isApart) continue;
    // Where somebody else has written, what was removed may be needed, also if a newest copy has it all and does not say so.
    const hasOwnHistory = !isSure || isApart || strangers.has(copy);
    // It is as it was left: what the newest ones don't have was removed since.
    const isBehind = isSure && hasMissed && !isApart && named !== 'unknown';
    for (const type of KEPT_TYPES)
      for (const [name, sizeBytes] of listing[type]) {
        if (isBehind && isRemovable(type) && !(type === 'data' && named.has(name))) continue;
        if (isGone(removed, type, name)) {
          // Nothing rests on a snapshot: what somebody has asked to be forgotten does not come back of itself.
          if (!hasOwnHistory || type === 'snapshots') continue;
          revived.add(name);
        }
        take(type, name, sizeBytes);
      }
  }
  return {
    steps: copies.map(({ copy, listing }) => stepsOf(copy, listing, want)),
    revived: [...revived],
    isJoined: KEPT_TYPES.some((type) =>
      [...want[type].keys()].some((name) =>
        newest.every(({ listing }) => !listing[type].has(name)),
      ),
    ),
    want,
    uneven: [...uneven.values()],
  };
}

const NO_NAMES: ReadonlySet<string> = new Set();

/** Copies with snapshots or indexes that the newest ones never had; what they refer to must stay. Which these are. */
export function strangersIn<C>(
  copies: readonly PlannedCopy<C>[],
  removed: ReadonlySet<string>,
): ReadonlyMap<C, readonly SizedObject[]> {
  const newest = copies.filter(isNewestOf);
  if (newest.length === 0) return new Map();
  return new Map(
    copies.flatMap((each) => {
      const { copy, listing } = each;
      if (isNewestOf(each)) return [];
      const strangers = (['index', 'snapshots'] as const).flatMap((type) =>
        [...listing[type]].flatMap(([name, sizeBytes]) =>
          removed.has(name) || newest.some((other) => other.listing[type].has(name))
            ? []
            : [{ type, name, sizeBytes }],
        ),
      );
      return strangers.length === 0 ? [] : [[copy, strangers] as const];
    }),
  );
}

function isNewestOf<C>({ isNewest, isApart }: PlannedCopy<C>): boolean {
  return isNewest && !isApart;
}

function isGone(removed: ReadonlySet<string>, type: StoreObjectType, name: string): boolean {
  return isRemovable(type) && removed.has(name);
}

function stepsOf<C>(copy: C, listing: Listing, want: Listing): CopySteps<C> {
  const add = KEPT_TYPES.flatMap((type) =>
    [...want[type]].flatMap(([name, sizeBytes]) =>
      listing[type].has(name) ? [] : [{ type, name, sizeBytes }],
    ),
  );
  const remove = (removableTypes satisfies readonly RemovableType[]).flatMap((type) =>
    [...listing[type].keys()].flatMap((name) => (want[type].has(name) ? [] : [{ type, name }])),
  );
  return { copy, add, addBytes: add.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0), remove };
}
