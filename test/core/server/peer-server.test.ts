import { once } from 'node:events';
import { connect, Server, type Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { createDeviceKey } from '../../../electron/core/identity/device-key.ts';
import { SERVER_LIMITS } from '../../../electron/core/server/limits.ts';
import {
  createPeerServer,
  type PeerServer,
  type ServerOptions,
} from '../../../electron/core/server/peer-server.ts';
import { until } from '../../fakes/homes.ts';
import { quietLogger } from '../../main/quiet-logger.ts';

/** The listening side alone: nobody gets as far as asking anything. */
const sockets: Socket[] = [];
let server: PeerServer;
afterEach(async () => {
  vi.restoreAllMocks();
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.close();
});

async function listening(): Promise<number> {
  // Whatever hurries below is not that nobody shakes hands for so long.
  const limits = { ...SERVER_LIMITS, handshakeMs: 600_000 };
  server = createPeerServer({
    identity: await createDeviceKey(),
    limits,
    logger: quietLogger,
    barter: {},
  } as unknown as ServerOptions);
  const opened = await server.listen({ host: '127.0.0.1', port: 0 });
  if (!opened.ok) throw new Error(opened.fault.code);
  return opened.value.port;
}

async function knock(port: number): Promise<Socket | undefined> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  return once(socket, 'connect').then(
    () => socket,
    () => undefined,
  );
}

test('what the system takes away while it listens is opened anew, at the same port', async () => {
  const servers: Server[] = [];
  const { listen } = Server.prototype;
  vi.spyOn(Server.prototype, 'listen').mockImplementation(function (
    this: Server,
    ...how: unknown[]
  ) {
    servers.push(this);
    return (listen as (...args: unknown[]) => Server).apply(this, how);
  });
  const port = await listening();
  const [taken] = servers;
  expect(taken?.emit('error', new Error('accept ENETDOWN'))).toBe(true);
  expect(await knock(port)).toBeUndefined();
  // Windows has several accepts under way, and each may say so.
  taken?.emit('error', new Error('accept ENETDOWN'));
  await until(async () => ((await knock(port)) === undefined ? undefined : true));
  expect(server.port()).toBe(port);
});

test('whoever connects and says nothing does not hold up the end', async () => {
  const port = await listening();
  const socket = await knock(port);
  socket?.on('error', () => undefined);
  await server.close();
});
