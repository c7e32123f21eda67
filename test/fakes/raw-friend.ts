import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { type Agent, request } from 'node:https';
import { join } from 'node:path';
import type { TestHome } from './homes.ts';

/** Requests exactly as a test writes them, over TLS with the key of a home, or with none. */
export type Raw = {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** An own address of this machine to call from. */
  readonly from?: string | undefined;
  /** Keeps connections; without one each request has its own. */
  readonly agent?: Agent | undefined;
};
export type RawAnswer = {
  readonly status: number;
  readonly body: Buffer;
  readonly headers: IncomingMessage['headers'];
  /** The code of a refusal: of an answer's nearest reason, or of the repository's protocol. */
  readonly code: string | undefined;
};

type Keys = { readonly key?: string; readonly cert?: string };

export async function keysOf(home: TestHome, name: string): Promise<Keys> {
  const file = join(home.folder, `home of ${name}`, 'secrets', 'identity');
  const { keyPem, certificatePem } = JSON.parse(await readFile(file, 'utf8')) as Record<
    string,
    string
  >;
  return { key: keyPem ?? '', cert: certificatePem ?? '' };
}

export function send(to: TestHome, keys: Keys, raw: Raw): Promise<RawAnswer> {
  const port = Number(to.address.split(':')[1]);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        ...keys,
        host: '127.0.0.1',
        ...(raw.from === undefined ? {} : { localAddress: raw.from }),
        port,
        method: raw.method ?? (raw.body === undefined ? 'GET' : 'POST'),
        path: raw.path,
        headers: { ...raw.headers },
        rejectUnauthorized: false,
        agent: raw.agent ?? false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          const body = Buffer.concat(chunks);
          const { statusCode: status = 0, headers } = response;
          resolve({ status, body, headers, code: codeIn(body) });
        });
      },
    );
    outgoing.once('error', reject);
    outgoing.end(raw.body);
  });
}

function codeIn(body: Buffer): string | undefined {
  try {
    const parsed = JSON.parse(body.toString('utf8')) as {
      code?: string;
      reasons?: readonly { code: string }[];
    };
    return parsed.code ?? parsed.reasons?.[0]?.code;
  } catch {
    return undefined;
  }
}
