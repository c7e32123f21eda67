import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inTurn } from '../../../electron/core/server/in-turn.ts';
import { until } from '../../fakes/homes.ts';

/** A server whose answers the test gives, and one connection to it. */
let begun: { readonly request: IncomingMessage; readonly response: ServerResponse }[];
let server: ReturnType<typeof createServer>;
let socket: Socket;
let heard: string;

beforeEach(async () => {
  begun = [];
  heard = '';
  server = createServer(inTurn((request, response) => void begun.push({ request, response })));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('data', (chunk) => (heard += chunk.toString()));
  socket.on('error', () => undefined);
  await once(socket, 'connect');
});
afterEach(() => {
  socket.destroy();
  server.closeAllConnections();
  server.close();
});

const ask = (...paths: readonly string[]) =>
  socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: here\r\n\r\n`).join(''));
const urls = () => begun.map(({ request }) => request.url);

test('requests of one connection are begun one after the other, in their order', async () => {
  ask('/1', '/2', '/3');
  await until(() => (begun.length > 0 ? true : undefined));
  for (const at of [0, 1, 2]) {
    await until(() => (begun.length > at ? true : undefined));
    expect(urls()).toEqual(['/1', '/2', '/3'].slice(0, at + 1));
    begun[at]?.response.end(`answer ${at}`);
  }
  await until(() => (heard.includes('answer 2') ? true : undefined));
  ask('/4');
  await until(() => (begun.length === 4 ? true : undefined));
  begun[3]?.response.end('answer 3');
  await until(() => (heard.includes('answer 3') ? true : undefined));
});

test('what waits behind a request whose sender goes away is never begun', async () => {
  ask('/1', '/2');
  await until(() => (begun.length === 1 ? true : undefined));
  const { response } = begun[0] ?? {};
  const closed = response === undefined ? undefined : once(response, 'close');
  socket.destroy();
  await closed;
  expect(urls()).toEqual(['/1']);
});

test('who sends more than anybody would is cut off', async () => {
  ask(...Array.from({ length: 100 }, (_, at) => `/${at}`));
  await once(socket, 'close');
  expect(urls()).toEqual(['/0']);
});
