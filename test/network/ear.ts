import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';

/**
 * Hears everything on the port of multicast DNS, on every interface of where it runs, and prints a line
 * for each packet: from whom and how long. `node ear.ts`; "ready" comes first.
 */
const PORT = 5353;

function listen(type: 'udp4' | 'udp6', groups: readonly (readonly [string, string])[]) {
  return new Promise<void>((resolve) => {
    const socket = createSocket({ type, reuseAddr: true });
    socket.on('message', (packet, { address }) => say(`${address} ${packet.length}`));
    socket.bind(PORT, () => {
      for (const [group, where] of groups) socket.addMembership(group, where);
      resolve();
    });
  });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const infos = Object.entries(networkInterfaces()).flatMap(([name, found = []]) =>
  found.filter(({ internal }) => !internal).map((info) => ({ name, ...info })),
);
await listen(
  'udp4',
  infos
    .filter(({ family }) => family === 'IPv4')
    .map(({ address }) => ['224.0.0.251', address] as const),
);
const names = [...new Set(infos.map(({ name }) => name))];
await listen(
  'udp6',
  names.map((name) => ['ff02::fb', `::%${name}`] as const),
);
say('ready');
