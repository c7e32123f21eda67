import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const VITE = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
/** As far from the root as the sources: files are found by their distance. */
const PLACE = join(ROOT, '.cache');

/**
 * A program made into one file as the packed one is. It starts in half the time that a thousand sources take, and making it
 * takes as long as three starts: for tests that start it often.
 */
export async function bundle(
  program: string,
): Promise<{ readonly program: string; readonly remove: () => Promise<void> }> {
  await mkdir(PLACE, { recursive: true });
  const folder = await mkdtemp(join(PLACE, 'bundled-'));
  const config = ['--config', 'build/headless.vite.config.ts', '--logLevel', 'warn'];
  const args = [VITE, 'build', ...config, '--ssr', program, '--outDir', folder];
  const env = { ...process.env, NODE_ENV: 'production' };
  await promisify(execFile)(process.execPath, args, { cwd: ROOT, env });
  return {
    program: join(folder, basename(program).replace(/\.ts$/, '.js')),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
