import type {
  RepositoryStore,
  StoreFault,
  StoreObject,
  StoreResult,
} from '../../electron/core/backup/repository/repository-store.ts';
import { isObjectName } from '../../electron/core/backup/repository/repository-store.ts';
import { failed, ok } from '../../shared/result.ts';

export type MemoryRepositoryStore = RepositoryStore & {
  /** Every object by "type/name": tests look at it and break it. */
  readonly objects: Map<string, Uint8Array>;
  /** Called before each call; what it returns, the call fails with. */
  onCall: (call: string, object: StoreObject) => StoreFault | undefined;
};

export function createMemoryRepositoryStore(
  options: { readonly capacityBytes?: number } = {},
): MemoryRepositoryStore {
  const objects = new Map<string, Uint8Array>();
  const capacityBytes = options.capacityBytes ?? Number.POSITIVE_INFINITY;

  /** One turn of the event loop, as any real store would take, then the faults that may come. */
  async function enter<T>(
    call: {
      readonly name: string;
      readonly object: StoreObject;
      readonly signal?: AbortSignal | undefined;
    },
    body: () => StoreResult<T>,
  ): Promise<StoreResult<T>> {
    await new Promise((resolve) => setImmediate(resolve));
    if (call.signal?.aborted === true) return failed({ code: 'cancelled' });
    const fault = store.onCall(call.name, call.object);
    return fault === undefined ? body() : failed(fault);
  }

  function find(object: StoreObject): Uint8Array | undefined {
    return isObjectName(object.type, object.name) ? objects.get(key(object)) : undefined;
  }

  const store: MemoryRepositoryStore = {
    objects,
    onCall: () => undefined,
    save: (object, chunks, { signal } = {}) =>
      enter({ name: 'save', object, signal }, () => {
        if (!isObjectName(object.type, object.name)) return refusedName();
        const bytes = new Uint8Array(Buffer.concat(chunks));
        const before = objects.get(key(object));
        if (before !== undefined) {
          if (object.type !== 'config' || Buffer.compare(before, bytes) === 0) return ok(undefined);
          return failed({ code: 'refused', reason: 'exists', params: {} });
        }
        const used = [...objects.values()].reduce((sum, held) => sum + held.length, 0);
        if (used + bytes.length > capacityBytes) return failed({ code: 'plot-full' });
        objects.set(key(object), bytes);
        return ok(undefined);
      }),
    load: (object, { signal, range } = {}) =>
      enter({ name: 'load', object, signal }, () => {
        const bytes = find(object);
        if (bytes === undefined) return failed({ code: 'not-found' });
        if (range === undefined) return ok(bytes.slice());
        const part = bytes.slice(range.offset, range.offset + range.length);
        if (part.length === range.length) return ok(part);
        return failed({ code: 'damaged', detail: 'shorter than the range asked for' });
      }),
    stat: (object, { signal } = {}) =>
      enter({ name: 'stat', object, signal }, () => {
        const bytes = find(object);
        return bytes === undefined
          ? failed({ code: 'not-found' })
          : ok({ sizeBytes: bytes.length });
      }),
    list: (type, { signal } = {}) =>
      enter({ name: 'list', object: { type, name: '' }, signal }, () =>
        ok(
          [...objects]
            .filter(([path]) => path.startsWith(`${type}/`))
            .map(([path, bytes]) => ({
              name: path.slice(type.length + 1),
              sizeBytes: bytes.length,
            })),
        ),
      ),
    remove: (object, { signal } = {}) =>
      enter({ name: 'remove', object, signal }, () => {
        if (find(object) === undefined) return failed({ code: 'not-found' });
        objects.delete(key(object));
        return ok(undefined);
      }),
  };
  return store;
}

function key(object: StoreObject): string {
  return `${object.type}/${object.name}`;
}

function refusedName(): StoreResult<never> {
  return failed({ code: 'refused', reason: 'bad-name', params: {} });
}
