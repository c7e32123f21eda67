import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { sourceFiles } from './layers.ts';

/** What tests and scripts take from the machine that they run on, and must not take for granted. */
const root = resolve(import.meta.dirname, '../..');
const files = ['build', 'electron', 'shared', 'test']
  .flatMap((folder) => sourceFiles(join(root, folder)))
  .filter((file) => file !== import.meta.filename);

test('the project may lie in a folder with any name: the path of a URL is not that of a file', () => {
  for (const file of files)
    expect(readFileSync(file, 'utf8'), relative(root, file)).not.toMatch(
      /import\.meta\.url\)\s*\.pathname/,
    );
});

describe('which Chromium is meant', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  async function inTests(named: string | undefined): Promise<string> {
    vi.resetModules();
    vi.stubEnv('CHROMIUM', named);
    return (await import('../standin/chromium.ts')).CHROMIUM;
  }

  test('is said by its name, and an empty one is none', async () => {
    const { chromiumIn } = (await import(join(root, 'build/chromium.mjs'))) as {
      chromiumIn: (env: Record<string, string>, usual?: string) => string;
    };
    expect(chromiumIn({ CHROMIUM: '/opt/chrome' })).toBe('/opt/chrome');
    expect(chromiumIn({ CHROMIUM: '' }, 'chromium')).toBe('chromium');
    expect(chromiumIn({}, 'chromium')).toBe('chromium');
    expect(await inTests('/opt/chrome')).toBe('/opt/chrome');
    const unnamed = await inTests(undefined);
    expect(unnamed).toBe(chromiumIn({}));
    expect(await inTests('')).toBe(unnamed);
  });

  test('is asked of nobody else', () => {
    for (const file of files.filter((each) => !each.endsWith('chromium.ts')))
      expect(readFileSync(file, 'utf8'), relative(root, file)).not.toMatch(
        /process\.env(\.CHROMIUM|\['CHROMIUM'\])/,
      );
  });
});
