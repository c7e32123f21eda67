import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compileIgnore } from '../../../../electron/core/backup/engine/gitignore.ts';
import { scratch } from '../../../fakes/homes.ts';
import { fc, runs } from '../../../fakes/properties.ts';

/** As a walk asks: whatever lies in a folder that is out is out, and nothing brings it back. */
function isOut(patterns: readonly string[], path: string, ignoreCase = false): boolean {
  const rules = compileIgnore(patterns, { ignoreCase });
  const isFolder = path.endsWith('/');
  const names = path.split('/').filter(Boolean);
  return names.some((name, at) => {
    const entry = {
      name,
      isFolder: isFolder || at < names.length - 1,
      names: () => names.slice(0, at + 1),
    };
    return rules.decide(entry) === true;
  });
}

describe('patterns', () => {
  test.each([
    ['*.tmp', 'a/b.tmp', true],
    ['*.tmp', 'a/b.tmp.txt', false],
    ['# a comment', '# a comment', false],
    ['\\# no comment', '# no comment', true],
    ['\\!loud', '!loud', true],
    ['', 'a', false],
    ['blanks   ', 'blanks', true],
    ['a blank\\ ', 'a blank ', true],
    ['build/', 'x/build/', true],
    ['build/', 'x/build', false],
    ['/build', 'build', true],
    ['/build', 'x/build', false],
    ['a/b', 'a/b', true],
    ['a/b', 'x/a/b', false],
    ['**/a/b', 'x/y/a/b', true],
    ['**/a/b', 'a/b', true],
    ['a/**', 'a/b/c', true],
    ['a/**', 'a/', false],
    ['a/**/z', 'a/z', true],
    ['a/**/z', 'a/b/c/z', true],
    ['a/*/z', 'a/b/c/z', false],
    ['a?c', 'aüc', true],
    ['a?c', 'a🌱c', true],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[[:digit:]]', '7', true],
    ['[]]', ']', true],
    ['open[', 'open[', false],
    ['ends\\', 'ends\\', false],
    ['*', '.hidden', true],
  ])('%j %j: %s', (pattern, path, expected) => {
    expect(isOut([pattern], path)).toBe(expected);
  });

  test('the last that matches decides, and below a folder that is out nothing comes back', () => {
    expect(isOut(['*.log', '!keep.log'], 'x/keep.log')).toBe(false);
    expect(isOut(['!keep.log', '*.log'], 'x/keep.log')).toBe(true);
    expect(isOut(['logs/', '!logs/keep.log'], 'logs/keep.log')).toBe(true);
    expect(isOut(['logs/*', '!logs/keep.log'], 'logs/keep.log')).toBe(false);
  });

  test('have no case where the names of a system have none', () => {
    expect(isOut(['Thumbs.db'], 'THUMBS.DB', true)).toBe(true);
    expect(isOut(['Thumbs.db'], 'THUMBS.DB', false)).toBe(false);
  });

  test('full of stars end soon on a name made to be slow', () => {
    const pattern = `${'*a'.repeat(400)}b`;
    const path = `${'**/a/'.repeat(150)}b`;
    expect(isOut([pattern, path], 'a'.repeat(4000))).toBe(false);
    expect(isOut([path], 'a/'.repeat(2000))).toBe(false);
  });
});

const name = fc.constantFrom(
  'a',
  'b',
  'ab',
  'abc',
  'x.tmp',
  '.b',
  'a b',
  '!a',
  '#a',
  '[a]',
  'A',
  '-',
);
/** Without stars beside other letters after a plain beginning (`a**`): there git up to 2.52 differs from its own words. */
const piece = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'ab',
    '*',
    '?',
    'a*',
    '*b',
    '*.tmp',
    'a?c',
    '.*',
    '[a-b]',
    '[!a]',
    '[]a]',
  ),
  fc.constantFrom('**', '\\a', '\\*', '[[:alpha:]]', '[a-', 'a b', '[^b]*', '*a*', '[!.]?'),
);
const pattern = fc
  .tuple(
    fc.constantFrom('', '', '', '!'),
    fc.constantFrom('', '', '/'),
    fc.array(piece, { minLength: 1, maxLength: 4 }),
    fc.constantFrom('', '', '/', ' '),
  )
  .map(([negation, slash, pieces, end]) => negation + slash + pieces.join('/') + end);
const path = fc
  .tuple(fc.array(name, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([names, isFolder]) => ({ names, isFolder }));

describe.skipIf(spawnSync('git', ['--version']).error !== undefined)(
  'git itself (skipped where it is not installed)',
  () => {
    let place: Awaited<ReturnType<typeof scratch>>;
    beforeEach(async () => {
      place = await scratch();
    });
    afterEach(() => place.remove());

    /** Those of the paths that `git check-ignore` leaves out. */
    function gitLeavesOut(folder: string, paths: readonly string[]): ReadonlySet<string> {
      const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
      const args = ['-c', 'core.ignoreCase=false', 'check-ignore', '--no-index', '-z', '--stdin'];
      const input = paths.join('\0');
      const { stdout, status } = spawnSync('git', args, { cwd: folder, env, input });
      expect(status).toBeLessThan(2);
      return new Set(stdout.toString('utf8').split('\0').filter(Boolean));
    }

    test('leaves out the same', () => {
      let round = 0;
      const property = fc.property(
        fc.array(pattern, { minLength: 1, maxLength: 5 }),
        fc.array(path, { minLength: 1, maxLength: 12 }),
        (patterns, wanted) => {
          round += 1;
          const folder = join(place.folder, `${round}`);
          mkdirSync(folder);
          if (round === 1) spawnSync('git', ['init', '-q', place.folder]);
          // git learns from the disk what is a folder.
          const there = new Map<string, boolean>();
          for (const { names, isFolder } of wanted) {
            try {
              const below = join(folder, ...names.slice(0, -1));
              mkdirSync(below, { recursive: true });
              const last = join(below, names.at(-1) ?? '');
              if (isFolder) mkdirSync(last, { recursive: true });
              else writeFileSync(last, '', { flag: 'wx' });
              there.set(names.join('/'), isFolder);
            } catch {
              // A file is where a folder is wanted, or the other way round: one of them will do.
            }
          }
          writeFileSync(join(folder, '.gitignore'), `${patterns.join('\n')}\n`);
          const theirs = gitLeavesOut(folder, [...there.keys()]);
          const ours = [...there].filter(([each, isFolder]) =>
            isOut(patterns, isFolder ? `${each}/` : each),
          );
          expect([...theirs].sort()).toEqual(ours.map(([each]) => each).sort());
        },
      );
      fc.assert(property, { numRuns: runs(150) });
    });
  },
);
