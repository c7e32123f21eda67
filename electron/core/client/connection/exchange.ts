import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { type RequestOptions, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { releaseChunk } from '../../memory.ts';
import type { PinnedAgent, Route } from './pinned-agent.ts';
import { keptMs, paceOfSilence, sendSlices } from './send-slices.ts';

/** One request and the head of its response. Rejects with what the network said, and with whether it had a connection (`mayBeHeard`). */
export type Exchange = {
  readonly method: string;
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders | undefined;
  /** Chunks are lent until the promise settles; a stream is consumed. */
  readonly body?: readonly Uint8Array[] | Readable | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Addresses to try before those that the agent knows. */
  readonly first?: readonly string[] | undefined;
  /** From the end of the body to the head of the response. */
  readonly answerMs: number;
};

/** Bodies from here on wait for "100 Continue": a refusal must not cost the line 16 MiB. */
const EXPECT_FROM_BYTES = 64 * 1024;
/** Nothing moves on a socket for this long: the other side is gone. */
const IDLE_MS = 60_000;

export function exchange(
  agent: PinnedAgent,
  { method, path, headers, body, signal, first, answerMs }: Exchange,
): Promise<IncomingMessage> {
  const chunks = Array.isArray(body) ? (body as readonly Uint8Array[]) : undefined;
  const length = chunks?.reduce((sum, chunk) => sum + chunk.length, 0);
  const expects = (length ?? Number(headers?.['content-length'] ?? 0)) >= EXPECT_FROM_BYTES;
  return new Promise((resolve, reject) => {
    const options: RequestOptions & Route = {
      agent,
      // The agent knows where; a name that leads nowhere goes into the head of the request.
      host: 'device.invalid',
      first,
      method,
      path,
      headers: {
        ...headers,
        ...(length === undefined ? {} : { 'content-length': length }),
        ...(expects ? { expect: '100-continue' } : {}),
      },
      ...(signal === undefined ? {} : { signal }),
    };
    if (signal?.aborted === true) return reject(new Error('given up'));
    const request = httpsRequest(options);
    let timer: NodeJS.Timeout | undefined;
    let isOver = false;
    let mayBeHeard = false;
    let isTaken = false;
    let isSilent = false;
    const awaitAnswer = (moreMs = 0) => {
      clearTimeout(timer);
      if (isOver) return;
      const gone = () => {
        isSilent = isTaken;
        request.destroy(new Error('no answer in time'));
      };
      timer = setTimeout(gone, answerMs + moreMs);
    };
    const end = () => {
      isOver = true;
      clearTimeout(timer);
      waiting.delete(giveWay);
      signal?.removeEventListener('abort', giveUp);
    };
    const fail = (error: Error) => {
      end();
      // The line may be another one by now, and slow.
      agent.pace = isSilent ? paceOfSilence(agent.pace) : undefined;
      reject(Object.assign(error, { mayBeHeard }));
    };
    const waiting = waitingAt(agent);
    /** Nor is it sent when the friend is back: whoever asked has been told that it was not heard. */
    const giveWay = (error: Error) => {
      fail(error);
      request.destroy();
    };
    const failWaiting = (error: Error) => {
      if (isOver) return;
      fail(error);
      // Node makes no other try for those that wait behind it: they would wait until the friend is back.
      if (!mayBeHeard && signal?.aborted !== true)
        for (const each of waiting) each(Object.assign(new Error(error.message), error));
    };
    // A request that still waits for a connection says nothing of its end before it has one.
    const giveUp = () => fail(new Error('given up'));
    waiting.add(giveWay);
    signal?.addEventListener('abort', giveUp);
    request.setTimeout(IDLE_MS, () => request.destroy(new Error('nothing moves any more')));
    request.once('socket', giveBack).once('socket', () => {
      mayBeHeard = true;
      waiting.delete(giveWay);
    });
    request.once('response', (response) => {
      end();
      // Answered before the body was all there: that socket is good for nothing else.
      if (!request.writableFinished)
        response.once('close', () => request.destroyed || request.destroy());
      resolve(response);
    });
    request.on('error', failWaiting);
    // Whoever says "101 Switching Protocols" gives neither an answer nor an error.
    request.once('close', () => isOver || fail(new Error('closed without an answer')));
    const sendBody = () => {
      if (chunks !== undefined) {
        void sendSlices(request, chunks, { before: agent.pace }).then((pace) => {
          if (request.destroyed) return;
          if (pace !== undefined) agent.pace = pace;
          const moreMs = keptMs(agent.pace, length ?? 0);
          // On a slow line nothing is seen to move either while the system sends what it has kept.
          if (moreMs > 0) request.setTimeout(IDLE_MS + moreMs);
          request.end(() => {
            isTaken = true;
            awaitAnswer(moreMs);
          });
        });
      } else if (body === undefined) {
        request.end(() => awaitAnswer());
      } else {
        pipeline(body as Readable, request, (error) => {
          if (error === null || error === undefined) awaitAnswer();
        });
      }
    };
    if (expects) {
      // Not before: while others send packs over all connections there are, it waits for one of theirs.
      request.once('socket', () => awaitAnswer());
      request.once('continue', () => {
        // The body takes as long as the line needs; from its end on the answer is waited for again.
        clearTimeout(timer);
        sendBody();
      });
      request.flushHeaders();
    } else if (chunks === undefined) sendBody();
    // Not before, here either: waiting for a connection says nothing about the line. Whatever the agent gives is connected.
    else request.once('socket', sendBody);
  });
}

/** How those end that have no connection yet. */
const waitingBy = new WeakMap<PinnedAgent, Set<(error: Error) => void>>();

function waitingAt(agent: PinnedAgent): Set<(error: Error) => void> {
  const known = waitingBy.get(agent) ?? new Set();
  waitingBy.set(agent, known);
  return known;
}

/**
 * The parser copies what it passes on out of what the socket brought, which nobody needs afterwards. Node hears of it first, as
 * it listens before it tells which socket it took, and it has stopped listening when the request closes.
 */
function giveBack(this: ClientRequest, socket: Socket): void {
  socket.on('data', releaseChunk);
  this.once('close', () => socket.off('data', releaseChunk));
}
