import { Agent } from 'node:https';
import type { Duplex } from 'node:stream';
import type { DeviceId } from '../../../../shared/ids.ts';
import type { Identity } from '../../identity/identity.ts';
import { connectPinned, WrongKeyError } from './connect-pinned.ts';
import type { IdleSockets } from './idle-sockets.ts';
import type { Pace } from './send-slices.ts';

export { WrongKeyError };

/** Two sets at once with four uploads each, restic's five, and messages between them: what waits here waits for a whole pack. */
export const SOCKETS_MAX = 16;
/** Below the server's keep-alive, so that a socket is not used at the moment it is being closed. */
const IDLE_MS = 55_000;

/** What a request may add for the connection it may need. */
export type Route = {
  /** Tried before what is known. */
  readonly first?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
};

export type AgentOptions = {
  readonly identity: Pick<Identity, 'keyPem' | 'certificatePem'>;
  /** Undefined until the first connection of a pairing has told; from then on it counts. */
  readonly expected: DeviceId | undefined;
  /** Where it may be found now, the likeliest first. */
  readonly addresses: () => readonly string[];
  readonly idle?: IdleSockets | undefined;
};

/**
 * Sockets to one device, whichever of its addresses they lead to (`connect-pinned.ts` says what is
 * checked before one is used).
 */
export class PinnedAgent extends Agent {
  readonly #options: AgentOptions;
  readonly #addresses = new WeakMap<Duplex, string>();
  readonly #resting = new Set<Duplex>();
  readonly #ending = new AbortController();
  #expected: DeviceId | undefined;
  /** How the line to it was found last: a small body does not tell. */
  pace: Pace;

  constructor(options: AgentOptions) {
    super({ keepAlive: true, maxSockets: SOCKETS_MAX, maxCachedSessions: 0, timeout: IDLE_MS });
    this.#options = options;
    this.#expected = options.expected;
  }

  /** Whom this agent talks to. */
  get device(): DeviceId | undefined {
    return this.#expected;
  }

  /** Where one of its sockets leads. */
  addressOf(socket: Duplex): string | undefined {
    return this.#addresses.get(socket);
  }

  /** What is kept may lead nowhere any more: the next call connects anew. */
  closeIdle(): void {
    for (const socket of this.#resting) socket.destroy();
  }

  /** Also what is only being connected: whoever swallows packets would hold up the program's end. */
  override destroy(): void {
    this.#ending.abort();
    super.destroy();
  }

  /** One device is one pool, wherever it is reached. */
  override getName(): string {
    return 'device';
  }

  override createConnection(
    options: Route,
    callback?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const { first = [], signal } = options;
    const ended = this.#ending.signal;
    connectPinned({
      identity: this.#options.identity,
      addresses: [...new Set([...first, ...this.#options.addresses()])],
      isRight: (device) => {
        this.#expected ??= device;
        return device === this.#expected;
      },
      signal: signal === undefined ? ended : AbortSignal.any([signal, ended]),
    }).then(
      ({ socket, address }) => {
        this.#addresses.set(socket, address);
        socket.once('close', () => this.#awake(socket));
        callback?.(null, socket);
      },
      // Node's types want a socket also where there is an error and none.
      (error: Error) => callback?.(error, undefined as unknown as Duplex),
    );
    return undefined;
  }

  /** Node asks this when a socket comes to rest; what it answers is not in its types. */
  override keepSocketAlive(socket: Duplex): boolean {
    const isKept = super.keepSocketAlive(socket) as unknown;
    if (isKept !== true) return false;
    this.#resting.add(socket);
    this.#options.idle?.add(socket);
    return true;
  }

  override reuseSocket(...[socket, request]: Parameters<Agent['reuseSocket']>): void {
    this.#awake(socket);
    super.reuseSocket(socket, request);
  }

  #awake(socket: Duplex): void {
    this.#resting.delete(socket);
    this.#options.idle?.remove(socket);
  }
}
