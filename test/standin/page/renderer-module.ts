import type { BridgeHalf } from './bridge.ts';
import type { Codec } from './codec.ts';

/**
 * The module `electron/renderer` as a sandboxed preload sees it. Shipped as source text: it uses nothing
 * from outside itself.
 */
export function makeRendererModule(codec: Codec, bridge: BridgeHalf, post: (text: string) => void) {
  type Listener = (event: object, ...args: unknown[]) => void;
  type Arriving = {
    readonly reply?: number;
    readonly error?: string;
    readonly value?: unknown;
    readonly channel?: string;
    readonly args?: readonly unknown[];
  };
  type Waiting = {
    readonly resolve: (value: unknown) => void;
    readonly reject: (reason: Error) => void;
  };
  const waiting = new Map<number, Waiting>();
  const listeners = new Map<string, Set<Listener>>();
  let lastId = 0;

  function on(channel: string, listener: Listener) {
    listeners.set(channel, (listeners.get(channel) ?? new Set()).add(listener));
    return ipcRenderer;
  }
  function off(channel: string, listener: Listener) {
    listeners.get(channel)?.delete(listener);
    return ipcRenderer;
  }
  const ipcRenderer = {
    invoke: (channel: string, ...args: unknown[]) =>
      new Promise<unknown>((resolve, reject) => {
        lastId += 1;
        const text = codec.encode({ invoke: lastId, channel, args });
        waiting.set(lastId, { resolve, reject });
        post(text);
      }),
    send: (channel: string, ...args: unknown[]) => post(codec.encode({ channel, args })),
    sendSync: () => {
      throw new Error('The stand-in knows no sendSync: it would freeze the window.');
    },
    on,
    off,
    addListener: on,
    removeListener: off,
    once: (channel: string, listener: Listener) => {
      const heard: Listener = (...all) => {
        off(channel, heard);
        listener(...all);
      };
      return on(channel, heard);
    },
    removeAllListeners: (channel: string) => {
      listeners.delete(channel);
      return ipcRenderer;
    },
  };

  function receive(text: string): void {
    const message = codec.decode(text) as Arriving;
    if (message.reply === undefined) {
      for (const listener of new Set(listeners.get(message.channel ?? '')))
        listener({ sender: ipcRenderer, ports: [] }, ...(message.args ?? []));
      return;
    }
    const caller = waiting.get(message.reply);
    waiting.delete(message.reply);
    if (message.error !== undefined) caller?.reject(new Error(message.error));
    else caller?.resolve(message.value);
  }

  const contextBridge = {
    exposeInMainWorld: (name: string, api: unknown) => bridge.expose(name, api),
  };
  return { receive, module: { ipcRenderer, contextBridge } };
}
