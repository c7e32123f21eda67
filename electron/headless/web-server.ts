import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { z } from 'zod';
import type { Api, EventSource } from '../../shared/contract/api.ts';
import { callThroughDoor } from '../../shared/contract/door.ts';
import { cacheControl, WINDOW_HEADERS, WINDOW_TYPES } from '../../shared/contract/window-files.ts';
import { type Fault, fault } from '../../shared/fault.ts';
import { failed, ok, type Result } from '../../shared/result.ts';
import { DAY_MS } from '../../shared/units.ts';
import { jsonOf } from '../../shared/wire/json.ts';
import { type KeptWindow, keepWindow } from './kept-window.ts';
import { isSameSecret } from './same-secret.ts';
import type { WebMemory } from './web-memory.ts';

/**
 * The window in a browser, on loopback only (design §7). Other programs on this machine, and pages of
 * the web, can reach the port too; so everything but the page itself wants a bearer, which is given
 * once in exchange for a token that came with the link. No cookies: they ignore ports.
 */
export type WebServer = {
  readonly port: number;
  /** A link that lets one browser tab in, within a day. */
  readonly link: () => string;
  readonly close: () => Promise<void>;
};

const BODY_BYTES_MAX = 1024 * 1024;
/** What may wait for one listener before the next event comes; that one may be larger. */
const UNREAD_BYTES_MAX = 1024 * 1024;
/** Links that were made and never opened. */
const TOKENS_MAX = 20;
/** One that nobody opened lies in a terminal or in the system's log for as long as that is kept. */
const TOKEN_LIFE_MS = DAY_MS;

const sessionBody = z.object({ token: z.string().max(100) });
const callBody = z.object({ channel: z.string().max(60), args: z.unknown() });

export async function startWebServer({
  api,
  events,
  folder,
  ports,
  memory,
  nowMs = () => performance.now(),
}: {
  readonly api: Api;
  readonly events: EventSource;
  /** The built renderer. */
  readonly folder: string;
  /** Tried in this order; 0: any free one. */
  readonly ports: readonly number[];
  readonly memory: Pick<WebMemory, 'issue' | 'knows'>;
  /** Of a clock that nobody sets: a link of a start before the time was known is as good as any. */
  readonly nowMs?: () => number;
}): Promise<Result<WebServer, Fault>> {
  const tokens: { readonly token: string; readonly madeMs: number }[] = [];
  const kept = keepWindow(folder);
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    secure(response);
    if (!isLoopback(request)) return send(response, 403, { problem: 'loopback only' });
    const target = request.url ?? '/';
    // Only proxies are asked by whole addresses, and another name in one would pass the look at `Host`.
    if (!/^\/(?!\/)/.test(target)) return send(response, 400, {});
    const { pathname } = new URL(target, 'http://localhost');
    if (!pathname.startsWith('/api/')) return sendFile(response, { folder, kept, pathname });
    if (request.method !== 'POST') return send(response, 405, {});
    const body = await readJson(request);
    if (pathname === '/api/session') return session(response, body);
    if (!memory.knows(bearerOf(request))) return send(response, 401, {});
    if (pathname === '/api/events') return stream(request, response);
    const call = callBody.safeParse(body);
    if (pathname !== '/api/call' || !call.success) return send(response, 400, {});
    const { channel, args } = call.data;
    const answered = callThroughDoor(api, { channel, args });
    // A bug is an answer too; without one the tab would take the program for gone.
    send(response, 200, await answered.catch(() => failed(fault('internal'))));
  }

  /** A token is good once, and for a day; what it buys lives in the tab. */
  async function session(response: ServerResponse, body: unknown): Promise<void> {
    const { data } = sessionBody.safeParse(body);
    const at =
      data === undefined ? -1 : tokens.findIndex(({ token }) => isSameSecret(data.token, token));
    const [found] = at < 0 ? [] : tokens.splice(at, 1);
    if (found === undefined || nowMs() - found.madeMs > TOKEN_LIFE_MS)
      return send(response, 401, {});
    send(response, 200, { bearer: await memory.issue() });
  }

  /** One JSON object per line, for as long as the tab listens and the core is there. */
  function stream(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, {
      'content-type': 'application/x-ndjson',
      'cache-control': 'no-store',
    });
    response.flushHeaders();
    const stop = events.subscribe(
      (event) => {
        // Of the next core, to a tab that has not read yet that the one before is gone: it asks for everything again.
        if (response.destroyed || response.writableEnded) return;
        // Whoever does not read would fill our memory; the page asks for everything again by itself.
        if (response.writableLength > UNREAD_BYTES_MAX) response.destroy();
        else response.write(`${JSON.stringify(event)}\n`);
      },
      // The end is how the page learns that it must ask for everything again.
      () => response.end(),
    );
    request.once('close', stop);
    response.once('close', stop);
  }

  const listening = await listenAtOneOf(server, ports);
  if (!listening.ok) return listening;
  const actual = listening.value;
  return ok({
    port: actual,
    link: () => {
      const token = randomBytes(24).toString('base64url');
      tokens.push({ token, madeMs: nowMs() });
      if (tokens.length > TOKENS_MAX) tokens.shift();
      return `http://127.0.0.1:${actual}/#token=${token}`;
    },
    close: async () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  });
}

async function listenAtOneOf(
  server: Server,
  ports: readonly number[],
): Promise<Result<number, Fault>> {
  let refused: Result<number, Fault> = failed(fault('port-in-use', { port: '' }));
  for (const port of ports) {
    const listening = await listen(server, port);
    if (listening.ok) return listening;
    refused = listening;
  }
  return refused;
}

function listen(server: Server, port: number): Promise<Result<number, Fault>> {
  return new Promise((done, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES')
        done(failed(fault('port-in-use', { port: String(port) })));
      else reject(error);
    });
    server.listen({ host: '127.0.0.1', port }, () => {
      const address = server.address();
      done(ok(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}

function secure(response: ServerResponse): void {
  for (const [name, value] of Object.entries(WINDOW_HEADERS)) response.setHeader(name, value);
}

/** Another name pointing here (DNS rebinding) has another Host; another page has another Origin. */
function isLoopback({ headers }: IncomingMessage): boolean {
  const { host = '', origin } = headers;
  if (!/^(127\.0\.0\.1|localhost|\[::1\]):[0-9]{1,5}$/.test(host)) return false;
  return origin === undefined || origin === `http://${host}`;
}

function bearerOf({ headers }: IncomingMessage): string {
  return /^Bearer (.{1,100})$/.exec(headers.authorization ?? '')?.[1] ?? '';
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return jsonOf(Buffer.concat(chunks).toString('utf8'));
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(text);
}

async function sendFile(
  response: ServerResponse,
  {
    folder,
    kept,
    pathname,
  }: { readonly folder: string; readonly kept: KeptWindow; readonly pathname: string },
): Promise<void> {
  const path = resolve(folder, `.${pathname === '/' ? '/index.html' : pathname}`);
  const type = WINDOW_TYPES[extname(path)];
  if (!path.startsWith(folder + sep) || type === undefined) return send(response, 404, {});
  const bytes = await kept.read(path);
  if (bytes === undefined) return send(response, 404, {});
  const isHashed = path.startsWith(join(folder, 'assets') + sep);
  response.writeHead(200, {
    'content-type': type,
    'cache-control': cacheControl(isHashed),
  });
  response.end(bytes);
}
