import { networkInterfaces } from 'node:os';
import { isOnLink } from '../discovery/reach.ts';
import type { Link, Multicast } from '../ports.ts';
import { openMulticastSocket, type MulticastSocket } from './multicast-socket.ts';
import { systemClock } from './system-clock.ts';

/**
 * Multicast DNS over this computer's sockets: one for each link and family. Every one of them hears what
 * comes in on any link, because the system gives a packet to all who listen at the port; so each takes
 * only what was sent from its own link.
 */
export function createUdpMulticast(): Multicast {
  const listeners = new Set<Parameters<Multicast['subscribe']>[0]>();
  const sockets = new Map<string, { readonly link: Link; readonly socket: MulticastSocket }>();
  const closing = new Set<Promise<void>>();

  function open(link: Link, family: 4 | 6, at: string): MulticastSocket {
    const { interfaceName } = link;
    return openMulticastSocket({
      family,
      at,
      isFromHere: (from) => isFromLink(from, link),
      whyNotThere: () => (interfaceName in networkInterfaces() ? undefined : 'ENODEV'),
      clock: systemClock,
      onMessage: (message, from) => {
        for (const listener of listeners) listener({ interfaceName, from, message });
      },
    });
  }

  function shut(key: string, socket: MulticastSocket): void {
    sockets.delete(key);
    const closed = socket.close().finally(() => closing.delete(closed));
    closing.add(closed);
  }

  return {
    use: (links) => {
      const wanted = new Map(
        links.flatMap((link) =>
          placesOf(link).map(({ family, at }) => [
            `${family} ${JSON.stringify(link)}`,
            { link, family, at },
          ]),
        ),
      );
      for (const [key, { socket }] of sockets) if (!wanted.has(key)) shut(key, socket);
      for (const [key, { link, family, at }] of wanted)
        if (!sockets.has(key)) sockets.set(key, { link, socket: open(link, family, at) });
    },
    send: (interfaceName, message) => {
      for (const { link, socket } of sockets.values())
        if (link.interfaceName === interfaceName) socket.send(message);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    problems: () => {
      const byLink = Map.groupBy(sockets.values(), ({ link }) => link.interfaceName);
      const problems = new Map<string, string>();
      for (const [interfaceName, all] of byLink) {
        const codes = all.flatMap(({ socket }) => socket.problem() ?? []);
        // One family that works is enough.
        if (codes.length === all.length && codes[0] !== undefined)
          problems.set(interfaceName, codes[0]);
      }
      return problems;
    },
    close: async () => {
      for (const [key, { socket }] of sockets) shut(key, socket);
      listeners.clear();
      await Promise.all(closing);
    },
  };
}

/** Where the system is told to join: by an address of IPv4, in IPv6 by the link's zone. */
function placesOf({
  interfaceName,
  addresses,
}: Link): readonly { readonly family: 4 | 6; readonly at: string }[] {
  const v4 = addresses.find(({ family }) => family === 4);
  const zone = addresses.some(({ family }) => family === 6) ? zoneOf(interfaceName) : undefined;
  return [
    ...(v4 === undefined ? [] : [{ family: 4 as const, at: v4.address }]),
    ...(zone === undefined ? [] : [{ family: 6 as const, at: `::%${zone}` }]),
  ];
}

/** A packet of a link-local sender says by its zone where it came in; of others their network tells. */
function isFromLink(from: string, link: Link): boolean {
  const zone = /%(.+)$/.exec(from)?.[1];
  return isOnLink(from, link) && (zone === undefined || zone === zoneOf(link.interfaceName));
}

/** Windows counts its interfaces where others name them. */
function zoneOf(interfaceName: string): string | undefined {
  if (process.platform !== 'win32') return interfaceName;
  const infos = networkInterfaces()[interfaceName] ?? [];
  const scope = infos.find(({ family }) => family === 'IPv6')?.scopeid;
  return scope === undefined ? undefined : `${scope}`;
}
