import type { X509Certificate } from 'node:crypto';
import diagnostics from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Duplex } from 'node:stream';

/**
 * A connection to a real HTTP server that is only memory: everything from the parser on is the real thing, but there
 * is no handshake and no system call, so that a hundred times as many cases fit into a minute.
 */
export type Spoken = {
  /** Everything the server has said, as it stood on the wire. */
  readonly said: Buffer;
  /** What came to a handler. */
  readonly heard: readonly IncomingMessage[];
};

type Started = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly server: Server;
  readonly socket: unknown;
};

/** The server that a call reaches which `call` makes. */
export async function serverBehind(call: () => Promise<unknown>): Promise<Server> {
  let found: Server | undefined;
  const listen = (message: unknown) => {
    found = (message as Started).server;
  };
  diagnostics.subscribe('http.server.request.start', listen);
  await call();
  diagnostics.unsubscribe('http.server.request.start', listen);
  if (found === undefined) throw new Error('no server of this process was called');
  return found;
}

/** Sends the parts one after the other, and waits until everything that can be answered was. */
export async function speak(
  server: Server,
  event: 'connection' | 'secureConnection',
  parts: readonly Uint8Array[],
  peer: { readonly certificate?: X509Certificate | undefined; readonly address?: string } = {},
): Promise<Spoken> {
  const said: Buffer[] = [];
  let saidBytes = 0;
  const socket = new Duplex({
    allowHalfOpen: true,
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      // What is more than any answer is here is a stream of events or of data; its beginning is enough.
      if (saidBytes < 4 * 1024 * 1024) said.push(Buffer.from(chunk));
      saidBytes += chunk.length;
      done();
    },
  });
  Object.assign(socket, {
    remoteAddress: peer.address ?? '127.0.0.1',
    encrypted: true,
    setTimeout: () => socket,
    setNoDelay: () => socket,
    setKeepAlive: () => socket,
    isSessionReused: () => false,
    getPeerX509Certificate: () => peer.certificate,
    destroySoon: () => {
      if (socket.writable) socket.end();
      if (socket.writableFinished) socket.destroy();
      else socket.once('finish', () => socket.destroy());
    },
  });
  socket.on('error', () => undefined);
  const open = new Set<Started>();
  const heard: IncomingMessage[] = [];
  let wake = () => {};
  const onStart = (message: unknown) => {
    const started = message as Started;
    if (started.socket !== socket) return;
    heard.push(started.request);
    open.add(started);
    started.response.once('close', () => {
      open.delete(started);
      wake();
    });
  };
  diagnostics.subscribe('http.server.request.start', onStart);
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      resolve();
      wake();
    });
  });
  server.emit(event, socket);
  for (const part of parts) {
    if (socket.destroyed) break;
    socket.push(part);
    await turn();
  }
  await turn();
  while (open.size > 0 && !socket.destroyed) {
    // Somebody waits for the rest of a body that will not come.
    const isEndless = [...open].some(({ request }) => !request.complete);
    if (isEndless && !socket.readableEnded) socket.push(null);
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    if (open.size > 0 && !socket.destroyed) await woken;
  }
  socket.destroy();
  await closed;
  diagnostics.unsubscribe('http.server.request.start', onStart);
  return { said: Buffer.concat(said), heard };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
