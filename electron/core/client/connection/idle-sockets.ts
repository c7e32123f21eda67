import type { Duplex } from 'node:stream';

/**
 * Kept connections over all friends: a handful, however many friends there are. Which of them is closed
 * is decided after a moment, since the sockets of a backup are idle for an instant between two objects.
 */
export type IdleSockets = {
  readonly add: (socket: Duplex) => void;
  /** It is used again. */
  readonly remove: (socket: Duplex) => void;
  readonly count: () => number;
};

export const IDLE_SOCKETS_MAX = 5;
const DECIDE_AFTER_MS = 2000;

export function createIdleSockets(): IdleSockets {
  // In the order in which they came to rest.
  const idle = new Set<Duplex>();
  let timer: NodeJS.Timeout | undefined;

  function closeOldest(): void {
    timer = undefined;
    for (const socket of idle) {
      if (idle.size <= IDLE_SOCKETS_MAX) break;
      idle.delete(socket);
      socket.destroy();
    }
  }

  return {
    add: (socket) => {
      idle.delete(socket);
      idle.add(socket);
      if (idle.size <= IDLE_SOCKETS_MAX || timer !== undefined) return;
      timer = setTimeout(closeOldest, DECIDE_AFTER_MS);
      timer.unref();
    },
    remove: (socket) => void idle.delete(socket),
    count: () => idle.size,
  };
}
