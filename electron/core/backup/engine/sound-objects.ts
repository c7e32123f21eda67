import { hash } from 'node:crypto';
import { failed, ok, type Result } from '../../../../shared/result.ts';
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

/** All small objects of a copy. Answers a store in which those that are damaged don't show. */
export async function checkSmall(
  repository: Repository,
  tools: Pick<EngineTools, 'signal' | 'problem'>,
): Promise<Result<{ readonly repository: Repository; readonly bytes: number }, RepositoryFault>> {
  const hidden = new Set<string>();
  let bytes = 0;
  for (const type of SMALL_TYPES) {
    const listed = await repository.store.list(type, { signal: tools.signal });
    if (!listed.ok) return listed;
    const checked = await checkObjects(repository, type, listed.value, tools);
    if (!checked.ok) return checked;
    bytes += checked.value.bytes;
    for (const name of checked.value.bad) hidden.add(`${type}/${name}`);
  }
  return ok({ repository: { ...repository, store: hiding(repository.store, hidden) }, bytes });
}

function hiding(store: RepositoryStore, hidden: ReadonlySet<string>): RepositoryStore {
  return {
    ...store,
    list: async (type, options) => {
      const listed = await store.list(type, options);
      return listed.ok
        ? ok(listed.value.filter(({ name }) => !hidden.has(`${type}/${name}`)))
        : failed(listed.fault);
    },
  };
}
