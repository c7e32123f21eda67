import { copyFile, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

/** When something is built, in a project of its own in which a few lines stand in for Vite. */
const BUILD = resolve(import.meta.dirname, '../../build/build.mjs');
/** Writes the page at once and the rest never, where it is told to die. */
const VITE = `
  import { mkdirSync, writeFileSync } from 'node:fs';
  import { join } from 'node:path';
  const at = process.argv.indexOf('--outDir');
  const to = at < 0 ? 'out/renderer' : process.argv[at + 1];
  mkdirSync(to, { recursive: true });
  for (const name of ['index.html', 'cli.js', 'packed.js']) writeFileSync(join(to, name), '');
  if (process.env.DIES === '1') process.kill(process.pid, 'SIGKILL');
`;

describe('a build', () => {
  let folder: string;
  let build: (name: 'window' | 'headless', env?: Record<string, string>) => boolean;
  let said: string[];

  const put = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'allotment-building-'));
    for (const path of ['renderer/main.tsx', 'shared/a.ts', 'shared/b.ts', 'electron/core/a.ts'])
      await put(path, '');
    for (const name of ['vite.config.ts', 'headless.vite.config.ts', 'emit-workers.ts'])
      await put(`build/${name}`, '');
    await put('electron/headless/cli.ts', '');
    await put('package-lock.json', '{}');
    await put('package.json', '{ "type": "module" }');
    await put('node_modules/vite/bin/vite.js', VITE);
    await put('node_modules/vite/package.json', '{ "type": "module" }');
    await copyFile(BUILD, join(folder, 'build/build.mjs'));
    const own = (await import(pathToFileURL(join(folder, 'build/build.mjs')).href)) as {
      readonly build: (name: string, tools: object) => boolean;
    };
    said = [];
    build = (name, env = {}) => {
      const say = (sentence: string) => said.push(sentence);
      return own.build(name, { node: process.execPath, env: { ...process.env, ...env }, say });
    };
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('is done once, and again when a source changed, went, or an older one took its place', async () => {
    expect(build('window')).toBe(true);
    expect(build('window')).toBe(true);
    expect(said).toHaveLength(1);
    await rm(join(folder, 'shared/b.ts'));
    expect(build('window')).toBe(true);
    expect(said).toHaveLength(2);
    // As somebody does who unpacks another version over this one.
    await put('shared/a.ts', 'older');
    await utimes(join(folder, 'shared/a.ts'), 1_000_000, 1_000_000);
    expect(build('window')).toBe(true);
    expect(build('window')).toBe(true);
    expect(said).toHaveLength(3);
  });

  test('that was cut off in the middle counts for none', async () => {
    expect(build('window', { DIES: '1' })).toBe(false);
    expect(await readdir(join(folder, 'out/renderer'))).toContain('index.html');
    expect(build('window')).toBe(true);
    expect(said).toHaveLength(2);
  });

  test('takes away what one left that was killed, and not what another one is at', async () => {
    for (const name of ['headless.123', 'headless.123.before', 'headless.77', 'headless.kept'])
      await put(`out/${name}/cli.js`, '');
    for (const name of ['headless.123', 'headless.123.before', 'headless.kept'])
      await utimes(join(folder, 'out', name), 1_000_000, 1_000_000);
    expect(build('headless', { DIES: '1' })).toBe(false);
    expect((await readdir(join(folder, 'out'))).sort()).toEqual(['headless.77', 'headless.kept']);
    expect(build('headless')).toBe(true);
    expect(build('headless')).toBe(true);
    expect(said).toHaveLength(2);
    expect((await readdir(join(folder, 'out'))).sort()).toEqual([
      'headless',
      'headless.77',
      'headless.kept',
    ]);
  });
});
