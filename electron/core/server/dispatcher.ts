import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { carriedFault } from '../../../shared/fault.ts';
import type { DeviceId } from '../../../shared/ids.ts';
import { encodeJson } from '../../../shared/wire/json.ts';
import { deviceOf } from '../identity/device-key.ts';
import type { RepositoryHandler } from '../plots/repository-handler.ts';
import type { Logger } from '../ports.ts';
import { accountRoutes } from './handlers/accounts.ts';
import { allocationRoutes } from './handlers/allocations.ts';
import { deviceRoutes } from './handlers/devices.ts';
import { helloRoutes } from './handlers/hello.ts';
import { mintRoutes } from './handlers/mint.ts';
import { newsRoutes } from './handlers/news.ts';
import { orderRoutes } from './handlers/orders.ts';
import { pairingRoutes } from './handlers/pairings.ts';
import type { Parts } from './handlers/parts.ts';
import { protectionRoutes } from './handlers/protection.ts';
import { upkeepRoutes } from './handlers/upkeep.ts';
import { voucherRoutes } from './handlers/vouchers.ts';
import { readBody } from './message-body.ts';
import { createRateLimiter } from './rate-limit.ts';
import { deny } from './replies.ts';
import { type Caller, matchRoute, type Response, type Route } from './router.ts';

export type DispatchOptions = Parts & {
  readonly repository: RepositoryHandler;
  readonly logger: Logger;
};

/**
 * From a request on an open connection to its answer: who calls, by the key of the connection and our own books, on every
 * single request; whether there is a route for him; whether he asks too often. Only then is anything of it read.
 */
export function createDispatcher(
  options: DispatchOptions,
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
