import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { builtThreads } from './built-threads.ts';
import { LongestFirst } from './longest-first.ts';
import { filesInMemory } from './memory-files.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const common = {
  // Waits, not measurements: three files at a time share a small machine, and some start whole programs. They end what hangs,
  // so tests have none of their own unless they take longer than this.
  testTimeout: 300_000,
  hookTimeout: 300_000,
  expect: { poll: { timeout: 60_000 } },
  pool: 'forks',
  // Programs that tests start find what others have compiled, which halves the time of a start.
  env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('../.cache/compiled', import.meta.url)) },
} as const;

const plugins =
  process.env['BUILT_THREADS'] === undefined ? [] : [builtThreads(`${root}out/headless`)];
const inMemory = filesInMemory();

export default defineConfig({
  root,
  test: {
    // For two processors: the longer files wait for a third to a half of their time. More only makes all of them slower.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // Real lines of a real run; `.ci/run` reads the counts from the JSON report.
    reporters: process.env['CI'] ? ['default', 'json'] : ['default'],
    outputFile: { json: '.cache/vitest.json' },
    projects: [
      {
        plugins,
        test: {
          ...common,
          env: { ...common.env, ...inMemory },
          name: 'node',
          include: ['test/{core,headless,tidy,integration,network,fuzz}/**/*.test.ts'],
        },
      },
      {
        plugins,
        test: {
          ...common,
          env: { ...common.env, ...inMemory },
          name: 'pure',
          include: ['test/{shared,main}/**/*.test.ts'],
          // Nothing of what they test stays behind in its module: a process for each file costs as much as its tests.
          isolate: false,
        },
      },
      {
        test: {
          ...common,
          name: 'renderer',
          include: ['test/renderer/**/*.test.{ts,tsx}'],
          // What they test runs in a browser, which each file starts and ends; the others are pure.
          isolate: false,
        },
      },
      {
        test: {
          ...common,
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
        },
      },
      {
        test: {
          ...common,
          name: 'shell',
          globalSetup: ['build/build-first.mjs'],
          include: ['test/{standin,e2e,packaging}/**/*.test.ts'],
        },
      },
    ],
  },
});
