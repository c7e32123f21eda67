import type { Copy } from './copies.ts';
import type { PlannedCopy } from './copy-plan.ts';
import { indexFile } from './repository/repository.ts';
import type { MasterKey } from './repository/sealing.ts';
import { loadUnpacked } from './repository/unpacked.ts';

/**
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
      const content = await loadUnpacked(copy.store, key, { type: 'index', name });
      const parsed = indexFile.safeParse(content.ok ? content.value : undefined);
      // An index that can't be read now may name anything.
      if (!parsed.success) return 'unknown';
      read.add(name);
      for (const { id } of parsed.data.packs) named.add(id);
    }
  return named;
}
