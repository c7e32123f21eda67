import { constants } from 'node:crypto';
import { Agent } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import type { DeviceId } from '../../../shared/ids.ts';
import { deviceOf } from '../identity/device-key.ts';
import type { Identity } from '../identity/identity.ts';

/** Another device answered than the one we know: nothing was sent to it. */
export class WrongKeyError extends Error {
  override readonly name = 'WrongKeyError';
  readonly device: DeviceId | undefined;
  constructor(device: DeviceId | undefined) {
    super('the device at this address has another key');
    this.device = device;
  }
}

/** Four uploads, four downloads and a message between them. */
const SOCKETS_MAX = 10;
const CONNECT_MS = 10_000;
/** Below the server's keep-alive, so that a socket is not used at the moment it is being closed. */
const IDLE_MS = 55_000;

/**
 * Sockets to one device. Node checks nothing about a self-signed server by itself and would let bytes
 * flow at once, so a socket is handed out only after its key was found to be the expected one; and
 * nothing is resumed, because a resumed TLS 1.3 connection shows no certificate (design §5).
 */
export class PinnedAgent extends Agent {
  readonly #identity: Pick<Identity, 'keyPem' | 'certificatePem'>;
  /** Undefined until the first connection of a pairing has told; from then on it counts. */
  #expected: DeviceId | undefined;

  constructor(
    identity: Pick<Identity, 'keyPem' | 'certificatePem'>,
    expected: DeviceId | undefined,
  ) {
    super({ keepAlive: true, maxSockets: SOCKETS_MAX, maxCachedSessions: 0, timeout: IDLE_MS });
    this.#identity = identity;
    this.#expected = expected;
  }

  /** Whom this agent talks to. */
  get device(): DeviceId | undefined {
    return this.#expected;
  }

  override createConnection(
    options: { readonly host?: string | null; readonly port?: number | string | null },
    callback?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const socket = connect({
      host: options.host ?? '127.0.0.1',
      port: Number(options.port),
      key: this.#identity.keyPem,
      cert: this.#identity.certificatePem,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3',
      secureOptions: constants.SSL_OP_NO_TICKET,
      servername: '',
    });
    let done = false;
    const finish = (error: Error | null) => {
      if (done) return;
      done = true;
      clearTimeout(timer);
      if (error !== null) socket.destroy();
      callback?.(error, socket);
    };
    const timer = setTimeout(() => finish(new Error('no answer in time')), CONNECT_MS);
    socket.on('error', finish);
    socket.once('close', () => finish(new Error('closed while connecting')));
    socket.once('secureConnect', () => finish(this.#check(socket)));
    return undefined;
  }

  #check(socket: TLSSocket): Error | null {
    const certificate = socket.getPeerX509Certificate();
    const device = certificate === undefined ? undefined : deviceOf(certificate);
    if (device === undefined || socket.isSessionReused()) return new WrongKeyError(device);
    this.#expected ??= device;
    return device === this.#expected ? null : new WrongKeyError(device);
  }
}
