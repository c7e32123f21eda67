import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { sourceFiles } from './layers.ts';

const root = resolve(import.meta.dirname, '../..');
const folders = ['electron', 'shared', 'renderer'].map((name) => join(root, name));

/**
 * The list of `Promise.all([a(), f(await b())])` is not complete before `b` is: until then nobody waits for `a`, and a failure of
 * it ends the program. What is to be waited for stands before the list. No rule of the linter's notices that.
 */
function waitsInList(text: string): boolean {
  return [...text.matchAll(/Promise\.(?:all|allSettled|any|race)\(\[/g)].some(
    ({ index, 0: head }) => outside(text.slice(index + head.length)).includes('await '),
  );
}

/** What stands in the list itself, up to its end: functions in it wait for themselves. */
function outside(text: string): string {
  const open: string[] = ['['];
  let found = '';
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charAt(at);
    const isBody = sign === '{' && /=>\s*$/.test(text.slice(Math.max(0, at - 8), at));
    if ('[({'.includes(sign)) open.push(isBody ? 'body' : sign);
    else if ('])}'.includes(sign)) open.pop();
    if (open.length === 0) break;
    if (!open.includes('body')) found += sign;
  }
  return found;
}

test('what is waited for in the list of several promises stands before it', () => {
  const files = folders.flatMap(sourceFiles);
  expect(files.length).toBeGreaterThan(600);
  const those = files.filter((file) => waitsInList(readFileSync(file, 'utf8')));
  expect(those.map((file) => relative(root, file))).toEqual([]);
});

test('one that waits within it would be noticed, and functions in it may', () => {
  expect(waitsInList('await Promise.all([\n  one(),\n  two({ disk: await three() }),\n]);')).toBe(
    true,
  );
  expect(waitsInList('await Promise.race([one(), await two()]);')).toBe(true);
  expect(waitsInList('await Promise.all([one(), two(async () => { await three(); })]);')).toBe(
    false,
  );
  expect(waitsInList('await Promise.all([one(), two()]);\nawait three();')).toBe(false);
});
