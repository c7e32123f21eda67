import { randomBytes } from 'node:crypto';
import { connect, type TLSSocket } from 'node:tls';

type Keys = { readonly key: string; readonly cert: string };

export type AllocateRate = {
  readonly perS: number;
  readonly p99Ms: number;
  /** What the clients themselves took of a processor for one request: on few cores it is missing elsewhere. */
  readonly clientMs: number;
};

/**
 * Allocations per second of so many clients that each wait for their answer, and the slowest hundredth. The clients
 * run beside the host, so they are no more than a connection and the bytes of a request: Node's own client takes
 * longer for a request than the host does. They are connected, and have asked once, before the clock runs: a
 * handshake costs both sides a multiple of a request, and a friend's device makes it once.
 */
export async function allocateRate(
  port: number,
  keys: Keys,
  { clients, calls }: { readonly clients: number; readonly calls: number },
): Promise<AllocateRate> {
  const times: number[] = [];
  let left = calls;
  const connected = await Promise.all(
    Array.from({ length: clients }, () => openClient(port, keys)),
  );
  await Promise.all(connected.map(({ ask }) => ask()));

  const startedMs = performance.now();
  const before = process.cpuUsage();
  await Promise.all(
    connected.map(async ({ ask }) => {
      while (left > 0) {
        left -= 1;
        const askedMs = performance.now();
        await ask();
        times.push(performance.now() - askedMs);
      }
    }),
  );
  const { user, system } = process.cpuUsage(before);
  const perS = calls / ((performance.now() - startedMs) / 1000);
  for (const { close } of connected) close();
  const sorted = times.sort((one, other) => one - other);
  const p99Ms = sorted[Math.floor(sorted.length * 0.99)] ?? 0;
  return { perS, p99Ms, clientMs: (user + system) / 1000 / calls };
}

type Client = { readonly ask: () => Promise<void>; readonly close: () => void };

async function openClient(port: number, keys: Keys): Promise<Client> {
  const socket = await new Promise<TLSSocket>((resolve, reject) => {
    const opening = connect(
      { ...keys, host: '127.0.0.1', port, rejectUnauthorized: false, minVersion: 'TLSv1.3' },
      () => resolve(opening),
    );
    opening.once('error', reject);
  });
  socket.setNoDelay(true);
  return {
    ask: () =>
      new Promise((resolve, reject) => {
        let text = '';
        const read = (chunk: Buffer) => {
          // Answers are plain ASCII, so that letters are bytes.
          text += chunk.toString('latin1');
          const status = statusOfWhole(text);
          if (status === undefined) return;
          socket.off('data', read).off('error', reject).off('close', broken);
          // What is refused is less work than what is promised.
          if (status === 200 && text.includes('"type":"granted"')) resolve();
          else reject(new Error(`the bench is answered ${status}: ${text.slice(-300)}`));
        };
        const broken = () => reject(new Error('the host has closed the connection'));
        socket.on('data', read).once('error', reject).once('close', broken);
        socket.write(requestText());
      }),
    close: () => socket.destroy(),
  };
}

function requestText(): string {
  const requestId = randomBytes(16).toString('base64url');
  const body = JSON.stringify({ v: 1, requestId, size: '1', duration: { want: 3600 }, why: [] });
  return [
    'POST /v1/allocations HTTP/1.1',
    'host: 127.0.0.1',
    'content-type: application/json',
    `content-length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}

/** Undefined as long as something of the answer is missing. */
function statusOfWhole(text: string): number | undefined {
  const head = text.indexOf('\r\n\r\n');
  if (head === -1) return undefined;
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, head))?.[1];
  if (length === undefined || text.length < head + 4 + Number(length)) return undefined;
  return Number(text.slice('HTTP/1.1 '.length, 'HTTP/1.1 '.length + 3));
}
