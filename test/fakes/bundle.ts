import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DAY_MS } from '../../shared/units.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const VITE = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
/** As far from the root as the sources: files are found by their distance. */
const PLACE = join(ROOT, '.cache');
const PREFIX = 'bundled-';

/**
 * A program made into one file as the packed one is. It starts in half the time that a thousand sources take, and making it
 * takes as long as three starts: for tests that start it often.
 */
export async function bundle(
  program: string,
): Promise<{ readonly program: string; readonly remove: () => Promise<void> }> {
  await mkdir(PLACE, { recursive: true });
  await dropLeftovers();
  const folder = await mkdtemp(join(PLACE, PREFIX));
  const remove = () => rm(folder, { recursive: true, force: true });
  const config = ['--config', 'build/headless.vite.config.ts', '--logLevel', 'warn'];
  const args = [VITE, 'build', ...config, '--ssr', program, '--outDir', folder];
  const env = { ...process.env, NODE_ENV: 'production' };
  try {
    await promisify(execFile)(process.execPath, args, { cwd: ROOT, env });
  } catch (error) {
    await remove();
    throw error;
  }
  return { program: join(folder, basename(program).replace(/\.ts$/, '.js')), remove };
}

/** Of tests that were killed; those of today may be in use by others. */
async function dropLeftovers(): Promise<void> {
  const own = (await readdir(PLACE)).filter((name) => name.startsWith(PREFIX));
  for (const folder of own.map((name) => join(PLACE, name))) {
    // Somebody else may be quicker.
    const found = await stat(folder).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > DAY_MS)
      await rm(folder, { recursive: true, force: true });
  }
}
