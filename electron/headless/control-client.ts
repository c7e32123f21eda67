import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { ChannelName } from '../../shared/contract/channels.ts';
import type { InputOf, ResultOf } from '../../shared/contract/contract.ts';
import { type Fault, fault } from '../../shared/fault.ts';
import { failed, ok, type Result } from '../../shared/result.ts';
import { jsonOf } from '../../shared/wire/json.ts';
import { readLines } from './control-lines.ts';
import { CONTROL_FILE, controlFile, WEB_LINK } from './control-protocol.ts';

export type ControlClient = {
  readonly call: <C extends ChannelName>(
    channel: C,
    args: InputOf<C>,
  ) => Promise<Result<ResultOf<C>, Fault>>;
  /** Null: the window is the desktop's own. */
  readonly webLink: () => Promise<Result<{ readonly url: string | null }, Fault>>;
  readonly close: () => void;
};

/** Connects to the program that runs on this home, if one does. */
export async function connectControl(home: string): Promise<Result<ControlClient, Fault>> {
  const notRunning = failed(fault('not-running', { home }));
  const text = await readFile(join(home, CONTROL_FILE), 'utf8').catch(() => undefined);
  const file = controlFile.safeParse(text === undefined ? undefined : jsonOf(text));
  if (!file.success) return notRunning;
  const { socket: path, secret } = file.data;
  const socket = await open(path);
  if (socket === undefined) return notRunning;
  const waiting = new Map<number, (result: Result<never, Fault>) => void>();
  let lastId = 0;
  readLines(socket, (line) => {
    // From our own program, over a socket that is ours.
    const { id, result } = JSON.parse(line) as { id: number; result: Result<never, Fault> };
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  socket.on('error', () => socket.destroy());
  socket.once('close', () => {
    for (const settle of waiting.values()) settle(notRunning);
    waiting.clear();
  });

  function ask(channel: string, args: unknown): Promise<Result<never, Fault>> {
    // It may have ended between two questions; nobody would answer, and nothing tells so once more.
    if (socket?.destroyed !== false) return Promise.resolve(notRunning);
    lastId += 1;
    const id = lastId;
    return new Promise((resolve) => {
      waiting.set(id, resolve);
      socket?.write(`${JSON.stringify({ id, secret, channel, args })}\n`);
    });
  }

  return ok({
    call: (channel, args) => ask(channel, args),
    webLink: () => ask(WEB_LINK, {}),
    close: () => socket.destroy(),
  });
}

function open(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}
