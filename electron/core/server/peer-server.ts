import { constants } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { carriedFault, type Fault, fault } from '../../../shared/fault.ts';
import type { DeviceId, OwnerId } from '../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import { encodeJson } from '../../../shared/wire/json.ts';
import { deviceOf } from '../identity/device-key.ts';
import type { Identity } from '../identity/identity.ts';
import type { Logger } from '../ports.ts';
import { accountRoutes } from './handlers/accounts.ts';
import { allocationRoutes } from './handlers/allocations.ts';
import { deviceRoutes } from './handlers/devices.ts';
import { helloRoutes } from './handlers/hello.ts';
import { mintRoutes } from './handlers/mint.ts';
import { newsRoutes } from './handlers/news.ts';
import { orderRoutes } from './handlers/orders.ts';
import { pairingRoutes } from './handlers/pairings.ts';
import { protectionRoutes } from './handlers/protection.ts';
import { voucherRoutes } from './handlers/vouchers.ts';
import type { Parts } from './handlers/parts.ts';
import { upkeepRoutes } from './handlers/upkeep.ts';
import { readBody } from './message-body.ts';
import { createRateLimiter } from './rate-limit.ts';
import { deny } from './replies.ts';
import { type Caller, matchRoute, type Response, type Route } from './router.ts';

/** Serves the restic protocol below a plot; `electron/core/plots` has the real one. */
export type RepositoryHandler = (
  exchange: { readonly request: IncomingMessage; readonly response: ServerResponse },
  target: {
    readonly owner: OwnerId;
    readonly plot: string;
    readonly part: 'repository' | 'papers';
    /** From `/` on, with its query. */
    readonly path: string;
    /** A blocked friend may still read (design §3.2). */
    readonly readOnly: boolean;
  },
) => Promise<void>;

export type PeerServer = {
  /** Begins to listen; the port that was given, or a free one for 0. */
  readonly listen: (address: {
    readonly host: string;
    readonly port: number;
  }) => Promise<Result<{ readonly port: number }, Fault>>;
  readonly port: () => number | undefined;
  /** Refuses new calls, lets those under way finish for a moment, then cuts. */
  readonly close: () => Promise<void>;
};

export type ServerOptions = Parts & {
  readonly identity: Pick<Identity, 'owner' | 'device' | 'statement' | 'keyPem' | 'certificatePem'>;
  readonly repository: RepositoryHandler;
  readonly logger: Logger;
};

/** How long calls under way may take to finish when the program ends. */
const CLOSE_MS = 3000;

/**
 * What friends talk to: TLS 1.3 with a certificate from both sides. A certificate is accepted whoever
 * signed it; what counts is its key, and that is looked up on every single request (design §5).
 */
export function createPeerServer(options: ServerOptions): PeerServer {
  const { identity, limits, logger } = options;
  const server = createServer({
    key: identity.keyPem,
    cert: identity.certificatePem,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
    // AES-128 first: as good for this, and a quarter faster where every byte is a friend's backup.
    ciphers: 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256',
    honorCipherOrder: true,
    // A resumed TLS 1.3 session has no peer certificate, so there are no sessions to resume.
    secureOptions: constants.SSL_OP_NO_TICKET,
    handshakeTimeout: limits.handshakeMs,
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    // Uploads take as long as they take; each kind of body has its own clock.
    requestTimeout: 0,
    keepAliveTimeout: limits.keepAliveMs,
    noDelay: true,
  });
  server.maxConnections = limits.connections;
  server.maxHeadersCount = 64;
  server.setTimeout(limits.idleMs);
  limitPerAddress(server, limits.connectionsPerAddress);
  const serve = createDispatcher(options);
  const dispatch = (request: IncomingMessage, response: ServerResponse) => {
    serve(request, response).catch((error: unknown) => {
      logger.error('a call failed', { error: String(error), stack: stackOf(error) });
      response.destroy();
    });
  };
  server.on('request', dispatch);
  // The handler says "continue" when it wants the body, so that a refusal comes before it.
  server.on('checkContinue', dispatch);
  server.on('tlsClientError', (error) =>
    logger.debug('a handshake failed', { error: error.message }),
  );
  server.on('clientError', (_error, socket) => socket.destroy());

  let port: number | undefined;
  return {
    listen: (address) =>
      listen(server, address).then((result) => {
        if (result.ok) port = result.value.port;
        return result;
      }),
    port: () => port,
    close: async () => {
      port = undefined;
      if (!server.listening) return;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? '') : '';
}

function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Result<{ readonly port: number }, Fault>> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => {
      server.off('listening', onListening);
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES')
        resolve(failed(fault('port-in-use', { port: String(port) })));
      else reject(error);
    };
    const onListening = () => {
      server.off('error', onError);
      const address = server.address();
      resolve(ok({ port: typeof address === 'object' && address !== null ? address.port : port }));
    };
    server.once('error', onError);
    server.once('listening', onListening);
    // Without a host Node takes all of both families, and IPv4 alone where the system has no IPv6.
    server.listen(host === '::' ? { port } : { host, port });
  });
}

function limitPerAddress(server: Server, most: number): void {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const count = (open.get(address) ?? 0) + 1;
    if (count > most) {
      socket.destroy();
      return;
    }
    open.set(address, count);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
  });
}

