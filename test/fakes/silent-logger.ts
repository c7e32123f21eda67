import type { Logger } from '../../electron/core/ports.ts';

/** Says nothing: for what a test does not look at. */
export const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  named: () => silent,
};
