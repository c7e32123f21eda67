import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { sourceFiles } from './layers.ts';

const root = resolve(import.meta.dirname, '../..');

/** A call of Node's `mkdir` that makes the folders above as well. */
const MAKES_ALL = /\bmkdir(?:Sync)?\((?:[^;]*?)recursive:/;

/** Where a folder says of each one in it that it is missing, that asks for ever (`core/database/durable-file.ts`). */
test('folders above are made by makeFolders, not by Node', () => {
  const files = sourceFiles(join(root, 'electron'));
  expect(files.length).toBeGreaterThan(400);
  const those = files.filter((file) => MAKES_ALL.test(readFileSync(file, 'utf8')));
  expect(those.map((file) => relative(root, file))).toEqual([]);
});

test('one that does would be noticed', () => {
  expect(MAKES_ALL.test("await mkdir(join(a, 'b'), {\n  recursive: true,\n});")).toBe(true);
  expect(MAKES_ALL.test('await mkdir(a);\nawait rm(b, { recursive: true });')).toBe(false);
});
