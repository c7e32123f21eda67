import { MessageChannel, Worker } from 'node:worker_threads';
import type { Result } from '../../../../shared/result.ts';
import { asReplaced } from '../../replaced.ts';
import type { RepositoryStore } from '../repository/repository-store.ts';
import type { EngineFault } from './jobs.ts';
import type { FromReader, ReaderAnswers, ReaderAsk, ReaderStart } from './reader-messages.ts';
import { serveStore } from './store-port.ts';

/** Reading threads: one for each repository that is looked into, few of them, and not for long after the last look. */
export type Readers = {
  /** `key` names the repository and where it is read from; `open` gives its store when it is not open yet. */
  readonly ask: <K extends ReaderAsk['kind']>(
    key: string,
    open: () => RepositoryStore,
    ask: Extract<ReaderAsk, { kind: K }>,
  ) => Promise<Result<ReaderAnswers[K], EngineFault>>;
  readonly close: () => Promise<void>;
};

export const READER_THREAD = new URL('./reader-worker.ts', import.meta.url);

const OPEN_MAX = 2;
const IDLE_MS = 300_000;

type Waiting = {
  readonly resolve: (result: Result<never, EngineFault>) => void;
  readonly reject: (error: unknown) => void;
};
type Session = {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting>;
  readonly stop: () => Promise<void>;
  usedMs: number;
  timer: NodeJS.Timeout | undefined;
};

export function createReaders({
  password,
  cache,
}: {
  readonly password: string;
  /** A folder whose contents can be lost. */
  readonly cache: string;
}): Readers {
  const sessions = new Map<string, Session>();
  let lastId = 0;
  let isClosed = false;
  /** Called when somebody has got an answer: there may be a place now. */
  let freed: (() => void)[] = [];

  function begin(key: string, store: RepositoryStore): Session {
    const { port1, port2 } = new MessageChannel();
    const workerData: ReaderStart = { password, cache, store: port2 };
    const worker = new Worker(READER_THREAD, {
      workerData,
      transferList: [port2],
    });
    const waiting = new Map<number, Waiting>();
    const fail = (error: unknown) => {
      if (sessions.get(key) === session) sessions.delete(key);
      for (const each of waiting.values()) each.reject(error);
      waiting.clear();
    };
    serveStore(port1, store, fail);
    worker.on('message', ({ id, result }: FromReader) => {
      // Its kind is that of what was asked; a map of ids can't carry it.
      waiting.get(id)?.resolve(result as Result<never, EngineFault>);
      waiting.delete(id);
    });
    worker.on('error', (error) => fail(asReplaced(error)));
    worker.on('exit', () => fail(new Error('the reader ended early')));
    const session: Session = {
      worker,
      waiting,
      usedMs: 0,
      timer: undefined,
      stop: async () => {
        clearTimeout(session.timer);
        if (sessions.get(key) === session) sessions.delete(key);
        port1.close();
        await worker.terminate();
      },
    };
    sessions.set(key, session);
    return session;
  }

  /** A place for one more; whoever was not used for longest goes, unless somebody waits for him. */
  async function makeRoom(key: string): Promise<void> {
    while (!isClosed && sessions.size >= OPEN_MAX && !sessions.has(key)) {
      const idle = [...sessions.values()]
        .filter(({ waiting }) => waiting.size === 0)
        .sort((one, other) => one.usedMs - other.usedMs)[0];
      if (idle !== undefined) await idle.stop();
      else await new Promise<void>((resolve) => freed.push(resolve));
    }
  }

  return {
    ask: async (key, open, ask) => {
      await makeRoom(key);
      if (isClosed) return { ok: false, fault: { code: 'cancelled' } };
      const session = sessions.get(key) ?? begin(key, open());
      clearTimeout(session.timer);
      lastId += 1;
      const id = lastId;
      try {
        const result = await new Promise<Result<never, EngineFault>>((resolve, reject) => {
          session.waiting.set(id, { resolve, reject });
          session.worker.postMessage({ id, ask });
        });
        // Whoever could not be opened is tried afresh the next time.
        if (!result.ok && NOT_OPENED.has(result.fault.code)) await session.stop();
        return result;
      } finally {
        session.usedMs = performance.now();
        clearTimeout(session.timer);
        session.timer = setTimeout(() => {
          // Somebody may be waiting for longer than that: it is not idle, and his answer begins this anew.
          if (session.waiting.size === 0) void session.stop();
        }, IDLE_MS);
        session.timer.unref();
        const now = freed;
        freed = [];
        for (const each of now) each();
      }
    },
    close: async () => {
      isClosed = true;
      for (const each of freed) each();
      await Promise.all(
        [...sessions.values()].map(async (session) => {
          for (const each of session.waiting.values())
            each.resolve({ ok: false, fault: { code: 'cancelled' } });
          session.waiting.clear();
          await session.stop();
        }),
      );
    },
  };
}

const NOT_OPENED: ReadonlySet<EngineFault['code']> = new Set([
  'unreachable',
  'no-repository',
  'wrong-password',
  'unsupported',
  'damaged',
]);
