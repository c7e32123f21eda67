import { hash } from 'node:crypto';
import { ok, type Result } from '../../../../shared/result.ts';
import type { Repository, RepositoryFault } from '../repository/repository.ts';
import type {
  ListedObject,
  RepositoryStore,
  StoreObjectType,
} from '../repository/repository-store.ts';
import { unseal } from '../repository/sealing.ts';
import type { EngineTools } from './jobs.ts';

/** Keys, snapshots and indexes: small, and worth more than any pack. */
export const SMALL_TYPES = ['keys', 'snapshots', 'index'] as const;

/**
 * Reads small objects whole and names what is wrong with them. Whatever is asked for by a range comes from the copy itself,
 * never from what is kept here of it.
 */
export async function checkObjects(
  { store, key }: Repository,
  type: StoreObjectType,
  objects: readonly ListedObject[],
  { signal, problem }: Pick<EngineTools, 'signal' | 'problem'>,
): Promise<Result<{ readonly bad: ReadonlySet<string>; readonly bytes: number }, RepositoryFault>> {
  const bad = new Set<string>();
  let bytes = 0;
  for (const { name, sizeBytes } of objects) {
    const range = { offset: 0, length: sizeBytes };
    const loaded = await store.load({ type, name }, { signal, range });
    const wrong = (code: 'object-damaged' | 'object-missing', detail: string) => {
      bad.add(name);
      problem({ code, path: `${type}/${name}`, detail });
    };
    if (!loaded.ok) {
      const { code } = loaded.fault;
      if (code === 'not-found') wrong('object-missing', '');
      else if (code === 'damaged') wrong('object-damaged', loaded.fault.detail);
      else return loaded;
      continue;
    }
    bytes += sizeBytes;
    if (hash('sha256', loaded.value, 'hex') !== name)
      wrong('object-damaged', 'its bytes are not those of its name');
    // A key file is not sealed with the key that it holds.
    else if (type !== 'keys' && unseal(key, loaded.value) === undefined)
      wrong('object-damaged', 'it was not sealed with this key');
  }
  return ok({ bad, bytes });
}

/**
 * All small objects of a copy. Answers a store in which those that are damaged don't show, nor what has come since: a snapshot
 * that somebody has just added stands in an index that was not read.
 */
export async function checkSmall(
  repository: Repository,
  tools: Pick<EngineTools, 'signal' | 'problem'>,
): Promise<Result<{ readonly repository: Repository; readonly bytes: number }, RepositoryFault>> {
  const shown = new Map<StoreObjectType, readonly ListedObject[]>();
  let bytes = 0;
  for (const type of SMALL_TYPES) {
    const listed = await repository.store.list(type, { signal: tools.signal });
    if (!listed.ok) return listed;
    const checked = await checkObjects(repository, type, listed.value, tools);
    if (!checked.ok) return checked;
    bytes += checked.value.bytes;
    shown.set(
      type,
      listed.value.filter(({ name }) => !checked.value.bad.has(name)),
    );
  }
  return ok({ repository: { ...repository, store: showing(repository.store, shown) }, bytes });
}

/** With the snapshots that there are now: to be asked for before the indexes are read, which then know all they need. */
export async function withSnapshotsOfNow(
  repository: Repository,
  { signal }: Pick<EngineTools, 'signal'>,
): Promise<Result<Repository, RepositoryFault>> {
  const listed = await repository.store.list('snapshots', { signal });
  if (!listed.ok) return listed;
  const shown = new Map([['snapshots' as const, listed.value]]);
  return ok({ ...repository, store: showing(repository.store, shown) });
}

function showing(
  store: RepositoryStore,
  shown: ReadonlyMap<StoreObjectType, readonly ListedObject[]>,
): RepositoryStore {
  return {
    ...store,
    list: async (type, options) => {
      const objects = shown.get(type);
      return objects === undefined ? store.list(type, options) : ok(objects);
    },
  };
}
