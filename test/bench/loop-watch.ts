import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/**
 * Imported before a program whose event loop is measured. At each SIGUSR2 it writes how long turns of the loop have been held
 * up since the last one, in milliseconds, to the file that `LOOP_FILE` names.
 */
const file = process.env['LOOP_FILE'];
if (isMainThread && file !== undefined) {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  process.on('SIGUSR2', () => {
    const inMs = (ns: number) => ns / 1e6;
    const said = { p99Ms: inMs(delays.percentile(99)), maxMs: inMs(delays.max) };
    delays.reset();
    writeFileSync(file, JSON.stringify(said));
  });
}
