import { Worker } from 'node:worker_threads';
import type { MasterKey } from '../repository/sealing.ts';
import { createCruncher } from './cruncher.ts';
import type { CrunchResult, CrunchTask, FromCruncher, PackedPack, ToCruncher } from './messages.ts';

/** The crunching threads: each has up to two tasks, so that one can wait while the other works. */
export type Crunchers = {
  readonly run: <T extends CrunchTask>(
    task: T,
    transfer?: readonly ArrayBuffer[],
  ) => Promise<CrunchResult[T['type']]>;
  /** Finishes the packs that are begun; every pack has been handed over when it resolves. */
  readonly flush: () => Promise<void>;
  readonly close: () => Promise<void>;
};

const TASKS_PER_THREAD = 2;
/** Their memory is outside the collector's heap; a small nursery lets go of it sooner. */
const LIMITS = { maxYoungGenerationSizeMb: 4 };

type Thread = {
  readonly send: (message: ToCruncher, transfer: readonly ArrayBuffer[]) => void;
  readonly end: () => Promise<unknown>;
  tasks: number;
  /** It has memory for one more pack than it is working on. */
  hasSpare: boolean;
};
type Waiting = {
  readonly task: CrunchTask;
  readonly transfer: readonly ArrayBuffer[];
  readonly resolve: (result: CrunchResult[keyof CrunchResult]) => void;
  readonly reject: (error: unknown) => void;
};

export function startCrunchers({
  threads: count,
  key,
  onAsk,
  onPack,
  spare = () => undefined,
}: {
  /** At most; each begins when there is something for it to do. 0: all is done on the thread that asks. */
  readonly threads: number;
  readonly key: MasterKey;
  /** Which of these ids (32 bytes each) are to be packed: a byte 1 for each that is. */
  readonly onAsk: (ids: Buffer) => Promise<Uint8Array>;
  readonly onPack: (pack: PackedPack) => void;
  /** Memory of a pack that has arrived, if there is some. */
  readonly spare?: () => Uint8Array<ArrayBuffer> | undefined;
}): Crunchers {
  const queue: Waiting[] = [];
  const running = new Map<number, { readonly thread: Thread; readonly waiting: Waiting }>();
  let lastId = 0;
  let broken: unknown;
  const threads: Thread[] = [];

  function startThread(): Thread {
    const hear = (message: FromCruncher) => receive(thread, message);
    const thread: Thread = {
      ...(count === 0 ? here(hear) : another(hear)),
      tasks: 0,
      hasSpare: false,
    };
    threads.push(thread);
    return thread;
  }

  function another(hear: (message: FromCruncher) => void): Pick<Thread, 'send' | 'end'> {
    const worker = new Worker(new URL('./crunch-worker.ts', import.meta.url), {
      workerData: { key },
      resourceLimits: LIMITS,
    });
    worker.on('message', hear);
    worker.on('error', fail);
    return {
      send: (message, transfer) => worker.postMessage(message, [...transfer]),
      end: () => worker.terminate(),
    };
  }

  function here(hear: (message: FromCruncher) => void): Pick<Thread, 'send' | 'end'> {
    const cruncher = createCruncher(key, { tell: hear, onBroken: fail });
    return { send: cruncher, end: async () => undefined };
  }

  function fail(error: unknown): void {
    broken = error;
    for (const { waiting } of running.values()) waiting.reject(error);
    for (const waiting of queue.splice(0)) waiting.reject(error);
    running.clear();
  }

  function receive(thread: Thread, message: FromCruncher): void {
    if (message.type === 'pack') {
      thread.hasSpare = false;
      onPack(toPack(message));
      return;
    }
    if (message.type === 'ask') {
      const { id, ids } = message;
      const bytes = Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength);
      onAsk(bytes).then((wanted) => {
        giveSpare(thread);
        thread.send({ type: 'wanted', id, wanted }, []);
      }, fail);
      return;
    }
    const task = running.get(message.id);
    running.delete(message.id);
    thread.tasks -= 1;
    task?.waiting.resolve(message.result);
    next();
  }

  /** What it packs next may fill the pack it has begun. */
  function giveSpare(thread: Thread): void {
    const bytes = thread.hasSpare ? undefined : spare();
    if (bytes === undefined) return;
    thread.hasSpare = true;
    thread.send({ type: 'spare', bytes }, [bytes.buffer]);
  }

  function begin(thread: Thread, waiting: Waiting): void {
    lastId += 1;
    thread.tasks += 1;
    running.set(lastId, { thread, waiting });
    thread.send({ type: 'task', id: lastId, task: waiting.task }, waiting.transfer);
  }

  function idlest(): Thread {
    const [first, ...others] = threads;
    if (first === undefined) return startThread();
    const idle = others.reduce((best, each) => (each.tasks < best.tasks ? each : best), first);
    return idle.tasks > 0 && threads.length < count ? startThread() : idle;
  }

  function next(): void {
    for (;;) {
      if (queue.length === 0) return;
      const idle = idlest();
      if (idle.tasks >= TASKS_PER_THREAD) return;
      const waiting = queue.shift();
      if (waiting !== undefined) begin(idle, waiting);
    }
  }

  function run<T extends CrunchTask>(
    task: T,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<CrunchResult[T['type']]> {
    if (broken !== undefined) return Promise.reject(broken);
    return new Promise((resolve, reject) => {
      // The result's kind is that of the task; a map of ids can't carry it.
      const settle = resolve as Waiting['resolve'];
      queue.push({ task, transfer, resolve: settle, reject });
      next();
    });
  }

  return {
    run,
    flush: async () => {
      await Promise.all(
        threads.map(
          (thread) =>
            new Promise<unknown>((resolve, reject) =>
              begin(thread, { task: { type: 'flush' }, transfer: [], resolve, reject }),
            ),
        ),
      );
    },
    close: async () => {
      await Promise.all(threads.map(({ end }) => end()));
    },
  };
}

function toPack({
  bytes,
  name,
  ids: packed,
  lengths,
  plainLengths,
}: Extract<FromCruncher, { type: 'pack' }>): PackedPack {
  const ids = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  let offset = 0;
  const blobs = Array.from(lengths, (length, at) => {
    const id = ids.subarray(at * 32, at * 32 + 32);
    const blob = { type: 'data', id, offset, length, plainLength: plainLengths[at] ?? 0 } as const;
    offset += length;
    return blob;
  });
  return { bytes, name, blobs };
}
