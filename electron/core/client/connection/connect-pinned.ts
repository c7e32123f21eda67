import { constants } from 'node:crypto';
import { connect, type TLSSocket } from 'node:tls';
import type { DeviceId } from '../../../../shared/ids.ts';
import { deviceOf } from '../../identity/device-key.ts';
import type { Identity } from '../../identity/identity.ts';
import { type HostPort, parseAddress } from '../../../../shared/address.ts';

/** Another device answered than the one we know: nothing was sent to it. */
export class WrongKeyError extends Error {
  override readonly name = 'WrongKeyError';
  readonly device: DeviceId | undefined;
  constructor(device: DeviceId | undefined) {
    super('the device at this address has another key');
    this.device = device;
  }
}

export type Pinned = { readonly socket: TLSSocket; readonly address: string };

/** An address that swallows packets must not hold up the others; one that works answers within this (RFC 8305 §5). */
const NEXT_AFTER_MS = 250;
const CONNECT_MS = 10_000;
/** Whatever is known or claimed about where somebody is: not more doors are knocked at for one call. */
const ADDRESSES_MAX = 8;

/**
 * Connects to one device at whichever of its addresses answers first with the right key; the others are
 * closed. Node checks nothing about a self-signed server by itself and would let bytes flow at once, so a
 * socket is handed out only after its key was found to be right; and nothing is resumed, because a
 * resumed TLS 1.3 connection shows no certificate (design §5).
 */
export function connectPinned({
  identity,
  addresses,
  isRight,
  signal,
}: {
  readonly identity: Pick<Identity, 'keyPem' | 'certificatePem'>;
  /** The likeliest first. */
  readonly addresses: readonly string[];
  readonly isRight: (device: DeviceId) => boolean;
  readonly signal?: AbortSignal | undefined;
}): Promise<Pinned> {
  const waiting = addresses.slice(0, ADDRESSES_MAX);
  const open = new Map<TLSSocket, NodeJS.Timeout>();
  return new Promise((resolve, reject) => {
    let last: Error = new Error('no address known');
    let next: NodeJS.Timeout | undefined;
    let isOver = false;

    function end(outcome: Pinned | Error): void {
      if (isOver) return;
      isOver = true;
      clearTimeout(next);
      signal?.removeEventListener('abort', giveUp);
      const kept = outcome instanceof Error ? undefined : outcome.socket;
      for (const [socket, timer] of open) {
        clearTimeout(timer);
        if (socket !== kept) socket.destroy();
      }
      open.clear();
      if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    }

    function giveUp(): void {
      end(new Error('given up'));
    }

    function missed(socket: TLSSocket | undefined, error: Error): void {
      if (isOver) return;
      // "Somebody else is there" says more than "nobody is there".
      if (!(last instanceof WrongKeyError)) last = error;
      if (socket !== undefined) {
        clearTimeout(open.get(socket));
        open.delete(socket);
        socket.destroy();
      }
      if (waiting.length > 0) tryNext();
      else if (open.size === 0) end(last);
    }

    function tryNext(): void {
      clearTimeout(next);
      const address = waiting.shift();
      if (address === undefined) return;
      const place = parseAddress(address);
      if (place === undefined) return missed(undefined, new Error('not an address'));
      const socket = openTls(identity, place);
      open.set(
        socket,
        setTimeout(() => missed(socket, new Error('no answer in time')), CONNECT_MS),
      );
      // Also afterwards: a socket that was given up may still have something to complain about.
      socket.on('error', (error) => missed(socket, error));
      socket.once('close', () => {
        if (open.has(socket)) missed(socket, new Error('closed while connecting'));
      });
      socket.once('secureConnect', () => {
        if (!open.has(socket)) return;
        const wrong = checkKey(socket, isRight);
        if (wrong === undefined) end({ socket, address });
        else missed(socket, wrong);
      });
      if (waiting.length > 0) next = setTimeout(tryNext, NEXT_AFTER_MS);
    }

    if (signal?.aborted === true) return giveUp();
    signal?.addEventListener('abort', giveUp);
    if (waiting.length === 0) end(last);
    else tryNext();
  });
}

function openTls(
  { keyPem, certificatePem }: Pick<Identity, 'keyPem' | 'certificatePem'>,
  { host, port }: HostPort,
): TLSSocket {
  const socket = connect({
    host,
    port,
    key: keyPem,
    cert: certificatePem,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
    secureOptions: constants.SSL_OP_NO_TICKET,
    servername: '',
  });
  socket.setNoDelay(true);
  return socket;
}

function checkKey(
  socket: TLSSocket,
  isRight: (device: DeviceId) => boolean,
): WrongKeyError | undefined {
  const certificate = socket.getPeerX509Certificate();
  const device = certificate === undefined ? undefined : deviceOf(certificate);
  if (device === undefined || socket.isSessionReused()) return new WrongKeyError(device);
  return isRight(device) ? undefined : new WrongKeyError(device);
}
