import { existsSync, statSync } from 'node:fs';
import module from 'node:module';
import { join, resolve } from 'node:path';
import { defaultHome } from '../core/default-home.ts';

/**
 * From source, every start would read a thousand files of TypeScript and compile them anew, which takes half a second of
 * a processor. What was compiled is kept in the home's own cache, where nobody else can put anything; threads of this
 * process find it by the variable. A folder that has no books is no home, or none yet, and keeps nothing.
 */
export function keepCompiledCode(args: readonly string[]): void {
  if (process.env['NODE_COMPILE_CACHE'] !== undefined) return;
  const home = homeIn(args);
  const cache = join(home, 'cache');
  // By name: what is imported here is not kept yet.
  if (!existsSync(join(home, 'allotment.sqlite')) || ![home, cache].every(isOursAlone)) return;
  const folder = join(cache, 'compiled');
  process.env['NODE_COMPILE_CACHE'] = folder;
  module.enableCompileCache(folder);
}

/** Whoever else could write there could put a program of his own into this one. */
function isOursAlone(folder: string): boolean {
  try {
    const found = statSync(folder);
    // On Windows a profile is its user's, and modes say nothing.
    const me = process.getuid?.() ?? found.uid;
    const mayOthers = process.platform !== 'win32' && (found.mode & 0o022) !== 0;
    return found.isDirectory() && found.uid === me && !mayOthers;
  } catch {
    return false;
  }
}

/** Before anything is read that could say it properly; what is misunderstood here costs half a second. */
function homeIn(args: readonly string[]): string {
  const at = args.indexOf('--home');
  const joined = args.find((arg) => arg.startsWith('--home='));
  return resolve((at === -1 ? joined?.slice('--home='.length) : args[at + 1]) ?? defaultHome());
}
