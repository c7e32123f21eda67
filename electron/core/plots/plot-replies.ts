import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseBytes } from '../../../shared/units.ts';
import { type PlotFault, plotFaults } from '../../../shared/wire/plot-faults.ts';
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
  const announced = parseBytes(request.headers['content-length'] ?? '0') ?? DRAINED_BYTES_MAX;
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

/** The reader went away or the disk failed in mid-stream: only the cut connection can say so. */
export async function sendBody(body: Readable, response: ServerResponse): Promise<void> {
  try {
    await pipeline(body, response);
  } catch {
    // Where the reader was gone before, the pipeline leaves the file open.
    body.destroy();
    response.destroy();
  }
}
