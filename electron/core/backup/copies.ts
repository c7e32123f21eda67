import { failed, ok } from '../../../shared/result.ts';
import type {
  RepositoryStore,
  StoreFault,
  StoreObjectType,
  StoreResult,
} from './repository/repository-store.ts';

/** One of the stores that hold a copy of the same repository. */
export type Copy = { readonly name: string; readonly store: RepositoryStore };
export type LostCopy = { readonly name: string; readonly fault: StoreFault };

/** What refers to others comes after them, so that a copy is whole at every moment. */
const ORDER: readonly StoreObjectType[] = ['keys', 'config', 'data', 'index', 'snapshots'];

/**
 * Brings copies to the same state: whatever one has, the others get. Objects never change under their
 * names, so the union of two copies is right. Answers the copies that are complete, and the others.
 */
export async function catchUp(
  copies: readonly Copy[],
  signal: AbortSignal,
): Promise<{ readonly complete: readonly Copy[]; readonly lost: readonly LostCopy[] }> {
  let complete = copies;
  const lost: LostCopy[] = [];
  const lose = (copy: Copy, fault: StoreFault) => {
    lost.push({ name: copy.name, fault });
    complete = complete.filter((each) => each !== copy);
  };
  for (const type of ORDER) {
    if (complete.length < 2) break;
    const holders = new Map<string, Copy>();
    const names = new Map<Copy, Set<string>>();
    for (const copy of complete) {
      const listed = await copy.store.list(type, { signal });
      if (!listed.ok) {
        lose(copy, listed.fault);
        continue;
      }
      names.set(copy, new Set(listed.value.map(({ name }) => name)));
      for (const { name } of listed.value) if (!holders.has(name)) holders.set(name, copy);
    }
    for (const [name, holder] of holders) {
      for (const copy of complete.filter((each) => names.get(each)?.has(name) === false)) {
        const copied = await copyObject(type, name, { from: holder, to: copy }, signal);
        if (!copied.ok) lose(copy, copied.fault);
      }
    }
  }
  return { complete, lost };
}

async function copyObject(
  type: StoreObjectType,
  name: string,
  { from, to }: { readonly from: Copy; readonly to: Copy },
  signal: AbortSignal,
): Promise<StoreResult<void>> {
  const loaded = await from.store.load({ type, name }, { signal });
  return loaded.ok ? to.store.save({ type, name }, [loaded.value], { signal }) : loaded;
}

/**
 * Several copies as one store: everything is saved to all of them. A copy that fails is left behind
 * for this run and catches up in the next; the run fails when none is left.
 */
export function mirror(copies: readonly Copy[], onLost: (lost: LostCopy) => void): RepositoryStore {
  let alive = copies;

  async function toAll(
    act: (store: RepositoryStore) => Promise<StoreResult<void>>,
  ): Promise<StoreResult<void>> {
    const results = await Promise.all(
      alive.map(async (copy) => ({ copy, result: await act(copy.store) })),
    );
    let fault: StoreFault | undefined;
    const failing: LostCopy[] = [];
    for (const { copy, result } of results) {
      if (result.ok) continue;
      fault = result.fault;
      failing.push({ name: copy.name, fault: result.fault });
    }
    if (fault === undefined) return ok(undefined);
    if (failing.length === results.length) return failed(fault);
    for (const lost of failing) {
      if (!alive.some(({ name }) => name === lost.name)) continue;
      alive = alive.filter(({ name }) => name !== lost.name);
      onLost(lost);
    }
    return ok(undefined);
  }

  async function fromFirst<T>(
    act: (store: RepositoryStore) => Promise<StoreResult<T>>,
  ): Promise<StoreResult<T>> {
    const [first] = alive;
    return first === undefined
      ? failed({ code: 'unreachable', detail: 'no copy is left' })
      : act(first.store);
  }

  return {
    save: (object, chunks, options) => toAll((store) => store.save(object, chunks, options)),
    remove: (object, options) => toAll((store) => store.remove(object, options)),
    load: (object, options) => fromFirst((store) => store.load(object, options)),
    stat: (object, options) => fromFirst((store) => store.stat(object, options)),
    list: (type, options) => fromFirst((store) => store.list(type, options)),
  };
}
