import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'electron-vite';
import { bringsMachineCode, emitWorkers, NAMED_BY_CONTENT, NAMES } from './emit-workers.ts';

/**
 * Main and preload for Electron. The window is built by `vite.config.ts` alone, because the browser wants
 * the very same files without Electron.
 */
const root = fileURLToPath(new URL('..', import.meta.url));

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
          ...NAMES,
          // What no thread needs stays in the archive, which is checked as it is read; so it has a name to be known by.
          chunkFileNames: ({ moduleIds }) =>
            moduleIds.some((id) => /[\\/]electron-updater[\\/]/.test(id))
              ? 'updater-[hash].js'
              : NAMED_BY_CONTENT,
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
