import { pathToFileURL } from 'node:url';
import type { Plugin } from 'vite';
import { builtStart, WORKER } from './emit-workers.ts';

/**
 * For tests: threads are started from the files that were built for the packed program, in half the time that their many
 * sources take. Whoever says so has built them before.
 */
export function builtThreads(folder: string): Plugin {
  const base = JSON.stringify(`${pathToFileURL(folder)}/`);
  return {
    name: 'allotment:built-threads',
    enforce: 'pre',
    transform: (code) =>
      code.includes('-worker.ts')
        ? code.replaceAll(
            WORKER,
            // What this gives is kept from run to run, and names change with each build: they are looked up when it runs.
            (_, name: string) =>
              `new URL(process.getBuiltinModule('node:fs').readdirSync(new URL(${base})).find((each) => each.startsWith('${builtStart(name)}')), ${base})`,
          )
        : null,
  };
}
