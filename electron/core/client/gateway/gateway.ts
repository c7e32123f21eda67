import { randomBytes, timingSafeEqual } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { PlotId } from '../../../../shared/ids.ts';
import type { Result } from '../../../../shared/result.ts';
import { HOUR_MS } from '../../../../shared/units.ts';
import { makeMissing, writeDurably } from '../../database/durable-file.ts';
import type { Clock, Logger } from '../../ports.ts';
import { readText, type Stream } from '../connection/peer-client.ts';
import type { PeerFault } from '../connection/peer-fault.ts';

/** What the gateway needs of a friend's plot. */
export type RemotePlot = {
  readonly plot: PlotId;
  /** A plot of a backup set: its one writer is the engine; restic may look, with the locks that takes. */
  readonly readOnly: boolean;
  /** Of a repository of mine; undefined: restic has its own. */
  readonly password: string | undefined;
  readonly stream: (stream: Stream) => Promise<Result<IncomingMessage, PeerFault>>;
  /** Asks the friend for room for so many more bytes; true if he gave it. */
  readonly grow: (byBytes: bigint) => Promise<boolean>;
};

export type Gateway = {
  /** A loopback address for this one use: good until it is closed, not used for half a day, or the program ends. */
  readonly open: (remote: RemotePlot) => Promise<GatewayUse>;
  /** Ends every use of a plot and breaks off what is under way; false: there was none. */
  readonly end: (plot: PlotId) => Promise<boolean>;
  /** Something was asked within the last minute, or still is being answered. */
  readonly isInUse: () => boolean;
  readonly close: () => Promise<void>;
};

export type GatewayUse = {
  readonly url: string;
  /** Holds the password while it is open; undefined where restic has its own. */
  readonly passwordFile: string | undefined;
};

/** Bodies below this are read first, so that they can be sent again after the plot has grown. */
const BUFFERED_BYTES = 64 * 1024;
/** 128 random bits in the path: other users and web pages on this machine can't guess it. */
const TOKEN_BYTES = 16;
const REFUSAL_BYTES_MAX = 64 * 1024;
/** Whoever went home with a terminal open has it shut by the morning. */
const IDLE_MS = 12 * HOUR_MS;
const LOOK_EVERY_MS = 15 * 60_000;
/** What restic does between two calls takes no longer, as a rule. */
const LINGER_MS = 60_000;
/** A handful of terminals; the oldest gives way. */
const USES_MAX = 64;

type Use = {
  readonly remote: RemotePlot;
  readonly token: string;
  readonly passwordFile: string | undefined;
  readonly calls: Set<AbortController>;
  lastMs: number;
};

/**
 * Lets stock restic use a friend's plot: plain HTTP on loopback here, mutual TLS to the friend there.
 * A plot that is full is asked to grow first, then the 507 is passed on (design §5).
 */
export function createGateway({
  folder,
  clock,
  logger: log,
}: {
  /** Below it passwords lie while they are of use, and no longer. */
  readonly folder: string;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly logger: Logger;
}): Gateway {
  const logger = log.named('gateway');
  const passwords = join(folder, 'gateway');
  const uses = new Map<string, Use>();
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      logger.error('a call through the gateway failed', { error: String(error) });
      response.destroy();
    });
  });
  server.requestTimeout = 0;
  let port: Promise<number> | undefined;
  // A crash may have left some.
  const swept = rm(passwords, { recursive: true, force: true }).catch((error: unknown) =>
    logger.warn('old passwords of the gateway are still there', { error: String(error) }),
  );
  const timer = setInterval(() => void endIdle(), LOOK_EVERY_MS).unref();

  // Whoever asks next gets another port: nothing else may end because of this one.
  server.on('error', (error) => {
    logger.warn('the gateway can’t listen', { error: error.message });
    server.close();
    port = undefined;
  });

  function listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: '127.0.0.1', port: 0 }, () => {
        server.off('error', reject);
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  }

  async function endUse(use: Use): Promise<void> {
    uses.delete(use.token);
    for (const call of use.calls) call.abort();
    if (use.passwordFile === undefined) return;
    // The next start tries it again.
    await rm(use.passwordFile, { force: true }).catch((error: unknown) =>
      logger.warn('a password of the gateway is still there', { error: String(error) }),
    );
  }

  async function endIdle(): Promise<void> {
    const sinceMs = clock.monotonicMs() - IDLE_MS;
    for (const use of uses.values())
      if (use.calls.size === 0 && use.lastMs <= sinceMs) await endUse(use);
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const use = isLoopbackName(request.headers.host) ? find(uses, request.url ?? '') : undefined;
    const isOver = use?.calls.size === 0 && use.lastMs <= clock.monotonicMs() - IDLE_MS;
    if (use === undefined || isOver) {
      if (use !== undefined) await endUse(use);
      return answer(response, 403, 'this address is not known here');
    }
    const path = (request.url ?? '').slice(1 + TOKEN_BYTES * 2);
    const call = new AbortController();
    use.calls.add(call);
    call.signal.addEventListener('abort', () => response.destroy(), { once: true });
    try {
      await forward(use.remote, path, { request, response, call });
    } finally {
      use.calls.delete(call);
      use.lastMs = clock.monotonicMs();
    }
  }

  return {
    open: async (remote) => {
      await swept;
      const [oldest] = uses.values();
      if (uses.size >= USES_MAX && oldest !== undefined) await endUse(oldest);
      port ??= listen();
      const token = randomBytes(TOKEN_BYTES).toString('hex');
      const url = `http://127.0.0.1:${await port}/${token}/`;
      const { password } = remote;
      // The token is in the address; whoever sees the one must not find the other by it.
      const name = randomBytes(TOKEN_BYTES).toString('hex');
      const passwordFile = password === undefined ? undefined : join(passwords, name);
      if (passwordFile !== undefined && password !== undefined) {
        await makeMissing(passwords);
        await writeDurably(passwordFile, password);
      }
      const lastMs = clock.monotonicMs();
      uses.set(token, { remote, token, passwordFile, calls: new Set(), lastMs });
      return { url, passwordFile };
    },
    end: async (plot) => {
      const ended = [...uses.values()].filter(({ remote }) => remote.plot === plot);
      for (const use of ended) await endUse(use);
      return ended.length > 0;
    },
    isInUse: () => {
      const sinceMs = clock.monotonicMs() - LINGER_MS;
      return [...uses.values()].some(({ calls, lastMs }) => calls.size > 0 || lastMs > sinceMs);
    },
    close: async () => {
      clearInterval(timer);
      for (const use of uses.values()) await endUse(use);
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

function find(uses: ReadonlyMap<string, Use>, url: string): Use | undefined {
  const given = Buffer.from(url.slice(1, 1 + TOKEN_BYTES * 2));
  let found: Use | undefined;
  for (const [token, use] of uses) {
    const expected = Buffer.from(token);
    if (given.length === expected.length && timingSafeEqual(given, expected)) found = use;
  }
  return found;
}

async function forward(
  remote: RemotePlot,
  path: string,
  {
    request,
    response,
    call,
  }: {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly call: AbortController;
  },
): Promise<void> {
  response.once('close', () => response.writableFinished || call.abort());
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
    signal: call.signal,
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
