import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DAY_MS } from '../../shared/units.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const VITE = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
/** As far from the root as the sources: files are found by their distance. */
const PLACE = join(ROOT, '.cache');
const PREFIX = 'bundled-';
/** What a program may be made of. */
const SOURCES = ['electron', 'shared', 'test/fakes', 'build', 'package-lock.json'];

/**
 * A program made into one file as the packed one is. It starts in half the time that a thousand sources take, and making it
 * takes as long as three starts: for tests that start it often. Whoever wants the same one of the same sources gets the one
 * that is there, and with it what earlier ones have compiled.
 */
export async function bundle(program: string): Promise<string> {
  await mkdir(PLACE, { recursive: true });
  await dropLeftovers();
  const folder = join(PLACE, `${PREFIX}${fingerprint(program)}`);
  const made = join(folder, basename(program).replace(/\.ts$/, '.js'));
  const now = new Date();
  // In use again: it is no leftover.
  const isThere = await utimes(folder, now, now).then(
    () => true,
    () => false,
  );
  if (!isThere) await make(program, folder);
  return made;
}

async function make(program: string, folder: string): Promise<void> {
  const making = await mkdtemp(join(PLACE, `${PREFIX}making-`));
  const config = ['--config', 'build/headless.vite.config.ts', '--logLevel', 'warn'];
  const args = [VITE, 'build', ...config, '--ssr', program, '--outDir', making];
  const env = { ...process.env, NODE_ENV: 'production' };
  try {
    await promisify(execFile)(process.execPath, args, { cwd: ROOT, env });
    await rename(making, folder).catch((error: unknown) => {
      // Another file of tests was quicker.
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

function fingerprint(program: string): string {
  const hash = createHash('sha256').update(relative(ROOT, program));
  for (const source of SOURCES.map((name) => join(ROOT, name))) {
    const names = statSync(source).isDirectory() ? readdirSync(source, { recursive: true }) : [''];
    for (const name of names) {
      // Somebody may be at work on them.
      const found = statSync(join(source, `${name}`), { throwIfNoEntry: false });
      hash.update(`\n${name} ${found?.size} ${found?.mtimeMs}`);
    }
  }
  return hash.digest('hex').slice(0, 16);
}

/** Of other sources, and of tests that were killed; those of today may be in use by others. */
async function dropLeftovers(): Promise<void> {
  const own = (await readdir(PLACE)).filter((name) => name.startsWith(PREFIX));
  for (const folder of own.map((name) => join(PLACE, name))) {
    // Somebody else may be quicker.
    const found = await stat(folder).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > DAY_MS)
      await rm(folder, { recursive: true, force: true });
  }
}
