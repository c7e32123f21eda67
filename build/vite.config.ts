import { fileURLToPath } from 'node:url';
import locales from '@react-aria/optimize-locales-plugin';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const root = fileURLToPath(new URL('../renderer', import.meta.url));

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
  },
});
