import { ok, type Result } from '../../../../shared/result.ts';
import type { Listing, SizedObject } from '../copies/plan.ts';
import type { EngineFault, EngineSummary } from '../engine/jobs.ts';
import { loadSnapshots, type Repository } from '../repository/repository.ts';
import type { RepositoryStore } from '../repository/repository-store.ts';

/**
 * What may be taken away from a disk because the copy that it is made like does not list it: all of it, or nothing. A friend who was
 * away when the last backup was made, who has lost something, or who lists what he likes, must not make the disk forget what nobody
 * else may have. So no snapshot goes that is newer than all that he has, or that there should be; and without the rest the disk has
 * everything that its snapshots need.
 */
export async function superfluousOn(
  disk: Repository,
  {
    wanted,
    remove,
    known,
  }: {
    readonly wanted: Listing;
    readonly remove: readonly SizedObject[];
    /** The snapshots that there should be. */
    readonly known: readonly string[];
  },
  check: (store: RepositoryStore) => Promise<Result<EngineSummary, EngineFault>>,
): Promise<readonly SizedObject[]> {
  if (remove.length === 0) return remove;
  const going = new Set(remove.flatMap(({ type, name }) => (type === 'snapshots' ? [name] : [])));
  if (known.some((name) => going.has(name))) return [];
  if (going.size > 0 && !(await areOlder(disk, going, wanted))) return [];
  const checked = await check(showing(disk.store, wanted));
  return checked.ok && checked.value['problems'] === 0 ? remove : [];
}

/** What the retention lets go of is never the newest. One that can't be read was let go of, or is nothing. */
async function areOlder(
  disk: Repository,
  going: ReadonlySet<string>,
  { snapshots: stay }: Listing,
): Promise<boolean> {
  const loaded = await loadSnapshots(disk, () => undefined);
  if (!loaded.ok) return false;
  const newest = loaded.value.findLast(({ id }) => going.has(id) || stay.has(id));
  return newest === undefined || stay.has(newest.id);
}

/** The disk as if nothing else were there; its locks are seen. */
function showing(store: RepositoryStore, wanted: Listing): RepositoryStore {
  return {
    ...store,
    list: async (type, options) => {
      const listed = await store.list(type, options);
      if (!listed.ok || type === 'locks') return listed;
      return ok(listed.value.filter(({ name }) => wanted[type].has(name)));
    },
  };
}
