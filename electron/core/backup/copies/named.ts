import type { Copy } from './copy.ts';
import type { CatchUpPlan, Listing, PlannedCopy } from './plan.ts';
import type { StoreObject } from '../repository/repository-store.ts';
import { indexFile } from '../repository/repository.ts';
import type { MasterKey } from '../repository/sealing.ts';
import { loadUnpacked } from '../repository/unpacked.ts';

/**
 * What indexes name, compared with what is listed: a friend who has lost a pack does not say so.
 *
 * Which packs the indexes of the newest copies name. It is looked at only before something goes from a copy of which nothing
 * but the newest ones' lists says that it was removed: what one of those has lost must not go there as well.
 */
export async function packsNamed<C extends Copy>(
  planned: readonly PlannedCopy<C>[],
  key: MasterKey,
): Promise<ReadonlySet<string> | 'unknown'> {
  const newest = planned.filter(({ isNewest, isApart }) => isNewest && !isApart);
  const isAsked = planned.some(
    ({ isNewest, isApart, hasMissed }) => hasMissed && !isNewest && !isApart,
  );
  const named = new Set<string>();
  if (newest.length === 0 || !isAsked) return named;
  const read = new Set<string>();
  for (const { copy, listing } of newest)
    for (const name of listing.index.keys()) {
      if (read.has(name)) continue;
      const packs = await packsOf(copy, name, key);
      // An index that can't be read now may name anything.
      if (packs === undefined) return 'unknown';
      read.add(name);
      for (const pack of packs) named.add(pack);
    }
  return named;
}

/** Indexes that any copy is to get. */
export function indexesSent<C>({ steps }: Pick<CatchUpPlan<C>, 'steps'>): ReadonlySet<string> {
  return new Set(
    steps.flatMap(({ add }) => add.flatMap(({ type, name }) => (type === 'index' ? [name] : []))),
  );
}

/**
 * Of indexes that are about to be sent, what is wrong with them, by who has them: packs that they name and no copy within reach lists,
 * for whoever has such an index has lost them, and nobody knew; or the index itself, where nobody can read it now.
 */
export async function packsUnlisted<C extends Copy>(
  copies: readonly { readonly copy: C; readonly listing: Listing }[],
  { steps, want }: CatchUpPlan<C>,
  key: MasterKey,
): Promise<ReadonlyMap<C, readonly StoreObject[]>> {
  const sent = indexesSent({ steps });
  const wrong = new Map<C, StoreObject[]>();
  for (const name of sent) {
    const holders = copies.filter(({ listing }) => listing.index.has(name));
    let packs: readonly string[] | undefined;
    for (const { copy } of holders) packs ??= await packsOf(copy, name, key);
    const lost =
      packs === undefined
        ? [{ type: 'index', name } as const]
        : packs.flatMap((pack) =>
            want.data.has(pack) ? [] : [{ type: 'data', name: pack } as const],
          );
    for (const { copy } of lost.length === 0 ? [] : holders)
      wrong.set(copy, [...(wrong.get(copy) ?? []), ...lost]);
  }
  return wrong;
}

async function packsOf(
  { store }: Copy,
  name: string,
  key: MasterKey,
): Promise<readonly string[] | undefined> {
  const content = await loadUnpacked(store, key, { type: 'index', name });
  const parsed = indexFile.safeParse(content.ok ? content.value : undefined);
  return parsed.success ? parsed.data.packs.map(({ id }) => id) : undefined;
}
