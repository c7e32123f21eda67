import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { z } from 'zod';
import type { PlotId } from '../../../shared/ids.ts';
import { denied } from '../../../shared/model/allocate.ts';
import { isRefusalCode, refusalParams } from '../../../shared/refusal-params.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import { jsonOf } from '../../../shared/wire/json.ts';
import { readText } from '../client/connection/peer-client.ts';
import type { PeerFault } from '../client/connection/peer-fault.ts';
import type { PeerSession } from '../client/connection/peer-client.ts';
import { releaseChunk } from '../memory.ts';
import {
  isObjectName,
  type ListedObject,
  OBJECT_BYTES_MAX,
  type Pace,
  type RepositoryStore,
  type StoreFault,
  type StoreObject,
  type StoreObjectType,
  type StoreOptions,
  type StoreResult,
} from './repository/repository-store.ts';

/** A repository in a plot of mine at a friend's: the restic REST protocol over the pinned connection. */
export type PlotStoreOptions = {
  readonly plot: PlotId;
  readonly stream: PeerSession['stream'];
  /** Asks for room for so many more bytes when the plot is full; true if there is more now. */
  readonly grow: (bytes: number) => Promise<boolean>;
};

/** Names of 700,000 packs, which have ten terabytes. Eight times as much of it lies in memory, and a friend can list anything. */
const LIST_BYTES_MAX = 64 * 1024 * 1024;
/** The longest one on a slow line. */
const LIST_MS = 30 * 60_000;
const REFUSAL_BYTES_MAX = 64 * 1024;
const V2 = 'application/vnd.x.restic.rest.v2';

const refusal = z.object({ code: z.string(), params: z.record(z.string(), z.string()) });
const listing = z.array(z.object({ name: z.string(), size: z.int().min(0) }));

