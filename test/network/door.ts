import { createServer } from 'node:net';

/** A port at which nobody says anything: prints its number, then a line for each connection. */
const server = createServer((socket) => {
  process.stdout.write(`${socket.remoteAddress ?? ''}\n`);
  socket.on('error', () => socket.destroy());
  socket.on('data', () => undefined);
});
server.listen(Number(process.argv[2] ?? 0), '::', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
