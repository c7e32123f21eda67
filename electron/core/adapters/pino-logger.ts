import { writeSync } from 'node:fs';
import { type LevelWithSilent, type Logger as Pino, pino } from 'pino';
import type { Logger } from '../ports.ts';

/** How often, and after how long, a reader that is behind is tried again: nobody else is served meanwhile. */
const TRIES = 5;
const TRY_AGAIN_MS = 2;

/**
 * JSON lines on standard error. Synchronous: the last line before a crash is the one that matters. What can't be written costs the
 * line and nothing else: a log on a full disk, or a terminal that is gone, must not end the program that keeps friends' data.
 */
export function createPinoLogger(level: LevelWithSilent): Logger {
  return wrap(pino({ level, base: null }, standardError()));
}

/** Keeps nothing back: pino's own keeps what can't be written, and when that has become much it never tries again. */
function standardError(): { readonly write: (line: string) => void } {
  let isTorn = false;
  return {
    write: (line) => {
      let rest = Buffer.from(isTorn ? `\n${line}` : line);
      let isBegun = isTorn;
      try {
        for (let tries = 1; rest.length > 0; ) {
          const written = writeSome(rest);
          if (written === 0 && tries === TRIES) break;
          if (written === 0) tries += 1;
          else isBegun = true;
          rest = rest.subarray(written);
        }
      } catch {
        // It costs this line; the next one is tried.
      }
      isTorn = isBegun && rest.length > 0;
    },
  };
}

/** How many bytes a pipe that does not wait has taken. */
function writeSome(bytes: Buffer): number {
  try {
    return writeSync(2, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TRY_AGAIN_MS);
    return 0;
  }
}

function wrap(line: Pino): Logger {
  return {
    debug: (message, fields) => line.debug(fields ?? {}, message),
    info: (message, fields) => line.info(fields ?? {}, message),
    warn: (message, fields) => line.warn(fields ?? {}, message),
    error: (message, fields) => line.error(fields ?? {}, message),
    named: (part) => wrap(line.child({ part })),
  };
}
