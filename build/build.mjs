/**
 * Builds what is older than its sources: the window (for the browser and for the desktop), main and
 * preload (for the desktop only), and the program without a desktop. Plain JavaScript and no imports from
 * outside, like `run.mjs`, which calls it with the Node it has found.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');

export const parts = {
  window: {
    says: 'Building the window.',
    from: ['renderer', 'shared', 'build/vite.config.ts', 'package-lock.json'],
    makes: ['out/renderer/index.html'],
    runs: [join(modules, 'vite/bin/vite.js'), 'build', '--config', 'build/vite.config.ts'],
  },
  shell: {
    says: 'Building the desktop app.',
    from: [
      'electron/core',
      'electron/headless',
      'electron/main',
      'electron/preload',
      'shared',
      'build/electron.vite.config.ts',
      'build/emit-workers.ts',
      'package-lock.json',
    ],
    makes: ['out/main/main.js', 'out/preload/preload.cjs'],
    runs: [
      join(modules, 'electron-vite/bin/electron-vite.js'),
      'build',
      '--config',
      'build/electron.vite.config.ts',
      // The window has a configuration of its own.
      '--ignoreConfigWarning',
    ],
  },
  headless: {
    says: 'Building the program without a desktop.',
    from: [
      'electron/core',
      'electron/headless',
      'shared',
      'build/headless.vite.config.ts',
      'build/emit-workers.ts',
      'package-lock.json',
    ],
    makes: ['out/headless/cli.js', 'out/headless/packed.js'],
    runs: [join(modules, 'vite/bin/vite.js'), 'build', '--config', 'build/headless.vite.config.ts'],
    // A home that runs from there starts its threads when it needs them.
    swaps: 'out/headless',
  },
  licences: {
    says: 'Gathering the licences.',
    from: ['build/licences.mjs', 'package-lock.json'],
    makes: ['out/licences.txt'],
    runs: [join(root, 'build/licences.mjs')],
  },
};

function newest(path) {
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(found.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function isBuilt({ from, makes }) {
  const made = makes.map((file) => join(root, file));
  if (!made.every((file) => existsSync(file))) return false;
  const oldest = Math.min(...made.map((file) => statSync(file).mtimeMs));
  return from.every((source) => newest(join(root, source)) <= oldest);
}

/** Whether the part is built now; its words go to standard error. */
export function build(name, { node, env, say, force = false }) {
  const part = parts[name];
  if (!force && isBuilt(part)) return true;
  say(part.says);
  const made = part.swaps && `${part.swaps}.${process.pid}`;
  const args = [...part.runs, ...(made ? ['--outDir', made] : []), '--logLevel', 'warn'];
  // Under a test runner it says "test", and React would come in its slow and large version.
  const whole = { ...env, NODE_ENV: 'production' };
  const run = spawnSync(node, args, { cwd: root, stdio: ['ignore', 2, 2], env: whole });
  const isBuiltNow = run.status === 0;
  return made ? swap(join(root, made), part, isBuiltNow, say) : isBuiltNow;
}

/** What is there is never half of what will be there, also where two build it at the same time. */
function swap(made, part, isWhole, say) {
  const place = join(root, part.swaps);
  const before = `${made}.before`;
  try {
    if (!isWhole) return false;
    if (existsSync(place)) renameSync(place, before);
    renameSync(made, place);
    return true;
  } catch (error) {
    if (!existsSync(place) && existsSync(before)) renameSync(before, place);
    // Somebody else was quicker with the same.
    if (isBuilt(part)) return true;
    say(`What was built could not be put in its place: ${error.message}.`);
    return false;
  } finally {
    for (const each of [made, before]) clear(each);
  }
}

/** What somebody still has open there is in nobody's way. */
function clear(folder) {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  } catch {
    // Then it stays.
  }
}
