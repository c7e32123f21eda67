import { globSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { webPreferences } from '../../electron/main/security.ts';
import { RULES } from './electron-rules.ts';
import { sourceFiles } from './layers.ts';
import { missingIn } from './named-tests.ts';
import { asvs, electron } from './security-list.ts';

/** What SECURITY.md says is shown by tests that are there, and the rules for programs made with Electron are kept. */
const root = resolve(import.meta.dirname, '../..');
const folders = ['electron/main', 'electron/preload', 'renderer'];

describe('SECURITY.md', () => {
  const text = readFileSync(join(root, 'SECURITY.md'), 'utf8');
  const named = [...text.matchAll(/`(test\/[^`\s]+)`/g)].map(([, path = '']) => path);

  test('names no test that is not there', () => {
    expect(named.length).toBeGreaterThan(2);
    expect(named.filter((path) => globSync(path, { cwd: root }).length === 0)).toEqual([]);
  });
});

describe('the review', () => {
  test.each([...electron, ...asvs])('$of: is shown by tests that are there', ({ shown }) => {
    expect(shown.length).toBeGreaterThan(0);
    for (const [file, ...names] of shown)
      expect(missingIn(join(root, 'test', file), names), file).toEqual([]);
  });
});

describe('of what is known to go wrong with Electron, nothing is here', () => {
  const files = folders
    .flatMap((folder) => sourceFiles(join(root, folder)))
    .map((file) => relative(root, file).replaceAll('\\', '/'));

  test.each(RULES)('$id', ({ forbids, but = {}, catches }) => {
    expect(catches).toMatch(forbids);
    const found = files.filter((file) => forbids.test(readFileSync(join(root, file), 'utf8')));
    expect(found.filter((file) => !Object.hasOwn(but, file))).toEqual([]);
    // What nobody needs any more is no exception any more.
    expect(Object.keys(but).filter((file) => !found.includes(file))).toEqual([]);
  });

  test('the window gets its preferences from security.ts, and they are the strict ones', () => {
    const window = readFileSync(join(root, 'electron/main/window.ts'), 'utf8');
    expect(window.match(/webPreferences/g)?.length).toBeGreaterThan(0);
    expect(window).not.toMatch(/webPreferences:\s*\{/);
    expect(webPreferences('preload.cjs')).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
    });
  });

  test('pages have no script or style of their own in them', () => {
    const pages = globSync('renderer/**/*.html', { cwd: root });
    expect(pages.length).toBeGreaterThan(0);
    for (const page of pages) {
      const html = readFileSync(join(root, page), 'utf8');
      expect(html, page).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>|<style|\son\w+=|javascript:/i);
    }
  });
});