export function createPlotRepositoryStore({
  plot,
  stream,
  grow,
}: PlotStoreOptions): RepositoryStore {
  const base = `/v1/plots/${plot}/repository`;

  async function call(
    method: string,
    path: string,
    wish: {
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: readonly Uint8Array[] | Readable;
      readonly signal?: AbortSignal | undefined;
    },
  ): Promise<Result<IncomingMessage, StoreFault>> {
    const answered = await stream({ method, path: base + path, ...wish });
    if (!answered.ok) return failed(faultOf(answered.fault));
    const status = answered.value.statusCode ?? 0;
    if (status >= 200 && status < 300) return answered;
    return failed(await refusalOf(answered.value, status));
  }

  async function finish(
    answered: Result<IncomingMessage, StoreFault>,
  ): Promise<StoreResult<undefined>> {
    if (!answered.ok) return answered;
    answered.value.resume();
    return ok(undefined);
  }

  async function save(
    object: StoreObject,
    chunks: readonly Uint8Array[],
    { signal, pace }: StoreOptions,
  ): Promise<StoreResult<undefined>> {
    const whole = chunks.map((chunk) => Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    if (pace?.sliceBytes() === undefined)
      return finish(await call('POST', pathOf(object), { body: whole, signal }));
    const body = Readable.from(inSlices(whole, pace, signal), { objectMode: false });
    const length = whole.reduce((sum, chunk) => sum + chunk.length, 0);
    const headers = { 'content-length': `${length}` };
    const saved = await finish(await call('POST', pathOf(object), { headers, body, signal }));
    // Refused before the body was asked for.
    body.destroy();
    return saved;
  }

  async function loadPart(
    object: StoreObject,
    { signal, range, pace }: LoadOptions,
    onBroken: (part: Part) => void,
  ): Promise<StoreResult<Uint8Array>> {
    const headers =
      range === undefined
        ? undefined
        : { range: `bytes=${range.offset}-${range.offset + range.length - 1}` };
    const answered = await call('GET', pathOf(object), {
      signal,
      ...(headers === undefined ? {} : { headers }),
    });
    if (!answered.ok) return failed(asDamage(answered.fault));
    const pass = (bytes: number) => pace?.pass(bytes, signal);
    return readWhole(answered.value, range?.length, { pass, onBroken });
  }

  /**
   * The answer broke off in the middle. A line that was cut gives the rest when it is asked for; a disk that can't read on
   * breaks off at the same byte again, however well everything else there can be read.
   */
  async function goOn(
    object: StoreObject,
    options: LoadOptions,
    { bytes, length }: Part,
    brokenOff: StoreResult<Uint8Array>,
  ): Promise<StoreResult<Uint8Array>> {
    const { signal, range } = options;
    const isCalledOff = () => signal?.aborted === true;
    let have = length;
    for (let attempt = 0; attempt < GO_ON_MAX; attempt += 1) {
      // Whoever called it off broke it off.
      if (isCalledOff()) return failed({ code: 'cancelled' });
      if (have === bytes.length) return ok(bytes);
      const rest = { offset: (range?.offset ?? 0) + have, length: bytes.length - have };
      const parts: Part[] = [];
      const loaded = await loadPart(object, { ...options, range: rest }, (part) =>
        parts.push(part),
      );
      const more = loaded.ok ? loaded.value : parts[0]?.bytes.subarray(0, parts[0].length);
      if (more === undefined) return loaded;
      bytes.set(more, have);
      have += more.length;
      if (loaded.ok) return ok(bytes);
      if (more.length === 0 && !isCalledOff())
        return failed({ code: 'damaged', detail: `it can’t be read beyond byte ${rest.offset}` });
    }
    return brokenOff;
  }

  return {
    save: async (object, chunks, options = {}) => {
      if (!isObjectName(object.type, object.name)) return badName();
      const saved = await save(object, chunks, options);
      if (saved.ok || saved.fault.code !== 'plot-full') return saved;
      const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      if (await grow(bytes)) return save(object, chunks, options);
      // Whether it comes free by itself or not: what is kept of the deleted would not make room for this.
      const isTrash = BigInt(saved.fault.trashBytes ?? 0) >= BigInt(bytes);
      return isTrash ? saved : failed({ code: 'plot-full' });
    },
    load: async (object, options = {}) => {
      if (!isObjectName(object.type, object.name)) return failed({ code: 'not-found' });
      if (options.range?.length === 0) return ok(new Uint8Array());
      const parts: Part[] = [];
      const loaded = await loadPart(object, options, (part) => parts.push(part));
      const [begun] = parts;
      return loaded.ok || begun === undefined ? loaded : goOn(object, options, begun, loaded);
    },
    stat: async (object, { signal } = {}) => {
      if (!isObjectName(object.type, object.name)) return failed({ code: 'not-found' });
      const answered = await call('HEAD', pathOf(object), { signal });
      if (!answered.ok) return answered;
      answered.value.resume();
      return ok({ sizeBytes: Number(answered.value.headers['content-length'] ?? 0) });
    },
    list: (type, options) => list(call, type, options),
    remove: async (object, { signal } = {}) => {
      if (!isObjectName(object.type, object.name)) return failed({ code: 'not-found' });
      return finish(await call('DELETE', pathOf(object), { signal }));
    },
  };
}

type LoadOptions = NonNullable<Parameters<RepositoryStore['load']>[1]>;
/** What came of an answer before it broke off, in memory for all of it. */
type Part = { readonly bytes: Uint8Array; readonly length: number };
/** A line that breaks so often in one object is none. */
const GO_ON_MAX = 4;

const LOST_ON_DISK: ReadonlySet<string> = new Set(['EIO', 'ENOENT']);

/** A disk that is there and can't give this one object is no reason to leave all others alone. */
function asDamage(fault: StoreFault): StoreFault {
  if (fault.code !== 'refused' || fault.reason !== 'disk-failed') return fault;
  const error = fault.params['error'] ?? '';
  return LOST_ON_DISK.has(error) ? { code: 'damaged', detail: error } : fault;
}

async function list(
  call: (
    method: string,
    path: string,
    wish: {
      readonly headers?: Readonly<Record<string, string>>;
      readonly signal?: AbortSignal | undefined;
    },
  ) => Promise<Result<IncomingMessage, StoreFault>>,
  type: StoreObjectType,
  { signal }: StoreOptions = {},
): Promise<StoreResult<readonly ListedObject[]>> {
  if (type === 'config') {
    const answered = await call('HEAD', '/config', { signal });
    if (!answered.ok) return answered.fault.code === 'not-found' ? ok([]) : answered;
    answered.value.resume();
    return ok([{ name: '', sizeBytes: Number(answered.value.headers['content-length'] ?? 0) }]);
  }
  const answered = await call('GET', `/${type}/`, { headers: { accept: V2 }, signal });
  if (!answered.ok) return answered;
  const text = await readText(answered.value, LIST_BYTES_MAX, LIST_MS);
  if (!text.ok) return failed(faultOf(text.fault));
  const parsed = listing.safeParse(jsonOf(text.value));
  if (!parsed.success) return failed({ code: 'damaged', detail: `the list of ${type}` });
  return ok(
    parsed.data
      .filter(({ name }) => isObjectName(type, name))
      .map(({ name, size }) => ({ name, sizeBytes: size })),
  );
}

function pathOf({ type, name }: StoreObject): string {
  return type === 'config' ? '/config' : `/${type}/${name}`;
}

/** Small pieces, each when it may go: a line that is shared is not blocked for the time of a whole pack. */
async function* inSlices(
  chunks: readonly Buffer[],
  pace: Pace,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  for (const chunk of chunks) {
    let at = 0;
    while (at < chunk.length && signal?.aborted !== true) {
      const slice = chunk.subarray(at, at + (pace.sliceBytes() ?? chunk.length));
      const mayGo = pace.pass(slice.length, signal);
      if (mayGo !== undefined) await mayGo;
      yield slice;
      at += slice.length;
    }
  }
}

/** Into memory of its own, which can change hands. */
export async function readWhole(
  response: IncomingMessage,
  wanted: number | undefined,
  {
    pass,
    onBroken,
  }: {
    readonly pass?: (bytes: number) => Promise<void> | undefined;
    readonly onBroken?: (part: Part) => void;
  } = {},
): Promise<StoreResult<Uint8Array>> {
  const announced = Number(response.headers['content-length']);
  const isPossible = announced >= 0 && announced <= OBJECT_BYTES_MAX;
  if (!Number.isSafeInteger(announced) || !isPossible || announced !== (wanted ?? announced)) {
    response.destroy();
    return failed({ code: 'damaged', detail: 'not the length that was asked for' });
  }
  const bytes = Buffer.allocUnsafeSlow(announced);
  // By events: a loop over the chunks would cost more than what it does with each of them.
  return new Promise((resolve) => {
    let length = 0;
    let isOver = false;
    const broken = (detail: string) => {
      if (!isOver) onBroken?.({ bytes, length });
      isOver = true;
      resolve(failed({ code: 'unreachable', detail }));
    };
    response.on('data', (chunk: Buffer) => {
      if (length + chunk.length > announced) {
        isOver = true;
        resolve(failed({ code: 'damaged', detail: 'too long' }));
        response.destroy();
        return;
      }
      chunk.copy(bytes, length);
      const came = chunk.length;
      length += came;
      releaseChunk(chunk);
      const mayGoOn = pass?.(came);
      if (mayGoOn === undefined) return;
      // Whoever is not read from soon stops sending.
      response.pause();
      mayGoOn.then(
        () => response.resume(),
        () => response.destroy(),
      );
    });
    response.once('end', () => {
      if (length !== announced) return broken('the answer broke off');
      isOver = true;
      resolve(ok(bytes));
    });
    response.once('error', (error: NodeJS.ErrnoException) => broken(error.code ?? error.message));
    response.once('close', () => broken('the answer broke off'));
  });
}

export function faultOf(fault: PeerFault): StoreFault {
  switch (fault.code) {
    case 'cancelled':
      return { code: 'cancelled' };
    case 'refused':
      return {
        code: 'refused',
        reason: fault.denied.reasons[0]?.code ?? 'bad-request',
        params: fault.denied.reasons[0]?.params ?? {},
      };
    case 'wrong-key':
      return { code: 'refused', reason: 'wrong-key', params: {} };
    default:
      return { code: 'unreachable', detail: fault.detail };
  }
}

export async function refusalOf(response: IncomingMessage, status: number): Promise<StoreFault> {
  const text = await readText(response, REFUSAL_BYTES_MAX);
  const body = text.ok ? jsonOf(text.value) : undefined;
  // Who calls is looked at before the plot is, and refused as with any other question.
  const said = refusal.safeParse(body).data ?? denied.safeParse(body).data?.reasons[0];
  const code = said !== undefined && isRefusalCode(said.code) ? said.code : `status-${status}`;
  // A HEAD has no body; its status has to do.
  if (code === 'object-unknown' || (status === 404 && said === undefined))
    return { code: 'not-found' };
  const params = refusalParams(code, said?.params ?? {});
  if (code !== 'plot-full') return { code: 'refused', reason: code, params };
  const { trashBytes } = params;
  return { code, ...(trashBytes === undefined ? {} : { trashBytes }) };
}

function badName(): StoreResult<never> {
  return failed({ code: 'refused', reason: 'bad-name', params: {} });
}
