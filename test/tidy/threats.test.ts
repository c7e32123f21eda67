import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { threats } from './threats.ts';

const tests = resolve(import.meta.dirname, '..');
const ROWS = 33;

/** The names of a file's tests, as they are written there: with `%s` where a table fills them in. */
function testsIn(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  // `test('…'`, `it('…'`, and behind a table or a condition `.each([…])('…'`.
  const beginning =
    /(?:\b(?:test|it)\(|\]\)\(|\)\()\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`([^`]*)`)/g;
  for (const [, single, double, template] of text.matchAll(beginning))
    names.add((single ?? double ?? template ?? '').replaceAll(/\\(.)/g, '$1'));
  return names;
}

function missing(file: string, names: readonly string[]): readonly string[] {
  const there = testsIn(readFileSync(join(tests, file), 'utf8'));
  return names.filter((name) => !there.has(name));
}

describe('the table of threats', () => {
  test('has every row of the study once, in its order', () => {
    expect(threats.map(({ row }) => row)).toEqual(Array.from({ length: ROWS }, (_, at) => at + 1));
  });

  test.each(threats)('row $row, $what: is covered by tests that are there', ({ covered }) => {
    expect(covered.length).toBeGreaterThan(0);
    for (const [file, ...names] of covered) expect(missing(file, names), file).toEqual([]);
  });

  test('would notice: a test that was renamed is missing', () => {
    const file = 'integration/bad-input.test.ts';
    expect(missing(file, ['a config is never replaced by another'])).toEqual([]);
    expect(missing(file, ['a config is never replaced', 'for %j seconds'])).toHaveLength(2);
  });
});
