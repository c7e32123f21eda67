import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { bringsMachineCode, emitWorkers } from './emit-workers.ts';

/** The program without a desktop, for computers that have no Node of their own: what `pack:headless` packs. */
const root = fileURLToPath(new URL('..', import.meta.url));

export default defineConfig({
  root,
  publicDir: false,
  plugins: [emitWorkers()],
  ssr: { noExternal: true },
  build: {
    ssr: 'electron/headless/packed.ts',
    target: 'node24',
    outDir: 'out/headless',
    emptyOutDir: true,
    rolldownOptions: {
      external: bringsMachineCode,
      // Flat, as the desktop's: files find the window and package.json by their distance from this folder.
      output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
    },
  },
});
