import { randomBytes } from 'node:crypto';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Api } from '../../shared/contract/api.ts';
import { callThroughDoor } from '../../shared/contract/door.ts';
import { fault } from '../../shared/fault.ts';
import { jsonOf } from '../../shared/wire/json.ts';
import { readLines } from './control-lines.ts';
import {
  CONTROL_FILE,
  CONTROL_LINE_BYTES_MAX,
  controlCall,
  socketFor,
  WEB_LINK,
} from './control-protocol.ts';
import { isSameSecret } from './same-secret.ts';

export type ControlServer = { readonly close: () => Promise<void> };

/** A fresh link to the window in a browser; null where the window is the desktop's own. */
export type WebLink = () => string | null;

/** The door of the CLI. Every line is untrusted, also from this machine. */
export async function startControlServer({
  home,
  api,
  webLink,
}: {
  readonly home: string;
  readonly api: Api;
  readonly webLink: WebLink;
}): Promise<ControlServer> {
  const socket = await socketFor(home);
  const secret = randomBytes(24).toString('base64url');
  const sockets = new Set<Socket>();
  // Left behind by a crash; that nobody listens there is certain, because the home is locked.
  if (process.platform !== 'win32') await rm(socket, { force: true });
  const server = createServer((connection) => {
    sockets.add(connection);
    connection.once('close', () => sockets.delete(connection));
    serve(connection, { secret, api, webLink });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  const file = join(home, CONTROL_FILE);

  async function close(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const connection of sockets) connection.destroy();
    await closed;
  }

  try {
    if (process.platform !== 'win32') await chmod(socket, 0o600);
    await writeFile(file, JSON.stringify({ secret, socket }), { mode: 0o600 });
  } catch (error) {
    // On a full disk, for one. A door that nobody finds would only keep the program from ending.
    await close();
    throw error;
  }
  return {
    close: async () => {
      // On a disk that takes nothing any more it stays, and leads nowhere.
      await rm(file, { force: true }).catch(() => undefined);
      await close();
    },
  };
}

function serve(
  connection: Socket,
  {
    secret,
    api,
    webLink,
  }: { readonly secret: string; readonly api: Api; readonly webLink: WebLink },
): void {
  // A command line that was killed must not end the program.
  connection.on('error', () => connection.destroy());
  const onLine = (line: string) => {
    const call = controlCall.safeParse(jsonOf(line));
    if (!call.success || !isSameSecret(call.data.secret, secret)) {
      connection.destroy();
      return;
    }
    const { id, channel, args } = call.data;
    const reply = (result: unknown) => {
      if (connection.writable) connection.write(`${JSON.stringify({ id, result })}\n`);
    };
    if (channel === WEB_LINK) return reply({ ok: true, value: { url: webLink() } });
    callThroughDoor(api, { channel, args }).then(reply, () =>
      reply({ ok: false, fault: fault('internal') }),
    );
  };
  readLines(connection, onLine, CONTROL_LINE_BYTES_MAX);
}
