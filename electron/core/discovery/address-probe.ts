import { lookup } from 'node:dns/promises';
import { connect, isIP } from 'node:net';
import type { DeviceId } from '../../../shared/ids.ts';
import { type Hello, hello } from '../../../shared/wire/messages.ts';
import {
  formatAddress,
  type HostPort,
  isLinkLocal,
  isLoopback,
  parseAddress,
} from '../../../shared/address.ts';
import { openPeerSession } from '../client/connection/peer-client.ts';
import { type FriendRegistry, nameOf } from '../friends/friend-registry.ts';
import type { Identity } from '../identity/identity.ts';
import { readStatement } from '../identity/statement.ts';
import type { Link } from '../ports.ts';
import { isWithin, parseIp } from './ip.ts';
import type { AddressCause } from './troubles.ts';

/**
 * Who or what is at an address, step by step: its name, a connection, TLS, a hello. Nothing of this
 * device's is told but that it called, and whoever answers is believed nothing but his key.
 */
export type Probe = {
  readonly cause: AddressCause;
  readonly address: string;
  /** What the device there calls itself. */
  readonly name?: string;
  readonly friend?: string;
};

export type ProbeOptions = {
  readonly identity: Pick<Identity, 'owner' | 'device' | 'keyPem' | 'certificatePem'>;
  readonly friends: Pick<FriendRegistry, 'friends' | 'byDevice' | 'knownDevice'>;
  /** This computer's own networks, to tell near from far. */
  readonly links: () => Promise<readonly Link[]>;
  readonly platform: NodeJS.Platform;
  /** How long whoever picked up may take to say hello. */
  readonly helloMs?: number;
};

/** On one network a connection takes milliseconds, across the world a third of a second. */
const CONNECT_MS = 5000;
const HELLO_MS = 6000;
/** A name with more addresses than this is no home's. */
const PLACES_MAX = 4;

export function createAddressProbe(options: ProbeOptions): (address: string) => Promise<Probe> {
  return async (address) => {
    const place = parseAddress(address);
    if (place === undefined) return { cause: 'name', address };
    const hosts = await hostsOf(place.host);
    if (hosts.length === 0) return { cause: 'name', address };
    const links = await options.links();
    const causes: AddressCause[] = [];
    for (const host of hosts) {
      const code = await knock({ host, port: place.port });
      if (code === undefined) return { address, ...(await greeted(options, { ...place, host })) };
      causes.push(causeOf({ code, isNear: isNear(host, links), platform: options.platform }));
    }
    return { cause: nearest(causes), address };
  };
}

async function hostsOf(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  const found = await Promise.race([
    lookup(host, { all: true }).catch(() => []),
    later(CONNECT_MS, []),
  ]);
  return found.slice(0, PLACES_MAX).map(({ address }) => address);
}

function later<T>(afterMs: number, value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(resolve, afterMs, value).unref());
}

/** What the system says to a connection there; undefined: it came about. */
function knock({ host, port }: HostPort): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const end = (code: string | undefined) => {
      socket.destroy();
      resolve(code);
    };
    socket.once('connect', () => end(undefined));
    socket.once('timeout', () => end('ETIMEDOUT'));
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? 'failed'));
  });
}

/**
 * macOS refuses a program that may not see the local network with the very code that elsewhere means
 * that nobody has the address.
 */
export function causeOf({
  code,
  isNear: near,
  platform,
}: {
  readonly code: string;
  readonly isNear: boolean;
  readonly platform: NodeJS.Platform;
}): AddressCause {
  switch (code) {
    case 'ECONNREFUSED':
    case 'ECONNRESET':
      return 'refused';
    case 'EHOSTUNREACH':
      if (platform === 'darwin') return 'forbidden';
      return near ? 'absent' : 'route';
    case 'EHOSTDOWN':
      return 'absent';
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
    case 'EINVAL':
      return 'route';
    case 'EACCES':
    case 'EPERM':
      return 'forbidden';
    default:
      return near ? 'near' : 'far';
  }
}

/** Of several addresses behind one name, the one that came furthest says most. */
const FURTHEST: readonly AddressCause[] = ['refused', 'forbidden', 'near', 'absent', 'far'];

function nearest(causes: readonly AddressCause[]): AddressCause {
  return FURTHEST.find((cause) => causes.includes(cause)) ?? 'route';
}

/** On a network that this computer is on too. */
export function isNear(host: string, links: readonly Link[]): boolean {
  if (isLoopback(host) || isLinkLocal(host)) return true;
  const there = parseIp(host);
  if (there === undefined) return false;
  return links
    .flatMap(({ addresses }) => addresses)
    .some(({ address, prefix }) => {
      const here = parseIp(address);
      return here !== undefined && prefix > 0 && isWithin(there, here, prefix);
    });
}

/** A connection came about: is it Allotment, and whose. */
async function greeted(
  { identity, friends, helloMs = HELLO_MS }: ProbeOptions,
  place: HostPort,
): Promise<Omit<Probe, 'address'>> {
  const addresses = [formatAddress(place)];
  const session = openPeerSession(identity, { device: undefined, addresses });
  const greeting = await Promise.race([
    session.send({ method: 'GET', path: '/v1/hello', schema: hello }),
    later(helloMs, undefined),
  ]);
  const device = session.device();
  session.close();
  // Whoever says nothing may be busy; whoever says something else is somebody else.
  if (greeting === undefined) return { cause: 'silent' };
  if (greeting.ok && device !== undefined)
    return whose(friends, { identity, device, hello: greeting.value });
  return { cause: 'other' };
}

function whose(
  friends: ProbeOptions['friends'],
  {
    identity,
    device,
    hello: { name, statement: signed },
  }: {
    readonly identity: ProbeOptions['identity'];
    readonly device: DeviceId;
    readonly hello: Hello;
  },
): Omit<Probe, 'address'> {
  if (device === identity.device) return { cause: 'self' };
  const friend = friends.byDevice(device);
  if (friend !== undefined) return { cause: 'friend', friend: nameOf(friend) };
  const former = friends.knownDevice(device);
  if (former !== undefined) return { cause: 'former', friend: nameOf(former.friend) };
  // Whose it says that it is counts only as far as that owner's root has signed it.
  const statement = signed === undefined ? undefined : readStatement(signed);
  const owner = statement?.device === device ? statement.owner : undefined;
  if (owner === identity.owner) return { cause: 'own', name };
  const kin = friends.friends().find((each) => each.owner === owner && !each.departed);
  return kin === undefined
    ? { cause: 'stranger', name }
    : { cause: 'new-device', name, friend: nameOf(kin) };
}
