import type { MessagePort } from 'node:worker_threads';
import { releaseAll } from '../../memory.ts';
import { PACK_BYTES } from '../repository/pack.ts';
import type { RepositoryStore, StoreObject } from '../repository/repository-store.ts';

/**
 * A store on the other side of a port: the engine works in a thread of its own, the connections to
 * friends live on the main thread. Chunks of a `save` and the bytes of a `load` change hands.
 */
type Method = keyof RepositoryStore;
type Request =
  | {
      readonly id: number;
      readonly method: Method;
      readonly target: StoreObject | StoreObject['type'];
      readonly chunks?: readonly Uint8Array[];
      readonly range?: { readonly offset: number; readonly length: number } | undefined;
      readonly attempt?: number | undefined;
    }
  | { readonly cancel: number };
type Reply = {
  readonly id: number;
  readonly result: Awaited<ReturnType<RepositoryStore[Method]>>;
  /** Packs that were saved: their memory comes back, for others. */
  readonly spare?: readonly Uint8Array<ArrayBuffer>[];
};

export function serveStore(
  port: MessagePort,
  store: RepositoryStore,
  /** A store that rejects has a bug; whoever waits for an answer must hear of it. */
  onBroken: (error: unknown) => void,
): void {
  const underWay = new Map<number, AbortController>();

  async function run(request: Extract<Request, { method: Method }>): Promise<void> {
    const controller = new AbortController();
    underWay.set(request.id, controller);
    const { signal } = controller;
    const result = await call(store, request, signal);
    underWay.delete(request.id);
    // A pack was handed over. After a failure the network may still be holding on to it.
    const isSaved = request.method === 'save' && result.ok;
    const spare = isSaved ? (request.chunks ?? []).filter(isWhole) : [];
    const isBytes = result.ok && result.value instanceof Uint8Array;
    const bytes = isBytes ? (result.value as Uint8Array<ArrayBuffer>) : undefined;
    const isOwn = bytes !== undefined && bytes.byteLength === bytes.buffer.byteLength;
    const transfer = [...spare.map(({ buffer }) => buffer), ...(isOwn ? [bytes.buffer] : [])];
    port.postMessage({ id: request.id, result, spare } satisfies Reply, transfer);
  }

  port.on('message', (request: Request) => {
    if ('cancel' in request) underWay.get(request.cancel)?.abort();
    else run(request).catch(onBroken);
  });
}

/** Memory of its own, and worth the way back. */
function isWhole(chunk: Uint8Array): chunk is Uint8Array<ArrayBuffer> {
  const { buffer } = chunk;
  return buffer instanceof ArrayBuffer && !buffer.detached && buffer.byteLength >= PACK_BYTES;
}

async function call(
  store: RepositoryStore,
  { method, target, chunks = [], range, attempt }: Extract<Request, { method: Method }>,
  signal: AbortSignal,
): Promise<Reply['result']> {
  if (method === 'list') return store.list(target as StoreObject['type'], { signal });
  const object = target as StoreObject;
  switch (method) {
    case 'save':
      return store.save(object, chunks, { signal });
    case 'load':
      return store.load(object, { signal, range, attempt });
    case 'stat':
      return store.stat(object, { signal });
    default:
      return store.remove(object, { signal });
  }
}

export function connectStore(
  port: MessagePort,
  /** Takes the memory of a pack that was saved. */
  onSpare: (bytes: Uint8Array<ArrayBuffer>) => void = releaseAll,
): RepositoryStore {
  const waiting = new Map<number, (result: unknown) => void>();
  let lastId = 0;
  port.on('message', ({ id, result, spare = [] }: Reply) => {
    for (const bytes of spare) onSpare(bytes);
    waiting.get(id)?.(result);
    waiting.delete(id);
  });

  function ask<M extends Method>(
    request: Omit<Extract<Request, { method: Method }>, 'id'> & { readonly method: M },
    options: { readonly signal?: AbortSignal | undefined } = {},
    transfer: readonly ArrayBuffer[] = [],
  ): ReturnType<RepositoryStore[M]> {
    lastId += 1;
    const id = lastId;
    const answer = new Promise<unknown>((resolve) => waiting.set(id, resolve));
    port.postMessage({ id, ...request }, [...transfer]);
    const onAbort = () => port.postMessage({ cancel: id });
    options.signal?.addEventListener('abort', onAbort, { once: true });
    // The reply's kind is that of the method; a map of ids can't carry it.
    return answer.finally(() =>
      options.signal?.removeEventListener('abort', onAbort),
    ) as ReturnType<RepositoryStore[M]>;
  }

  return {
    save: (target, chunks, options) => {
      // Only packs own their memory; the small objects are copied.
      const transfer = chunks.flatMap((chunk) =>
        target.type === 'data' && chunk.byteOffset === 0 ? [chunk.buffer as ArrayBuffer] : [],
      );
      return ask({ method: 'save', target, chunks }, options, transfer);
    },
    load: (target, options) =>
      ask({ method: 'load', target, range: options?.range, attempt: options?.attempt }, options),
    stat: (target, options) => ask({ method: 'stat', target }, options),
    list: (target, options) => ask({ method: 'list', target }, options),
    remove: (target, options) => ask({ method: 'remove', target }, options),
  };
}
