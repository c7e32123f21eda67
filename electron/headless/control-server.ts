import { randomBytes } from 'node:crypto';
import { chmod, lstat, rm, writeFile } from 'node:fs/promises';
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

/** How often it is looked whether its socket still lies there. */
const LOOK_MS = 60_000;

/**
 * The door of the CLI. Every line is untrusted, also from this machine. Its socket lies in a folder that the system may empty: at
 * this user's last logout, which programs outlive, or when it tidies. Then it is put there anew, or nobody would get in any more.
 */
export async function startControlServer({
  home,
  api,
  webLink,
  lookMs = LOOK_MS,
}: {
  readonly home: string;
  readonly api: Api;
  readonly webLink: WebLink;
  readonly lookMs?: number;
}): Promise<ControlServer> {
  const secret = randomBytes(24).toString('base64url');
  const file = join(home, CONTROL_FILE);
  const connections = new Set<Socket>();
  let isClosing = false;
  const open = () =>
    openDoor({ home, file, secret }, (connection) => {
      if (isClosing) return void connection.destroy();
      connections.add(connection);
      connection.once('close', () => connections.delete(connection));
      serve(connection, { secret, api, webLink });
    });
  let door = await open();
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    if (await isThere(door.socket)) return;
    // Who is in already stays.
    void door.shut();
    door = await open();
  }

  const timer = setInterval(() => {
    // What can't be done now may be possible the next time.
    looking ??= look()
      .catch(() => undefined)
      .finally(() => {
        looking = undefined;
      });
  }, lookMs);
  // On Windows its name lies in no folder.
  if (process.platform === 'win32') clearInterval(timer);
  timer.unref();
  return {
    close: async () => {
      clearInterval(timer);
      isClosing = true;
      // Before as well: a look that has opened a door in vain waits for whoever got in.
      for (const connection of connections) connection.destroy();
      await looking;
      // On a disk that takes nothing any more it stays, and leads nowhere.
      await rm(file, { force: true }).catch(() => undefined);
      await door.shut();
    },
  };
}

type Door = {
  readonly socket: string;
  /** Lets nobody in any more; resolves when those who are in have gone. */
  readonly shut: () => Promise<void>;
};

async function openDoor(
  { home, file, secret }: { readonly home: string; readonly file: string; readonly secret: string },
  onConnection: (connection: Socket) => void,
): Promise<Door> {
  const socket = await socketFor(home);
  // Left behind by a crash; that nobody listens there is certain, because the home is locked.
  if (process.platform !== 'win32') await rm(socket, { force: true });
  const server = createServer(onConnection);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  // One that could not be let in for want of files is gone, and the next one may be.
  server.on('error', () => undefined);
  const shut = () => new Promise<void>((resolve) => void server.close(() => resolve()));
  try {
    if (process.platform !== 'win32') await chmod(socket, 0o600);
    await writeFile(file, JSON.stringify({ secret, socket }), { mode: 0o600 });
  } catch (error) {
    // On a full disk, for one. A door that nobody finds would only keep the program from ending.
    await shut();
    throw error;
  }
  return { socket, shut };
}

function isThere(socket: string): Promise<boolean> {
  return lstat(socket).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
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
