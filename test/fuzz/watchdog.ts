import { Worker } from 'node:worker_threads';

/**
 * Sees from another thread whether cases still come to an end, so that also an endless loop is found. It knows no
 * deadline for a case, only that for a minute none ended; the case is written down, then the process is ended.
 */
export type Watchdog = {
  readonly begin: (input: Uint8Array) => void;
  readonly end: () => void;
  readonly close: () => Promise<void>;
};

const CASE_BYTES_MAX = 1024 * 1024;
const HEAD_WORDS = 3;
const STILL_S = 60;

const BODY = `
  const { workerData: { shared, file, stillS, head } } = require('node:worker_threads');
  const { writeFileSync } = require('node:fs');
  const [words, bytes] = [new Int32Array(shared, 0, head), new Uint8Array(shared, head * 4)];
  let [before, still] = [-1, 0];
  setInterval(() => {
    const now = Atomics.load(words, 0);
    still = now === before && Atomics.load(words, 2) === 1 ? still + 1 : 0;
    before = now;
    if (still < stillS) return;
    writeFileSync(file, bytes.slice(0, words[1]));
    writeFileSync(2, 'HANGS: no case ended for ' + stillS + ' s. The case: ' + file + '\\n');
    process.kill(process.pid, 'SIGKILL');
  }, 1000);
`;

export function startWatchdog(file: string): Watchdog {
  const shared = new SharedArrayBuffer(HEAD_WORDS * 4 + CASE_BYTES_MAX);
  const words = new Int32Array(shared, 0, HEAD_WORDS);
  const bytes = new Uint8Array(shared, HEAD_WORDS * 4);
  const workerData = { shared, file, stillS: STILL_S, head: HEAD_WORDS };
  const worker = new Worker(BODY, { eval: true, workerData });
  worker.unref();
  return {
    begin: (input) => {
      const part = input.subarray(0, CASE_BYTES_MAX);
      bytes.set(part);
      Atomics.store(words, 1, part.length);
      Atomics.store(words, 2, 1);
      Atomics.add(words, 0, 1);
    },
    end: () => Atomics.store(words, 2, 0),
    close: () => worker.terminate().then(() => undefined),
  };
}
