/**
 * Builds what was not made of the sources that are there: the window (for the browser and for the desktop),
 * main and preload (for the desktop only), and the program without a desktop. Plain JavaScript and no imports
 * from outside, like `run.mjs`, which calls it with the Node it has found.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');

export const parts = {
  window: {
    says: 'Building the window.',
    from: ['renderer', 'shared', 'build/vite.config.ts', 'package-lock.json'],
    makes: ['out/renderer/index.html'],
    notes: 'out/window.built',
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
    notes: 'out/shell.built',
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
    notes: 'out/headless/headless.built',
    runs: [join(modules, 'vite/bin/vite.js'), 'build', '--config', 'build/headless.vite.config.ts'],
    // A home that runs from there starts its threads when it needs them.
    swaps: 'out/headless',
  },
  licences: {
    says: 'Gathering the licences.',
    from: ['build/licences.mjs', 'package-lock.json'],
    makes: ['out/licences.txt'],
    notes: 'out/licences.built',
    runs: [join(root, 'build/licences.mjs')],
  },
};

/** What the sources are, as far as their names, sizes and times tell. */
function fingerprint({ from }) {
  const hash = createHash('sha256');
  const add = (path) => {
    // Somebody may be at work on them.
    const found = statSync(join(root, path), { throwIfNoEntry: false });
    if (found === undefined) return;
    if (found.isDirectory())
      for (const name of readdirSync(join(root, path)).sort()) add(`${path}/${name}`);
    else hash.update(`${path}\n${found.size} ${found.mtimeMs}\n`);
  };
  for (const source of from) add(source);
  return hash.digest('hex');
}

/**
 * It is noted beside what was made, once that is whole, of which sources. Times alone would take for built what was
 * cut off in the middle, and what older files took the place of, as those of an archive do.
 */
function isBuilt({ from, makes, notes }) {
  const note = join(root, notes);
  if (![note, ...makes.map((file) => join(root, file))].every((file) => existsSync(file)))
    return false;
  return readFileSync(note, 'utf8') === fingerprint({ from });
}

/** Whether the part is built now; its words go to standard error. */
export function build(name, { node, env, say, force = false }) {
  const part = parts[name];
  if (!force && isBuilt(part)) return true;
  say(part.says);
  const sources = fingerprint(part);
  const made = part.swaps && `${part.swaps}.${process.pid}`;
  if (made) clearLeftovers(part.swaps);
  else clear(join(root, part.notes));
  const args = [...part.runs, ...(made ? ['--outDir', made] : []), '--logLevel', 'warn'];
  // Under a test runner it says "test", and React would come in its slow and large version.
  const whole = { ...env, NODE_ENV: 'production' };
  const run = spawnSync(node, args, { cwd: root, stdio: ['ignore', 2, 2], env: whole });
  const isBuiltNow = run.status === 0;
  if (isBuiltNow) note(made ? join(made, basename(part.notes)) : part.notes, sources);
  return made ? swap(join(root, made), part, isBuiltNow, say) : isBuiltNow;
}

/** Where it can't be noted it is built again the next time. */
function note(file, sources) {
  try {
    writeFileSync(join(root, file), sources);
  } catch {
    // As it says.
  }
}

/** Longer than any build takes. */
const LEFT_MS = 3_600_000;

/** What builds have left that were killed. */
function clearLeftovers(place) {
  const folder = dirname(join(root, place));
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const isOne = /^\.\d+(\.before)?$/.test(name.slice(basename(place).length));
    if (!name.startsWith(basename(place)) || !isOne) continue;
    const found = statSync(join(folder, name), { throwIfNoEntry: false });
    if (found !== undefined && Date.now() - found.mtimeMs > LEFT_MS) clear(join(folder, name));
  }
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
