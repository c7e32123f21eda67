import { destination, type LevelWithSilent, type Logger as Pino, pino } from 'pino';
import type { Logger } from '../ports.ts';

/** JSON lines on standard error. Synchronous: the last line before a crash is the one that matters. */
export function createPinoLogger(level: LevelWithSilent): Logger {
  return wrap(pino({ level, base: null }, destination({ dest: 2, sync: true })));
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