function createDispatcher(
  options: ServerOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const routes: readonly Route[] = [
    ...helloRoutes(options),
    ...pairingRoutes(options),
    ...deviceRoutes(options),
    ...allocationRoutes(options),
    ...accountRoutes(options),
    ...mintRoutes(options),
    ...orderRoutes(options),
    ...upkeepRoutes(options),
    ...protectionRoutes(options),
    ...newsRoutes(options),
    ...voucherRoutes(options),
  ];
  const { friends, pairings, limits, clock } = options;
  const strangerLimit = createRateLimiter(limits.strangers, clock);
  const pairingLimit = createRateLimiter(limits.pairings, clock);
  const friendLimit = createRateLimiter(limits.friends, clock);
  const askLimit = createRateLimiter(limits.asks, clock);

  /** Whoever pairs asks all the time how it stands; that must not use up what an address may ask. */
  function admitStranger({ device, address }: Caller): boolean {
    const isPairing = device !== undefined && pairings.openWith(device)?.began === 'there';
    return isPairing ? pairingLimit.admit(device) : strangerLimit.admit(address);
  }

  /** Its own owner has put another in its place: whoever uses it still should hear so. */
  function isStruckOff({ device }: Caller): boolean {
    const known = device === undefined ? undefined : friends.knownDevice(device);
    if (known === undefined || known.friend.relation !== undefined) return false;
    return known.device.revoked && !known.friend.departed;
  }

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    caller: Caller,
  ): Promise<Response | 'answered'> {
    const match = matchRoute(routes, request.method ?? '', request.url ?? '');
    const { friend, guest } = caller;
    const person = friend ?? guest;
    if (person === undefined) {
      // Limited before anything is looked at, and the same answer whatever was asked.
      if (!admitStranger(caller)) return deny('rate-limited');
      const isOpen = match.type === 'route' && isForStrangers(match.route);
      // Also where strangers may ask: it must not take its owner's friend for one who has ended it.
      const isShut = !isOpen || match.route.access !== 'anyone';
      if (isShut && isStruckOff(caller)) return deny('device-revoked');
      if (!isOpen) return deny('unknown-peer');
    } else if (match.type === 'repository') {
      const { plot, part, path } = match;
      const target = { owner: person.owner, plot, part, path, readOnly: person.blocked };
      await options.repository({ request, response }, target);
      return 'answered';
    } else if (!friendLimit.admit(caller.device ?? '')) return deny('rate-limited');
    // A guest is a stranger in everything that is not about his own plots.
    if (friend === undefined && (match.type !== 'route' || match.route.access === 'friend'))
      return deny('unknown-peer');
    if (match.type !== 'route') return deny('bad-request', { problem: 'no such path' });
    if (person !== undefined && isKept(match.route) && !askLimit.admit(person.owner))
      return deny('rate-limited');
    if (request.headers.expect !== undefined) response.writeContinue();
    const body = await readBody(request, limits);
    const { route } = match;
    // A stranger hears of what is wrong with his request no more than of what is right.
    if (!body.ok && person === undefined && route.access !== 'anyone') return deny('unknown-peer');
    if (!body.ok) return deny(body.fault.code, body.fault.params);
    const call = { caller, params: match.params, body: body.value };
    if (route.access === 'anyone') return route.handle(call);
    if (person !== undefined) return route.handle({ ...call, friend: person });
    return route.ofStranger === undefined ? deny('unknown-peer') : route.ofStranger(call);
  }

  return async (request, response) => {
    const device = deviceBehind(request.socket as TLSSocket);
    const person = device === undefined ? undefined : friends.personByDevice(device);
    const friend = person?.relation === undefined ? person : undefined;
    const guest = person?.relation === 'guest' ? person : undefined;
    if (device !== undefined && (friend ?? guest) !== undefined) friends.contacted(device);
    const address = plainAddress(request.socket.remoteAddress ?? '');
    const caller = { device, friend, guest, address };
    const outcome = await answer(request, response, caller).catch((error: unknown) => {
      // Strangers hear no more of this than of anything else.
      const isPerson = (friend ?? guest) !== undefined;
      if (carriedFault(error) === undefined || !isPerson || response.headersSent) throw error;
      options.logger.error('the books can’t be written', { error: String(error) });
      return deny('books-unwritable');
    });
    if (outcome !== 'answered') reply(request, response, outcome);
  };
}

function isForStrangers(route: Route): boolean {
  return route.access === 'anyone' || route.ofStranger !== undefined;
}

function isKept(route: Route): boolean {
  return route.access !== 'anyone' && route.isKept === true;
}

/** The key does not change within a connection, so its hash is taken once; who it belongs to may. */
const devices = new WeakMap<TLSSocket, DeviceId>();

function deviceBehind(socket: TLSSocket): DeviceId | undefined {
  const known = devices.get(socket);
  if (known !== undefined) return known;
  if (socket.isSessionReused()) return undefined;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  const device = deviceOf(certificate);
  devices.set(socket, device);
  return device;
}

/** IPv4 in IPv6 clothes (RFC 4291 §2.5.5.2) is IPv4. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}

function reply(
  request: IncomingMessage,
  response: ServerResponse,
  { status, body }: Response,
): void {
  const text = Buffer.from(encodeJson(body), 'utf8');
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': text.length,
    // A body that was not read to its end can't be followed by another request.
    ...(request.complete ? {} : { connection: 'close' }),
  });
  response.end(text);
}
