import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import { plotId } from '../../../shared/model/ids.ts';
import { OBJECT_NAME, objectTypes, type ObjectType } from '../../../shared/model/plot.ts';
import { parseBytes } from '../../../shared/units.ts';
import type { ObjectKey } from '../ledger/ledger.ts';
import type { PlotStore } from './plot-store.ts';
import { booksFault } from './disk-faults.ts';
import { servePaper } from './paper-handler.ts';
import { finish, refuse, sendBody } from './plot-replies.ts';
import type { Readers } from './readers.ts';

const V2 = 'application/vnd.x.restic.rest.v2';
const V1 = 'application/vnd.x.restic.rest.v1';

export type RepositoryTarget = {
  readonly owner: OwnerId;
  readonly plot: string;
  /** What of the plot is meant: its repository, or what lies beside it. */
  readonly part: 'repository' | 'papers';
  /** From `/` on, with its query. */
  readonly path: string;
  /** A blocked friend reads what he has, with the locks that reading takes. */
  readonly readOnly: boolean;
};
export type RepositoryHandler = (exchange: Exchange, target: RepositoryTarget) => Promise<void>;
export type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };

/**
 * The restic REST protocol, version 2 (restic, doc/REST_backend.rst), below one plot. Objects are never
 * overwritten; the same object again is 200.
 */
export function createRepositoryHandler(store: PlotStore, readers: Readers): RepositoryHandler {
  return async (exchange, target) => {
    try {
      await serve(exchange, target);
    } catch (error) {
      const fault = booksFault(error);
      // In the middle of a list only the cut connection can say so.
      if (fault === undefined || exchange.response.headersSent) throw error;
      refuse(exchange, fault);
    }
  };

  async function serve(exchange: Exchange, target: RepositoryTarget): Promise<void> {
    const { request } = exchange;
    const plot = plotId.safeParse(target.plot).data;
    if (plot === undefined) return refuse(exchange, { code: 'plot-unknown' });
    if (target.part === 'papers') return servePaper(store.papers, exchange, { ...target, plot });
    const where = parsePath(target.path);
    if (where === undefined) return refuse(exchange, { code: 'bad-name' });
    const writes = request.method !== 'GET' && request.method !== 'HEAD';
    if (target.readOnly && writes && !(where.type === 'object' && where.kind === 'locks'))
      return refuse(exchange, { code: 'blocked' });
    switch (where.type) {
      case 'create':
        return request.method === 'POST'
          ? finish(exchange, 200)
          : refuse(exchange, { code: 'no-such-method' });
      case 'list':
        return request.method === 'GET'
          ? list(store, exchange, { owner: target.owner, plot, type: where.kind })
          : refuse(exchange, { code: 'no-such-method' });
      default: {
        const key = { plot, type: where.kind, name: where.name };
        return object({ store, readers }, exchange, { owner: target.owner, key });
      }
    }
  }
}

type Where =
  | { readonly type: 'create' }
  | { readonly type: 'list'; readonly kind: ObjectType }
  | { readonly type: 'object'; readonly kind: ObjectType; readonly name: string };

function parsePath(path: string): Where | undefined {
  if (path === '/?create=true') return { type: 'create' };
  if (path === '/config') return { type: 'object', kind: 'config', name: '' };
  const match = /^\/([a-z]{1,10})\/([^/]*)$/.exec(path);
  const kind = objectTypes.find((type) => type === match?.[1]);
  const name = match?.[2];
  if (kind === undefined || kind === 'config' || name === undefined) return undefined;
  if (name === '') return { type: 'list', kind };
  return OBJECT_NAME.test(name) ? { type: 'object', kind, name } : undefined;
}

type Parts = { readonly store: PlotStore; readonly readers: Readers };

async function object(
  { store, readers }: Parts,
  exchange: Exchange,
  located: { readonly owner: OwnerId; readonly key: ObjectKey },
): Promise<void> {
  switch (exchange.request.method) {
    case 'POST':
      return save(store, exchange, located);
    case 'GET':
    case 'HEAD':
      return load({ store, readers }, exchange, located);
    case 'DELETE': {
      const removed = await store.remove(located);
      return removed.ok ? finish(exchange, 200) : refuse(exchange, removed.fault);
    }
    default:
      return refuse(exchange, { code: 'no-such-method' });
  }
}

