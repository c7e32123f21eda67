import { constants } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import { type Fault, fault } from '../../../shared/fault.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { Identity } from '../identity/identity.ts';
import { createDispatcher, type DispatchOptions } from './dispatcher.ts';
import { inTurn } from './in-turn.ts';

type Address = { readonly host: string; readonly port: number };

export type PeerServer = {
  /** Begins to listen; the port that was given, or a free one for 0. */
  readonly listen: (address: Address) => Promise<Result<{ readonly port: number }, Fault>>;
  readonly port: () => number | undefined;
  /** Refuses new calls, lets those under way finish for a moment, then cuts. */
  readonly close: () => Promise<void>;
};

export type ServerOptions = DispatchOptions & {
  readonly identity: Pick<Identity, 'owner' | 'device' | 'statement' | 'keyPem' | 'certificatePem'>;
};

/** How long calls under way may take to finish when the program ends. */
const CLOSE_MS = 3000;
/** How long nobody can call where the system has taken away what this listens with. */
const AGAIN_MS = 1000;

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
  const cutAll = limitPerAddress(server, limits.connectionsPerAddress);
  const serve = createDispatcher(options);
  const dispatch = (request: IncomingMessage, response: ServerResponse) => {
    serve(request, response).catch((error: unknown) => {
      logger.error('a call failed', { error: String(error), stack: stackOf(error) });
      response.destroy();
    });
  };
  const take = inTurn(dispatch);
  server.on('request', take);
  // The handler says "continue" when it wants the body, so that a refusal comes before it.
  server.on('checkContinue', take);
  server.on('tlsClientError', (error) =>
    logger.debug('a handshake failed', { error: error.message }),
  );
  server.on('clientError', (_error, socket) => socket.destroy());

  let port: number | undefined;
  let opened: Address | undefined;
  let again: NodeJS.Timeout | undefined;
  let isClosed = false;

  async function open(address: Address): Promise<Result<{ readonly port: number }, Fault>> {
    const listening = await listen(server, address);
    if (!listening.ok) return listening;
    port = listening.value.port;
    opened = { ...address, port };
    if (isClosed) server.close();
    return listening;
  }

  function openAgain(address: Address): void {
    if (isClosed) return;
    const next = () => openAgain(address);
    again = setTimeout(() => {
      open(address).then((listening) => listening.ok || next(), next);
    }, AGAIN_MS);
  }

  // A system can end it for good, as Windows does when its network is taken down. Whoever is connected stays.
  server.on('error', (error) => {
    if (opened === undefined) return;
    logger.error('nobody can call this device at the moment', { error: error.message });
    server.close();
    openAgain(opened);
    opened = undefined;
  });

  return {
    listen: open,
    port: () => port,
    close: async () => {
      port = undefined;
      opened = undefined;
      isClosed = true;
      clearTimeout(again);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      // Also whoever has not even shaken hands: to him it is no connection of HTTP's yet.
      const timer = setTimeout(cutAll, CLOSE_MS);
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
  { host, port }: Address,
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

/** What comes back cuts all that are open. */
function limitPerAddress(server: Server, most: number): () => void {
  const open = new Map<string, Set<Socket>>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const mine = open.get(address) ?? new Set();
    if (mine.size >= most) {
      socket.destroy();
      return;
    }
    open.set(address, mine.add(socket));
    socket.once('close', () => {
      mine.delete(socket);
      if (mine.size === 0) open.delete(address);
    });
  });
  return () => {
    for (const sockets of open.values()) for (const socket of sockets) socket.destroy();
  };
}
