import type { EngineJob } from '../engine/engine.ts';
import type { RepositoryStore } from '../repository/repository-store.ts';
import { type Copy, hiding, withPacks } from './copy.ts';
import type { Levelled } from './level.ts';

/** What changes a set. */
export type WriteJob = Extract<EngineJob, { kind: 'backup' | 'prune' | 'drop' }>;

/**
 * What a run is shown of what the copies list together. Copies differ, friends lie and disks rot, and still nothing new may rest on
 * what will not stay, and nothing go that a snapshot needs:
 *
 * | | backup | drop | prune |
 * |---|---|---|---|
 * | what a friend has made up | hidden | hidden | hidden |
 * | packs | those that all have | those that all have | and damaged ones that somebody lists |
 * | what is to go from a copy | hidden | hidden | shown, for it has to go |
 * | what only some list and nobody can read | hidden | shown | shown |
 */
export type RunView = {
  readonly store: RepositoryStore;
  /** Damaged packs that are shown: they count for what lies nowhere else. */
  readonly rotten: readonly string[];
};

export async function viewFor<C extends Copy>(
  kind: WriteJob['kind'],
  store: RepositoryStore,
  {
    levelled: { complete, madeUp, packs, superfluous, unreadable },
    damagedPacks,
    signal,
  }: {
    readonly levelled: Pick<
      Levelled<C>,
      'complete' | 'madeUp' | 'packs' | 'superfluous' | 'unreadable'
    >;
    readonly damagedPacks: readonly string[];
    readonly signal: AbortSignal;
  },
): Promise<RunView> {
  // One that is damaged only at somebody who is not among these is sound here.
  const rotten = kind === 'prune' ? damagedPacks.filter((name) => !packs.has(name)) : [];
  const counted = withPacks(hiding(store, madeUp), packs, new Set(rotten));
  if (kind === 'prune') return { store: counted, rotten };
  const present = hiding(counted, superfluous);
  if (kind === 'drop') return { store: present, rotten };
  // Where all list what nobody can read, it was ours: whoever has it whole may come back, and all that it names would be
  // packed again.
  const isOnlySomebodys = (await listingNone(complete, unreadable, signal)).length > 0;
  return { store: isOnlySomebodys ? hiding(present, unreadable) : present, rotten };
}

/**
 * The copies that may be taken apart. What is taken away is still named by an index that is to go from a copy and could not yet, or may
 * be named by one that can't be read there: such a copy is left out. Where all are so, one alone: whatever it has is seen there,
 * and it says who is in the way.
 */
export async function fitToPrune<C extends Copy>(
  { complete, stuck, unreadable }: Pick<Levelled<C>, 'complete' | 'stuck' | 'unreadable'>,
  signal: AbortSignal,
): Promise<readonly C[]> {
  const free = complete.filter((copy) => !stuck.has(copy));
  const clean = await listingNone(free, unreadable, signal);
  return clean.length > 0 ? clean : complete.slice(0, 1);
}

/** Copies that list none of these indexes and snapshots. */
async function listingNone<C extends Copy>(
  copies: readonly C[],
  names: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<readonly C[]> {
  if (names.size === 0) return copies;
  const none: C[] = [];
  for (const copy of copies) {
    const lists = await Promise.all(
      (['index', 'snapshots'] as const).map((type) => copy.store.list(type, { signal })),
    );
    const isListed = lists.some(
      (list) => !list.ok || list.value.some(({ name }) => names.has(name)),
    );
    if (!isListed) none.push(copy);
  }
  return none;
}