async function save(
  store: PlotStore,
  exchange: Exchange,
  { owner, key }: { readonly owner: OwnerId; readonly key: ObjectKey },
): Promise<void> {
  const { request, response } = exchange;
  const sizeBytes = parseBytes(request.headers['content-length'] ?? '');
  if (sizeBytes === undefined) return refuse(exchange, { code: 'length-required' });
  const result = await store.put({
    owner,
    key,
    sizeBytes,
    body: () => {
      if (request.headers.expect !== undefined) response.writeContinue();
      return request;
    },
  });
  if (response.destroyed || response.headersSent) return;
  return result.ok ? finish(exchange, 200) : refuse(exchange, result.fault);
}

async function load(
  { store, readers }: Parts,
  exchange: Exchange,
  located: { readonly owner: OwnerId; readonly key: ObjectKey },
): Promise<void> {
  const { request, response } = exchange;
  const known = await store.stat(located);
  if (!known.ok) return refuse(exchange, known.fault);
  const { sizeBytes } = known.value;
  const range = parseRange(request.headers.range, sizeBytes);
  if (range === 'unsatisfiable') {
    response.setHeader('content-range', `bytes */${sizeBytes}`);
    return refuse(exchange, { code: 'range-unsatisfiable' });
  }
  const { from, to } = range ?? { from: 0n, to: sizeBytes };
  const head = {
    'content-type': 'application/octet-stream',
    'content-length': `${to - from}`,
    'accept-ranges': 'bytes',
    ...(range === undefined ? {} : { 'content-range': `bytes ${from}-${to - 1n}/${sizeBytes}` }),
  };
  if (request.method === 'HEAD') {
    response.writeHead(200, head).end();
    return;
  }
  const opened = await store.read(located, { from, to });
  if (!opened.ok) return refuse(exchange, opened.fault);
  // Indexes and snapshots are read by every backup too; data by whoever wants it back.
  const ended = located.key.type === 'data' ? readers.begin(located.owner) : undefined;
  try {
    const status = range === undefined ? 200 : 206;
    await sendBody(opened.value, exchange, { status, headers: head });
  } finally {
    ended?.();
  }
}

/** One range of bytes (RFC 9110 §14.1.2). Anything else that it allows may be ignored, and is. */
export function parseRange(
  header: string | undefined,
  sizeBytes: bigint,
): { readonly from: bigint; readonly to: bigint } | 'unsatisfiable' | undefined {
  const match = /^bytes=([0-9]{0,19})-([0-9]{0,19})$/.exec(header ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  if (match[1] === '') {
    const last = BigInt(match[2] ?? '0');
    if (last === 0n) return 'unsatisfiable';
    return { from: last > sizeBytes ? 0n : sizeBytes - last, to: sizeBytes };
  }
  const from = BigInt(match[1] ?? '0');
  const last = match[2] === '' ? sizeBytes - 1n : BigInt(match[2] ?? '0');
  if (match[2] !== '' && last < from) return undefined;
  if (from >= sizeBytes) return 'unsatisfiable';
  return { from, to: last >= sizeBytes ? sizeBytes : last + 1n };
}

async function list(
  store: PlotStore,
  exchange: Exchange,
  call: { readonly owner: OwnerId; readonly plot: PlotId; readonly type: ObjectType },
): Promise<void> {
  const { request, response } = exchange;
  const listed = await store.list(call);
  if (!listed.ok) return refuse(exchange, listed.fault);
  const isV2 = (request.headers.accept ?? '').includes(V2);
  response.writeHead(200, { 'content-type': isV2 ? V2 : V1 });
  response.write('[');
  let isFirst = true;
  for await (const page of listed.value) {
    const items = page.map(({ name, sizeBytes }) =>
      isV2 ? `{"name":"${name}","size":${sizeBytes}}` : `"${name}"`,
    );
    const text = (isFirst ? '' : ',') + items.join(',');
    isFirst = false;
    if (!response.write(text) && !response.destroyed)
      await new Promise<void>((resolve) => {
        response.once('drain', resolve);
        response.once('close', resolve);
      });
    if (response.destroyed) return;
  }
  response.end(']');
}
