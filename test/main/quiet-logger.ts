import type { Logger } from '../../electron/core/ports.ts';

/** What is logged is for whoever mends the program, not for these tests. */
export const quietLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  named: () => quietLogger,
};
