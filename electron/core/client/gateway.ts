import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { PlotId } from '../../../shared/ids.ts';
import type { Result } from '../../../shared/result.ts';
import type { Logger } from '../ports.ts';
import { readText, type Stream } from './peer-client.ts';
import type { PeerFault } from './peer-fault.ts';

/** What the gateway needs of a friend's plot. */
export type RemotePlot = {
  readonly plot: PlotId;
  /** A plot of a backup set: its one writer is the engine; restic may look, with the locks that takes. */
  readonly readOnly: boolean;
  readonly stream: (stream: Stream) => Promise<Result<IncomingMessage, PeerFault>>;
  /** Asks the friend for room for so many more bytes; true if he gave it. */
  readonly grow: (byBytes: bigint) => Promise<boolean>;
};

export type Gateway = {
  /** A loopback address for `restic -r rest:…`, good until the program ends. The same plot, the same address. */
  readonly open: (remote: RemotePlot) => Promise<string>;
  readonly close: () => Promise<void>;
};

/** Bodies below this are read first, so that they can be sent again after the plot has grown. */
const BUFFERED_BYTES = 64 * 1024;
/** 128 random bits in the path: other users and web pages on this machine can't guess it. */
const TOKEN_BYTES = 16;
const REFUSAL_BYTES_MAX = 64 * 1024;

/**
 * Lets stock restic use a friend's plot: plain HTTP on loopback here, mutual TLS to the friend there.
 * A plot that is full is asked to grow first, then the 507 is passed on (design §5).
 */
export function createGateway(logger: Logger): Gateway {
  const byToken = new Map<string, RemotePlot>();
  const urls = new Map<PlotId, string>();
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      logger.error('a call through the gateway failed', { error: String(error) });
      response.destroy();
    });
  });
  server.requestTimeout = 0;
  let port: Promise<number> | undefined;

  function listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: '127.0.0.1', port: 0 }, () => {
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const remote = isLoopbackName(request.headers.host)
      ? find(byToken, request.url ?? '')
      : undefined;
    if (remote === undefined) return answer(response, 403, 'this address is not known here');
    const path = (request.url ?? '').slice(1 + TOKEN_BYTES * 2);
    await forward(remote, path, { request, response });
  }

  return {
    open: async (remote) => {
      const known = urls.get(remote.plot);
      if (known !== undefined) return known;
      port ??= listen();
      const token = randomBytes(TOKEN_BYTES).toString('hex');
      byToken.set(token, remote);
      const url = `http://127.0.0.1:${await port}/${token}/`;
      urls.set(remote.plot, url);
      return url;
    },
    close: async () => {
      if (port === undefined) return;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A page on the web could have its own name point here (DNS rebinding); it can't fake this header. */
function isLoopbackName(host: string | undefined): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?$/.test(host ?? '');
}

function find(byToken: ReadonlyMap<string, RemotePlot>, url: string): RemotePlot | undefined {
  const given = Buffer.from(url.slice(1, 1 + TOKEN_BYTES * 2));
  let found: RemotePlot | undefined;
  for (const [token, remote] of byToken) {
    const expected = Buffer.from(token);
    if (given.length === expected.length && timingSafeEqual(given, expected)) found = remote;
  }
  return found;
}

async function forward(
  remote: RemotePlot,
  path: string,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
): Promise<void> {
  const controller = new AbortController();
  response.once('close', () => response.writableFinished || controller.abort());
  const writes = request.method !== 'GET' && request.method !== 'HEAD';
  if (remote.readOnly && writes && !path.startsWith('/locks/'))
    return answer(response, 403, 'this plot belongs to a backup set; it can be read here');
  const length = request.headers['content-length'];
  const hasBody = request.method === 'POST';
  if (hasBody && length === undefined) return answer(response, 411, 'Content-Length is missing');
  const isSmall = Number(length) < BUFFERED_BYTES;
  const body = !hasBody ? undefined : isSmall ? [await readAll(request)] : request;
  const wish: Stream = {
    method: request.method ?? 'GET',
    path: `/v1/plots/${remote.plot}/repository${path}`,
    headers: forwarded(request, hasBody && !isSmall),
    body,
    signal: controller.signal,
  };
  let answered = await remote.stream(wish);
  const isFull = answered.ok && answered.value.statusCode === 507;
  // Only while the body is still here: a large one waits for the friend's "continue".
  if (isFull && answered.ok && (isSmall || !request.readableDidRead)) {
    const refusal = await readText(answered.value, REFUSAL_BYTES_MAX);
    if (await remote.grow(BigInt(length ?? 0))) answered = await remote.stream(wish);
    else return answer(response, 507, refusal.ok ? refusal.value : 'the plot is full');
  }
  if (!answered.ok) return answer(response, 502, sentenceOf(answered.fault));
  const { statusCode = 502, headers } = answered.value;
  for (const name of PASSED_BACK)
    if (headers[name] !== undefined) response.setHeader(name, headers[name]);
  response.writeHead(statusCode);
  try {
    await pipeline(answered.value, response);
  } catch {
    response.destroy();
  }
}

const PASSED_BACK = ['content-type', 'content-length', 'content-range', 'accept-ranges'] as const;

function forwarded(
  request: IncomingMessage,
  withLength: boolean,
): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const name of ['accept', 'range', 'content-type'] as const) {
    const value = request.headers[name];
    if (value !== undefined) headers[name] = value;
  }
  if (withLength) headers['content-length'] = request.headers['content-length'] ?? '0';
  return headers;
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function answer(response: ServerResponse, status: number, text: string): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-length': Buffer.byteLength(text) }).end(text);
}

function sentenceOf(fault: PeerFault): string {
  switch (fault.code) {
    case 'unreachable':
      return `The friend's device can't be reached (${fault.detail}). Is it on?`;
    case 'wrong-key':
      return "Another device answers at the friend's address. Nothing was sent.";
    default:
      return `The friend's device refused the call (${fault.code}).`;
  }
}
