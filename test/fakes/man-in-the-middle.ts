import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { systemRandomness } from '../../electron/core/adapters/system-randomness.ts';
import { createDeviceKey, type DeviceKey } from '../../electron/core/identity/device-key.ts';
import { rootKeyOf } from '../../electron/core/identity/root-key.ts';
import { type SignedStatement, signStatement } from '../../electron/core/identity/statement.ts';
import type { TestHome } from './homes.ts';
import { type Raw, send } from './raw-friend.ts';

/**
 * Somebody who sits between two devices: ends TLS on both sides with his own key, since he has neither
 * of theirs, and hands on what is said, changed as he likes. A statement names the key of its
 * connection, so the honest ones are of no use to him; his own root signs his.
 */
export type Mallory = {
  /** Where the caller believes the other one to be. */
  readonly address: string;
  readonly key: DeviceKey;
  readonly statement: SignedStatement;
  /** What passed him, in order. */
  readonly heard: readonly Passed[];
  /** Speaks for himself, with his own key. */
  readonly say: (raw: Raw) => ReturnType<typeof send>;
  readonly close: () => Promise<void>;
};

type Body = Record<string, unknown>;
export type Passed = { readonly method: string; readonly path: string; readonly body: Body };

/** Puts his statement where anybody else's stands, and leaves the rest as it is. */
export type Own = (passed: Passed) => Body;

export type Meddling = {
  /** What he hands on of a request; `undefined`: nothing, and he says that all is well. */
  readonly request?: (passed: Passed) => Body | undefined;
  readonly response?: (passed: Passed) => Body;
};

export async function sitBetween(
  victim: TestHome,
  meddle: (own: Own) => Meddling = () => ({}),
): Promise<Mallory> {
  const key = await createDeviceKey();
  const statement = statementOf(key);
  const keys = { key: key.keyPem, cert: key.certificatePem };
  const heard: Passed[] = [];
  const own: Own = ({ body }) => ('statement' in body ? { ...body, statement } : body);
  const { request = own, response = own } = meddle(own);

  async function relay(passed: Passed): Promise<{ readonly status: number; readonly body: Body }> {
    heard.push(passed);
    const given = request(passed);
    if (given === undefined) return { status: 200, body: { state: 'comparing' } };
    const { method, path } = passed;
    const text = Object.keys(given).length === 0 ? undefined : JSON.stringify(given);
    const answer = await send(victim, keys, {
      method,
      path,
      // Node leaves the length out where a method usually has no body.
      ...(text === undefined
        ? {}
        : { body: text, headers: { 'content-length': `${Buffer.byteLength(text)}` } }),
    });
    const said = { method, path, body: parse(answer.body) };
    heard.push(said);
    return { status: answer.status, body: response(said) };
  }

  const server = createServer(
    { ...keys, requestCert: true, rejectUnauthorized: false },
    (incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const { method = 'GET', url: path = '/' } = incoming;
        void relay({ method, path, body: parse(Buffer.concat(chunks)) }).then(
          ({ status, body }) => {
            outgoing.writeHead(status, { 'content-type': 'application/json' });
            outgoing.end(JSON.stringify(body));
          },
          () => outgoing.destroy(),
        );
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    key,
    statement,
    heard,
    say: (raw) => send(victim, keys, raw),
    close: () => stop(server),
  };
}

/** What his own root says of his key. */
export function statementOf({ device }: DeviceKey, root = rootKeyOf(systemRandomness.bytes(32))) {
  const instance = Buffer.from(systemRandomness.bytes(16)).toString('hex');
  return signStatement({ owner: root.owner, device, instance, serial: 1 }, root);
}

function parse(bytes: Buffer): Body {
  return bytes.length === 0 ? {} : (JSON.parse(bytes.toString('utf8')) as Body);
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
