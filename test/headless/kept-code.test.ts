import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { layoutOf } from '../../electron/core/config.ts';
import { scratch } from '../fakes/homes.ts';

/** Whoever can write where compiled code lies runs in this program. */
const MODULE = new URL('../../electron/headless/kept-code.ts', import.meta.url).href;
let place: Awaited<ReturnType<typeof scratch>>;
let home: string;
beforeEach(async () => {
  place = await scratch();
  home = join(place.folder, 'home');
  mkdirSync(join(home, 'cache'), { recursive: true, mode: 0o700 });
  writeFileSync(layoutOf(home).database, '');
});
afterEach(() => place.remove());

/** Where a program with this home keeps what it has compiled. */
function keptBy(...args: readonly string[]): string {
  const code = `import { keepCompiledCode } from ${JSON.stringify(MODULE)};
    keepCompiledCode(process.argv.slice(1));
    process.stdout.write(process.env.NODE_COMPILE_CACHE ?? 'nowhere');`;
  const env = { ...process.env };
  delete env['NODE_COMPILE_CACHE'];
  const flags = ['--input-type=module', '-e', code, '--'];
  return execFileSync(process.execPath, [...flags, ...args], { env, encoding: 'utf8' });
}

describe('what was compiled', () => {
  it('is kept in the cache of a home that is its user’s alone', () => {
    expect(keptBy('status', '--home', home)).toBe(join(home, 'cache', 'compiled'));
    expect(keptBy(`--home=${home}`)).toBe(join(home, 'cache', 'compiled'));
    expect(keptBy('--home', join(place.folder, 'never started'))).toBe('nowhere');
  });

  it('is not kept in a folder of somebody’s that happens to have a cache', () => {
    rmSync(layoutOf(home).database);
    expect(keptBy('--home', home)).toBe('nowhere');
  });

  it.skipIf(process.platform === 'win32')('is taken from nowhere that others can write to', () => {
    chmodSync(home, 0o777);
    expect(keptBy('--home', home)).toBe('nowhere');
    chmodSync(home, 0o700);
    chmodSync(join(home, 'cache'), 0o770);
    expect(keptBy('--home', home)).toBe('nowhere');
  });
});
