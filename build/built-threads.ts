import { pathToFileURL } from 'node:url';
import type { Plugin } from 'vite';
import { builtName, WORKER } from './emit-workers.ts';

/**
 * For tests: threads are started from the files that were built for the packed program, in half the time that their many
 * sources take. Whoever says so has built them before.
 */
export function builtThreads(folder: string): Plugin {
  const base = pathToFileURL(`${folder}/`);
  return {
    name: 'allotment:built-threads',
    enforce: 'pre',
    transform: (code) =>
      code.includes('-worker.ts')
        ? code.replaceAll(
            WORKER,
            (_, name: string) => `new URL('${new URL(builtName(name), base)}')`,
          )
        : null,
  };
}
