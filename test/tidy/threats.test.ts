import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { missingIn } from './named-tests.ts';
import { threats } from './threats.ts';

const tests = resolve(import.meta.dirname, '..');
const ROWS = 33;

function missing(file: string, names: readonly string[]): readonly string[] {
  return missingIn(join(tests, file), names);
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
