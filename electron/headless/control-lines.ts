import type { Socket } from 'node:net';

const LINE_FEED = 0x0a;

/**
 * The lines that come in over the control socket, each ended by a line feed and by nothing else. Node's `readline` also ends one at
 * U+2028 and U+2029, which stand unescaped in JSON: a friend's purpose or a file's name may hold one. What was begun and never ended
 * is no line. A longer one than `bytesMax` ends the connection.
 */
export function readLines(
  socket: Socket,
  onLine: (line: string) => void,
  bytesMax = Number.POSITIVE_INFINITY,
): void {
  let begun: Buffer[] = [];
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      if (bytes + end - from > bytesMax) return void socket.destroy();
      const line = Buffer.concat([...begun, chunk.subarray(from, end)]).toString('utf8');
      begun = [];
      bytes = 0;
      from = end + 1;
      onLine(line);
      if (socket.destroyed) return;
    }
    begun.push(chunk.subarray(from));
    bytes += chunk.length - from;
    if (bytes > bytesMax) socket.destroy();
  });
}
