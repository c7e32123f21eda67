import { registerHooks } from 'node:module';
import { isMainThread } from 'node:worker_threads';

/**
 * `node --import ./register.ts run-main.ts MAIN`: whoever imports `electron` gets the stand-in. Not in
 * worker threads, because Electron has none of it there either.
 */
const standin = new URL('./electron/module.ts', import.meta.url).href;
const names = new Set(['electron', 'electron/main', 'electron/common']);

if (isMainThread)
  registerHooks({
    resolve: (specifier, context, next) =>
      names.has(specifier)
        ? { url: standin, format: 'module-typescript', shortCircuit: true }
        : next(specifier, context),
  });
