import { describe, expect, test } from 'vitest';
import { isFolderName, joinFolder, splitFolder } from '../../../renderer/ui/folder-path.ts';

describe('a path of either kind', () => {
  test.each([
    ['/', 'srv', '/srv'],
    ['/srv', 'spare', '/srv/spare'],
    ['/srv/a\\b', 'c', '/srv/a\\b/c'],
    ['C:\\', 'Users', 'C:\\Users'],
    ['C:\\Users', 'Ana', 'C:\\Users\\Ana'],
    ['\\\\nas\\share', 'spare', '\\\\nas\\share\\spare'],
  ])('"%s" and "%s" make "%s"', (folder, name, whole) => {
    expect(joinFolder(folder, name)).toBe(whole);
    expect(splitFolder(whole)).toEqual({ parent: folder, name });
  });

  test('a slash at the end changes nothing', () => {
    expect(splitFolder('/srv/spare/')).toEqual({ parent: '/srv', name: 'spare' });
  });

  test.each(['', '/', 'C:\\', 'spare'])('"%s" has nothing above it to look at', (path) => {
    expect(splitFolder(path)).toBeUndefined();
  });
});

test.each([
  ['Allotment', true],
  ['für Ana', true],
  ['.hidden', true],
  ['', false],
  ['.', false],
  ['..', false],
  ['a/b', false],
  ['a\\b', false],
  ['C:', false],
  ['a\u0000b', false],
  ['a'.repeat(101), false],
])('"%s" as the name of a new folder: %s', (name, isGood) => {
  expect(isFolderName(name)).toBe(isGood);
});
