import type { Multicast } from '../ports.ts';

/** Multicast DNS over this computer's sockets. */
export function createUdpMulticast(): Multicast {
  return {
    use: () => undefined,
    send: () => undefined,
    subscribe: () => () => undefined,
    problems: () => new Map(),
    close: async () => undefined,
  };
}
