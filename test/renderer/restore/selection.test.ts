import { describe, expect, test } from 'vitest';
import {
  coverOf,
  crumbsOf,
  folderOf,
  isBelow,
  nameOf,
  NOTHING,
  parentOf,
  type Selection,
  withChosen,
  without,
} from '../../../renderer/restore/selection.ts';
import { fc } from '../../fakes/properties.ts';

const entry = (path: string, kind: 'folder' | 'file' = 'folder') => ({
  path,
  name: nameOf(path),
  kind,
  bytes: kind === 'file' ? '1' : null,
  mtimeMs: null,
});

describe('what is chosen of a snapshot', () => {
  test('a folder stands for everything in it, so that nothing in it is named besides', () => {
    const file = entry('/p/2026/a.jpg', 'file');
    const one = withChosen(NOTHING, [file], new Set([file.path]));
    const folder = entry('/p/2026');
    const both = withChosen(one, [folder], new Set([folder.path]));
    expect([...both.keys()]).toEqual(['/p/2026']);
    expect(coverOf(both, file.path)?.path).toBe('/p/2026');
    expect(coverOf(both, '/p/20261')).toBeUndefined();
    expect(without(both, '/p/2026').size).toBe(0);
  });

  test('what was chosen in another folder stays', () => {
    const [a, b] = [entry('/p/a.jpg', 'file'), entry('/q/b.jpg', 'file')];
    const first = withChosen(NOTHING, [a], new Set([a.path]));
    const second = withChosen(first, [b], new Set([b.path]));
    expect([...second.keys()]).toEqual([a.path, b.path]);
    expect([...withChosen(second, [b], new Set()).keys()]).toEqual([a.path]);
  });

  test('however one goes about it, no chosen path lies in another', () => {
    const path = fc
      .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 })
      .map((names) => `/${names.join('/')}`);
    fc.assert(
      fc.property(fc.array(path, { maxLength: 12 }), (paths) => {
        const chosen = paths.reduce<Selection>(
          (before, each) =>
            // What lies in a chosen folder can't be chosen in the list.
            coverOf(before, each) === undefined
              ? withChosen(before, [entry(each)], new Set([each]))
              : before,
          NOTHING,
        );
        const all = [...chosen.keys()];
        expect(all.some((one) => all.some((other) => isBelow(one, other)))).toBe(false);
      }),
    );
  });
});

describe('where one is', () => {
  test('the steps begin at the folder that was chosen for the set', () => {
    const crumbs = crumbsOf('/home/kim/Photos/2026/Holiday', ['/home/kim/Photos', '/home/kim']);
    expect(crumbs).toEqual([
      { name: 'Photos', path: '/home/kim/Photos' },
      { name: '2026', path: '/home/kim/Photos/2026' },
      { name: 'Holiday', path: '/home/kim/Photos/2026/Holiday' },
    ]);
    expect(parentOf(crumbs)).toBe('/home/kim/Photos/2026');
    expect(parentOf(crumbs.slice(0, 1))).toBe('');
    expect(crumbsOf('', ['/home/kim'])).toEqual([]);
  });

  test('of Windows too, and from a root', () => {
    expect(crumbsOf('C:/Users/Kim/Photos', ['C:\\Users\\Kim'])).toEqual([
      { name: 'Kim', path: 'C:/Users/Kim' },
      { name: 'Photos', path: 'C:/Users/Kim/Photos' },
    ]);
    expect(crumbsOf('/etc/fstab', ['/'])).toEqual([
      { name: '/', path: '/' },
      { name: 'etc', path: '/etc' },
      { name: 'fstab', path: '/etc/fstab' },
    ]);
  });

  test('below none of them all steps count', () => {
    expect(crumbsOf('/srv/data', ['/home/kim']).map(({ path }) => path)).toEqual([
      '/srv',
      '/srv/data',
    ]);
    expect(folderOf('/srv/data')).toBe('/srv');
    expect(folderOf('/srv')).toBe('');
  });
});
