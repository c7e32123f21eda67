import { basename, dirname, resolve } from 'node:path';
import type { Plugin } from 'vite';

/** Everything else is taken in: threads read no archive, and one file starts faster than a thousand. */
export const bringsMachineCode = /^(better-sqlite3|sodium-native)$/;

/** `new URL('./x-worker.ts', import.meta.url)`: threads are started from files of their own. */
export const WORKER = /new URL\(\s*'(\.[^']*-worker\.ts)',\s*import\.meta\.url,?\s*\)/g;

/** In the packed app a thread's file lies beside the archive (electron-builder.yml, `asarUnpack`). */
const BESIDE_ARCHIVE = ".replace('/app.asar/', '/app.asar.unpacked/')";

export const builtName = (name: string): string => basename(name).replace(/\.ts$/, '.js');

/**
 * The core starts its threads by the names of their sources, so that it runs unbuilt. Each such file
 * becomes an entry of its own, and the name becomes that of the built file.
 */
export function emitWorkers(): Plugin {
  return {
    name: 'allotment:workers',
    enforce: 'pre',
    transform(code, id) {
      if (!code.includes('-worker.ts')) return null;
      return code.replaceAll(WORKER, (_, name: string) => {
        const fileName = builtName(name);
        this.emitFile({ type: 'chunk', id: resolve(dirname(id), name), fileName });
        return `new URL('./${fileName}', import.meta.url${BESIDE_ARCHIVE})`;
      });
    },
  };
}
