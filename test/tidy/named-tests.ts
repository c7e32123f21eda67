import { readFileSync } from 'node:fs';

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

/** Of these names, those that no test in the file has. */
export function missingIn(file: string, names: readonly string[]): readonly string[] {
  const there = testsIn(readFileSync(file, 'utf8'));
  return names.filter((name) => !there.has(name));
}
