import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../../../shared/assert.ts';
import { createCruncher } from './cruncher.ts';
import type { CrunchStart, ToCruncher } from './messages.ts';

/**
 * A crunching thread: reads, cuts, hashes, compresses and seals, or the other way round. Files are
 * read with synchronous calls: here nobody else waits, and per small file they cost a tenth of a
 * promise's way through the thread pool.
 */
const port = parentPort;
assert(port !== null, 'this is a worker');
const { key } = workerData as CrunchStart;
const cruncher = createCruncher(key, {
  tell: (message, transfer = []) => port.postMessage(message, [...transfer]),
  // Ends this thread, and the engine with it.
  onBroken: (error) => {
    throw error;
  },
});
port.on('message', (message: ToCruncher) => cruncher(message));
