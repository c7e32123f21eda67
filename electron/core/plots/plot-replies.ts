import type { OutgoingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { parseBytes } from '../../../shared/units.ts';
import { type PlotFault, plotFaults } from '../../../shared/wire/plot-faults.ts';
import { releaseChunk } from '../memory.ts';
import { diskFault, isDiskError } from './disk-faults.ts';
import type { Exchange } from './repository-handler.ts';

/** How calls to a plot are answered that carry bytes instead of messages. */

/** What is read and thrown away of a refused upload, so that its sender sees the refusal, not a reset. */
const DRAINED_BYTES_MAX = 64n * 1024n * 1024n;

export function finish({ response }: Exchange, status: number): void {
  response.writeHead(status, { 'content-length': 0 }).end();
}

export function refuse({ request, response }: Exchange, { code, params }: PlotFault): void {
  if (response.destroyed || response.headersSent) return;
  const text = JSON.stringify({ code, params: params ?? {} });
  // A body in chunks does not say how long it will be, and could go on for ever.
  const isEndless = request.headers['transfer-encoding'] !== undefined;
  const said = isEndless ? undefined : parseBytes(request.headers['content-length'] ?? '0');
  const announced = said ?? DRAINED_BYTES_MAX + 1n;
  const isTooMuch = !request.complete && announced > DRAINED_BYTES_MAX;
  response.writeHead(plotFaults[code], {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    // Nobody will send a body that was not asked for after an `Expect` was refused (RFC 9110 §10.1.1),
    // but some do; the connection then can't be kept.
    ...(isTooMuch ? { connection: 'close' } : {}),
  });
  response.end(request.method === 'HEAD' ? '' : text);
  request.resume();
}

/**
 * The reader went away or the disk failed in mid-stream: only the cut connection can say so. A disk that fails before the
 * first byte is said in words, so that it isn't taken for a line that was cut. What was read is given back as soon as it was
 * encrypted, for the reason in `receive.ts`.
 */
export function sendBody(
  body: Readable,
  exchange: Exchange,
  head: { readonly status: number; readonly headers: OutgoingHttpHeaders },
): Promise<void> {
  const { response } = exchange;
  let sent = 0;
  const begin = () => {
    if (!response.headersSent) response.writeHead(head.status, head.headers);
  };
  return new Promise((resolve) => {
    const cut = () => {
      body.destroy();
      response.destroy();
      resolve();
    };
    const fail = (error: unknown) => {
      if (response.headersSent || response.destroyed || !isDiskError(error)) return cut();
      refuse(exchange, diskFault(error));
      resolve();
    };
    body.on('data', (chunk: Buffer) => {
      begin();
      sent += chunk.length;
      const mayGoOn = response.write(chunk, (error) => {
        // TLS keeps nothing of it; only what never got that far may still lie in a queue.
        if (error === null || error === undefined) releaseChunk(chunk);
      });
      if (!mayGoOn) body.pause();
    });
    body.once('end', () => {
      const isShort = sent < Number(head.headers['content-length']);
      if (isShort && sent === 0)
        return fail(Object.assign(new Error('it ends early'), { code: 'EIO' }));
      begin();
      const { socket } = response;
      response.end(() => {
        // The file is shorter than it was: nobody must wait for the rest.
        if (isShort) socket?.destroy();
        resolve();
      });
    });
    body.once('error', fail);
    body.once('close', () => body.readableEnded || body.errored !== null || cut());
    response.on('drain', () => body.resume());
    response.once('error', cut);
    response.once('close', () => (response.writableFinished ? resolve() : cut()));
    if (response.destroyed) cut();
  });
}
