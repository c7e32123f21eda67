import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createDeviceKey } from '../../electron/core/identity/device-key.ts';
import { plainDenial } from '../../electron/core/ledger/decision-log.ts';
import { statementOf } from './man-in-the-middle.ts';

/** Somebody with keys of his own who says yes to everything and hands out what a test gives him as address books. */
export type Impostor = {
  readonly address: string;
  readonly device: string;
  /** What he was asked, with what was said to him. */
  readonly heard: readonly { readonly call: string; readonly body: string }[];
  readonly close: () => Promise<void>;
};

export async function startImpostor(
  books: readonly Uint8Array[],
  /** What lay there before each: how often, and always the same. */
  earlier: readonly { readonly count: number; readonly book: Uint8Array }[] = [],
  /** What does not come through, or is too much for him. */
  isLost: (call: string) => boolean | 'busy' = () => false,
): Promise<Impostor> {
  const key = await createDeviceKey();
  const statement = statementOf(key);
  const { owner } = JSON.parse(
    Buffer.from(statement.signed, 'base64url').toString().split('\n')[1] ?? '{}',
  ) as { owner: string };
  const heard: { call: string; body: string }[] = [];
  const plots = books.map((_book, index) => ({
    plot: `${'a'.repeat(24)}${'abcdefg'[index] ?? 'a'}a`,
    class: 'guaranteed',
    state: 'active',
    size: '1000000000',
    written: '1000',
    ttl: 86_400,
    grace: 86_400,
  }));
  const answers: Readonly<Record<string, unknown>> = {
    'GET /v1/hello': { v: 1, name: 'Ben', owner, device: key.device, kind: 'desktop', statement },
    'POST /v1/devices': { state: 'added' },
    'GET /v1/plots': { plots },
  };
  const server = createServer(
    { key: key.keyPem, cert: key.certificatePem, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const call = `${request.method} ${request.url}`;
        heard.push({ call, body: Buffer.concat(chunks).toString() });
        const lost = isLost(call);
        if (lost === 'busy') {
          const { status, answer } = plainDenial('rate-limited');
          return response.writeHead(status).end(JSON.stringify(answer));
        }
        if (lost) return request.socket.destroy();
        const at = plots.findIndex(({ plot }) => call.includes(`/${plot}/papers/`));
        const book = books[at];
        const before = earlier[at];
        const answer = before && call.endsWith('/versions') ? listOf(before) : answers[call];
        if (before !== undefined && /\/versions\/[0-9]+$/.test(call))
          return response.end(Buffer.from(before.book));
        if (book !== undefined && answer === undefined) return response.end(Buffer.from(book));
        const text = JSON.stringify(answer ?? { code: 'object-unknown', params: {} });
        response.writeHead(answer === undefined ? 404 : 200, {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
        });
        return response.end(text);
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    device: key.device,
    heard,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function listOf({ count, book }: { readonly count: number; readonly book: Uint8Array }) {
  const versions = Array.from({ length: count }, (_, at) => ({
    version: at + 1,
    bytes: `${book.length}`,
    fromAgoS: (count - at) * HOUR_S,
    untilAgoS: (count - at - 1) * HOUR_S,
    goesInS: 99,
  }));
  return { versions };
}

const HOUR_S = 3600;
