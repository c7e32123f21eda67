import { EventEmitter } from 'node:events';

/**
 * The smallest Chrome DevTools client: one WebSocket, flat sessions. Playwright has its own connection
 * to the same Chromium; this one is the stand-in's, as a window is main's and not the test's.
 */
// The protocol's answers are as many types as it has methods; whoever asks knows what he gets.
// oxlint-disable-next-line typescript/no-explicit-any
export type CdpValue = any;

export type CdpSession = {
  readonly send: (method: string, params?: object) => Promise<CdpValue>;
  readonly on: (method: string, listener: (params: CdpValue) => void) => void;
};

export type Cdp = CdpSession & {
  readonly session: (id: string) => CdpSession;
};

type Message = {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
};

type Waiting = {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: Error) => void;
};

export async function connectCdp(url: string): Promise<Cdp> {
  const socket = new WebSocket(url);
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error(`no Chromium answers at ${url}`));
  });
  const waiting = new Map<number, Waiting>();
  const root = new EventEmitter();
  const sessions = new Map<string, EventEmitter>();
  let lastId = 0;

  socket.onmessage = ({ data }) => {
    const message = JSON.parse(String(data)) as Message;
    if (message.id === undefined) {
      const events = message.sessionId === undefined ? root : sessions.get(message.sessionId);
      events?.emit(message.method ?? '', message.params);
      return;
    }
    const caller = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error !== undefined) caller?.reject(new Error(message.error.message));
    else caller?.resolve(message.result);
  };
  socket.onclose = () => {
    for (const { reject } of waiting.values()) reject(new Error('Chromium is gone'));
    waiting.clear();
  };

  function speak(sessionId: string | undefined, events: EventEmitter): CdpSession {
    return {
      send: (method, params = {}) =>
        new Promise((resolve, reject) => {
          if (socket.readyState !== WebSocket.OPEN) {
            reject(new Error('Chromium is gone'));
            return;
          }
          lastId += 1;
          waiting.set(lastId, { resolve, reject });
          socket.send(JSON.stringify({ id: lastId, method, params, sessionId }));
        }),
      on: (method, listener) => {
        events.on(method, listener);
      },
    };
  }

  return {
    ...speak(undefined, root),
    session: (id) => {
      const events = new EventEmitter();
      sessions.set(id, events);
      return speak(id, events);
    },
  };
}
