import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

type Serve = (request: IncomingMessage, response: ServerResponse) => void;

/** Nobody's client sends a second request before the first was answered; one that is early by a moment must not be cut. */
const QUEUED_MAX = 16;

/**
 * One request of a connection after the other. Node hands them on as they come in: whoever sends a thousand at once for a pack and reads
 * no answer would have a thousand files of this host's open, and the first piece of each in memory.
 */
export function inTurn(serve: Serve): Serve {
  const queues = new WeakMap<Socket, (() => void)[]>();

  function begin(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    response.once('close', () => {
      const next = socket.destroyed || !socket.writable ? undefined : queues.get(socket)?.shift();
      if (next === undefined) queues.delete(socket);
      else next();
    });
    serve(request, response);
  }

  return (request, response) => {
    const { socket } = request;
    const queue = queues.get(socket);
    if (queue === undefined) {
      queues.set(socket, []);
      begin(request, response);
    } else if (queue.length < QUEUED_MAX) queue.push(() => begin(request, response));
    else socket.destroy();
  };
}
