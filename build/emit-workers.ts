import { basename, dirname, resolve } from 'node:path';
import type { Plugin } from 'vite';

/** Everything else is taken in: threads read no archive, and one file starts faster than a thousand. */
export const bringsMachineCode = /^(better-sqlite3|sodium-native)$/;

/** `new URL('./x-worker.ts', import.meta.url)`: threads are started from files of their own. */
export const WORKER = /new URL\(\s*'(\.[^']*-worker\.ts)',\s*import\.meta\.url,?\s*\)/g;

/** In the packed app a thread's file lies beside the archive (electron-builder.yml, `asarUnpack`). */
const BESIDE_ARCHIVE = ".replace('/app.asar/', '/app.asar.unpacked/')";

/**
 * All but what people start bears what is in it, and in what it imports, in its name. A program that was replaced while it ran finds
 * what it was built with, or nothing, and never what another version has of that name.
 */
export const NAMED_BY_CONTENT = '[name]-[hash].js';

/** How all that is built for Node is named. Flat: files find the window and package.json by their distance from this folder. */
export const NAMES = {
  entryFileNames: ({ facadeModuleId }: { readonly facadeModuleId?: string | null }) =>
    facadeModuleId?.endsWith('-worker.ts') === true ? NAMED_BY_CONTENT : '[name].js',
  chunkFileNames: NAMED_BY_CONTENT,
  // Some file systems take capitals for small letters.
  hashCharacters: 'hex',
} as const;

/** What the name of a built thread begins with, by that of its source. */
export const builtStart = (source: string): string => `${nameOf(source)}-`;

const nameOf = (source: string): string => basename(source).replace(/\.ts$/, '');

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
        const source = resolve(dirname(id), name);
        const emitted = this.emitFile({ type: 'chunk', id: source, name: nameOf(name) });
        return `import.meta.ROLLUP_FILE_URL_${emitted}`;
      });
    },
    // Vite would have it below a web server's root.
    resolveFileUrl: ({ relativePath }) =>
      `new URL('./${relativePath}', import.meta.url${BESIDE_ARCHIVE})`,
  };
}
