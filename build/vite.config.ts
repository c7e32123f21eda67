import { fileURLToPath } from 'node:url';
import locales from '@react-aria/optimize-locales-plugin';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const root = fileURLToPath(new URL('../renderer', import.meta.url));

type Graph = { readonly getModuleInfo: (id: string) => { readonly importedIds: string[] } | null };
let atStart: ReadonlySet<string> | undefined;

/** What the window needs before anything is shown: all that its first file imports, without waiting for a page. */
function startOf(graph: Graph): ReadonlySet<string> {
  const reached = new Set([`${root}/main.tsx`]);
  for (const id of reached)
    for (const next of graph.getModuleInfo(id)?.importedIds ?? []) reached.add(next);
  return reached;
}

export default defineConfig({
  root,
  // The same files are served from loopback and, under Electron, from its own protocol.
  base: './',
  plugins: [
    // The controls bring their own few words in thirty languages; the window speaks two.
    { ...locales.vite({ locales: ['en-US', 'de-DE'] }), enforce: 'pre' },
    react(),
  ],
  build: {
    outDir: fileURLToPath(new URL('../out/renderer', import.meta.url)),
    emptyOutDir: true,
    // The content security policy allows no inline data but images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // What counts is the packed size of all scripts, and the bench looks at that.
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      output: {
        // Without groups every small part that two pages share would be a file, and a request, of its own.
        codeSplitting: {
          groups: [
            {
              // By which the bundler calls this group in what it says to whoever builds.
              debugName: 'start',
              name: (id, graph) => {
                atStart ??= startOf(graph);
                return atStart.has(id) ? 'start' : null;
              },
            },
            { name: 'controls', minShareCount: 2 },
          ],
        },
      },
    },
  },
});
