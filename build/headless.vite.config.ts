import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { bringsMachineCode, emitWorkers, NAMES } from './emit-workers.ts';

/**
 * The program without a desktop, as `npm start` and the command line run it and `pack:headless` packs it. Read from its sources it
 * begins two seconds later, and keeps 65 MB more in memory.
 */
const root = fileURLToPath(new URL('..', import.meta.url));

export default defineConfig({
  root,
  publicDir: false,
  plugins: [emitWorkers()],
  ssr: { noExternal: true },
  build: {
    ssr: true,
    target: 'node24',
    outDir: 'out/headless',
    emptyOutDir: true,
    rolldownOptions: {
      input: ['cli', 'demo', 'packed', 'start'].map((name) => `electron/headless/${name}.ts`),
      external: bringsMachineCode,
      output: NAMES,
    },
  },
});
