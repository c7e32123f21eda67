import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';

/**
 * Main and preload for Electron. The window is built by `vite.config.ts` alone, because the browser wants
 * the very same files without Electron.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
/** Everything else is taken in: threads read no archive, and one file starts faster than a thousand. */
const bringsMachineCode = /^(better-sqlite3|sodium-native)$/;

/** `new URL('./x-worker.ts', import.meta.url)`: threads are started from files of their own. */
const WORKER = /new URL\(\s*'(\.[^']*-worker\.ts)',\s*import\.meta\.url,?\s*\)/g;

/** In the packed app a thread's file lies beside the archive (electron-builder.yml, `asarUnpack`). */
const BESIDE_ARCHIVE = ".replace('/app.asar/', '/app.asar.unpacked/')";

/**
 * The core starts its threads by the names of their sources, so that it runs unbuilt. Each such file
 * becomes an entry of its own, and the name becomes that of the built file.
 */
function emitWorkers(): Plugin {
  return {
    name: 'allotment:workers',
    enforce: 'pre',
    transform(code, id) {
      if (!code.includes('-worker.ts')) return null;
      return code.replaceAll(WORKER, (_, name: string) => {
        const fileName = basename(name).replace(/\.ts$/, '.js');
        this.emitFile({ type: 'chunk', id: resolve(dirname(id), name), fileName });
        return `new URL('./${fileName}', import.meta.url${BESIDE_ARCHIVE})`;
      });
    },
  };
}

export default defineConfig({
  main: {
    root,
    plugins: [emitWorkers()],
    build: {
      outDir: 'out/main',
      emptyOutDir: true,
      externalizeDeps: false,
      rolldownOptions: {
        input: { main: resolve(root, 'electron/main/main.ts') },
        external: bringsMachineCode,
        output: {
          // Flat: files find the window and package.json by their distance from this folder.
          entryFileNames: '[name].js',
          chunkFileNames: '[name].js',
        },
      },
    },
  },
  preload: {
    root,
    build: {
      outDir: 'out/preload',
      emptyOutDir: true,
      externalizeDeps: false,
      // A sandboxed preload can require nothing but Electron, and only as CommonJS.
      rolldownOptions: {
        input: { preload: resolve(root, 'electron/preload/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
      },
    },
  },
});
