import { EventEmitter } from 'node:events';
import type { Codec } from '../page/codec.ts';
import type { WebFrame } from './frames.ts';

/** The receiving end of what windows say. Whoever sends is told by the connection, never by the message. */
type Handler = (event: object, ...args: unknown[]) => unknown;

const handlersOf = new WeakMap<IpcMain, Map<string, Handler>>();

export class IpcMain extends EventEmitter {
  handle(channel: string, handler: Handler): void {
    const handlers = handlersOf.get(this) ?? new Map<string, Handler>();
    handlersOf.set(this, handlers);
    if (handlers.has(channel))
      throw new Error(`Attempted to register a second handler for '${channel}'`);
    handlers.set(channel, handler);
  }
  handleOnce(channel: string, handler: Handler): void {
    this.handle(channel, (...all) => {
      this.removeHandler(channel);
      return handler(...all);
    });
  }
  removeHandler(channel: string): void {
    handlersOf.get(this)?.delete(channel);
  }
}

export const ipcMain = new IpcMain();

export type Sender = {
  readonly sender: object;
  readonly frame: WebFrame;
  readonly own: IpcMain;
  readonly reply: (channel: string, ...args: unknown[]) => void;
};

type Arriving = {
  readonly invoke?: number;
  readonly channel: string;
  readonly args: readonly unknown[];
};

/** The window's answer to an `invoke`; undefined where nobody waits for one. */
export async function deliver(
  codec: Codec,
  { invoke, channel, args }: Arriving,
  { sender, frame, own, reply }: Sender,
): Promise<string | undefined> {
  const event = { type: 'frame', sender, senderFrame: frame, processId: 1, frameId: 1 };
  if (invoke === undefined) {
    const heard = { ...event, ports: [], reply, returnValue: undefined };
    own.emit(channel, heard, ...args);
    ipcMain.emit(channel, heard, ...args);
    return undefined;
  }
  try {
    const handler = handlersOf.get(own)?.get(channel) ?? handlersOf.get(ipcMain)?.get(channel);
    if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
    return codec.encode({ reply: invoke, value: await handler(event, ...args) });
  } catch (error) {
    const text = `Error invoking remote method '${channel}': ${String(error)}`;
    return codec.encode({ reply: invoke, error: text });
  }
}
