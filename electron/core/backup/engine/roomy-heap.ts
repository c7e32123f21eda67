import { setFlagsFromString } from 'node:v8';

/**
 * While a job moves packs, the main thread holds some of them, which are not its own for long and are given back at once.
 * V8 counts them as if its heap had grown, and would look through the whole program for every 64 MB that pass; that took a
 * fifth of the processor of a backup and held up everybody else. So the heap may grow to three times before it looks.
 */
const ROOMY = '--heap-growing-percent=200';
const USUAL = '--heap-growing-percent=0';
let running = 0;

/** Call what it answers when the job is over. */
export function makeHeapRoomy(): () => void {
  running += 1;
  if (running === 1) setFlagsFromString(ROOMY);
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    running -= 1;
    if (running === 0) setFlagsFromString(USUAL);
  };
}
