import { parentPort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { assert } from '../../../shared/assert.ts';
import type { Async } from '../../../shared/async.ts';
import { carrying, type Fault } from '../../../shared/fault.ts';
import { type Outcome, runTogether } from './group-commit.ts';
import { problemOf, type Sql } from './open-database.ts';

/**
 * Books in a thread of their own. A synchronous commit on a home's spinning disk takes tens of
 * milliseconds; on the main thread it would freeze the window and every upload. Calls that arrive
 * while a commit is under way wait together and share the next one.
 *
 * A book is a record of synchronous functions over values that can be cloned.
 */
type Book = object;

type Call = {
  readonly id: number;
  readonly book: string;
  readonly method: string;
  readonly args: readonly unknown[];
};
type Reply = {
  readonly id: number;
  readonly outcome: Outcome;
  /** What the disk did to the database, if that is why: an error loses its code on the way between threads. */
  readonly problem?: unknown;
};
export type Hello = { readonly ready: true } | { readonly ready: false; readonly fault: unknown };

/** So that one flood of calls neither delays its first answer for ever nor holds a huge transaction. */
const BATCH_MAX = 256;

/** Runs in the worker: answers calls until the other side closes. */
export function serveBooks(sql: Sql, books: Readonly<Record<string, Book>>): void {
  const port = parentPort;
  assert(port !== null, 'books are served from a worker thread');
  port.on('message', (first: Call | 'close') => {
    const calls: Call[] = [];
    let closing = first === 'close';
    if (first !== 'close') calls.push(first);
    while (!closing && calls.length < BATCH_MAX) {
      const next = receiveMessageOnPort(port) as { message: Call | 'close' } | undefined;
      if (next === undefined) break;
      if (next.message === 'close') closing = true;
      else calls.push(next.message);
    }
    if (calls.length > 0) {
      const outcomes = runTogether(
        sql,
        calls.map((call) => () => invoke(books, call)),
      );
      port.postMessage(
        calls.map((call, index): Reply => {
          const outcome = outcomes[index] as Outcome;
          const problem = outcome.ok ? undefined : problemOf(outcome.thrown);
          return { id: call.id, outcome, ...(problem === undefined ? {} : { problem }) };
        }),
      );
    }
    if (closing) {
      sql.close();
      port.close();
    }
  });
  port.postMessage({ ready: true } satisfies Hello);
}

function invoke(books: Readonly<Record<string, Book>>, { book, method, args }: Call): unknown {
  const target = books[book];
  const run = target === undefined ? undefined : (target as Record<string, unknown>)[method];
  assert(typeof run === 'function', `no method ${book}.${method}`);
  return run(...args);
}

/** The other end: makes calls of functions, and answers promises. */
export type BookThread = {
  /** The named book as promises. Every answer has been committed before it arrives. */
  readonly book: <T extends Book>(name: string) => Async<T>;
  /** Resolves when the thread ended without having been told to; never otherwise. */
  readonly lost: Promise<Error>;
  /** Lets calls under way finish, then closes the database. A thread that is lost is closed already. */
  readonly close: () => Promise<void>;
};

type Waiting = {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
};

/** Starts the worker at `entry` and waits until its books are open; its refusal to open is the fault. */
export async function startBookThread(
  entry: URL,
  workerData: unknown,
  /** What a problem of the database is to a person. */
  toFault: (problem: unknown) => Fault | undefined = () => undefined,
): Promise<
  | { readonly ok: true; readonly thread: BookThread }
  | { readonly ok: false; readonly fault: unknown }
> {
  const worker = new Worker(entry, { workerData });
  const hello = await new Promise<Hello>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) =>
      reject(new Error(`the book thread ended with ${code} before it was ready`)),
    );
  });
  if (!hello.ready) {
    await worker.terminate();
    return { ok: false, fault: hello.fault };
  }
  return { ok: true, thread: connect(worker, toFault) };
}

function connect(worker: Worker, toFault: (problem: unknown) => Fault | undefined): BookThread {
  const waiting = new Map<number, Waiting>();
  const lost = Promise.withResolvers<Error>();
  let lastId = 0;
  let ended: Error | undefined;
  let isClosing = false;
  worker.removeAllListeners('exit');
  worker.removeAllListeners('error');
  worker.on('message', (replies: readonly Reply[]) => {
    for (const { id, outcome, problem } of replies) {
      const caller = waiting.get(id);
      waiting.delete(id);
      if (outcome.ok) {
        caller?.resolve(outcome.value);
        continue;
      }
      const fault = problem === undefined ? undefined : toFault(problem);
      caller?.reject(fault === undefined ? outcome.thrown : carrying(outcome.thrown, fault));
    }
  });
  const end = (reason: Error) => {
    ended ??= reason;
    // Before the callers know of it, so that they can ask why.
    if (!isClosing) lost.resolve(ended);
    for (const caller of waiting.values()) caller.reject(ended);
    waiting.clear();
  };
  worker.on('error', end);
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      end(
        new Error(isClosing ? 'the books are closed' : 'the thread of the books ended by itself'),
      );
      resolve();
    });
  });

  function call(request: Omit<Call, 'id'>): Promise<unknown> {
    if (ended !== undefined) return Promise.reject(ended);
    lastId += 1;
    const id = lastId;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, ...request } satisfies Call);
    });
  }

  return {
    book: <T extends Book>(name: string) =>
      new Proxy({} as Async<T>, {
        get: (_target, method) =>
          // A proxy that had a `then` would be taken for a promise by `await`.
          method === 'then' || typeof method === 'symbol'
            ? undefined
            : (...args: unknown[]) => call({ book: name, method, args }),
      }),
    lost: lost.promise,
    close: async () => {
      isClosing = true;
      if (ended === undefined) worker.postMessage('close');
      await exited;
    },
  };
}
