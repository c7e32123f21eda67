import { destination, type LevelWithSilent, type Logger as Pino, pino } from 'pino';
import type { Logger } from '../ports.ts';

/** Of what could not be written so much is kept, and comes out when there is room again. */
const UNWRITTEN_BYTES_MAX = 256 * 1024;

/**
 * JSON lines on standard error. Synchronous: the last line before a crash is the one that matters. What can't be written costs the
 * line and nothing else: a log on a full disk, or a terminal that is gone, must not end the program that keeps friends' data.
 */
export function createPinoLogger(level: LevelWithSilent): Logger {
  const lines = destination({ dest: 2, sync: true, maxLength: UNWRITTEN_BYTES_MAX });
  lines.on('error', () => undefined);
  return wrap(pino({ level, base: null }, lines));
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
