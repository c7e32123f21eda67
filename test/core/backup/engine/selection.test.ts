import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bytePath } from '../../../../electron/core/backup/engine/byte-paths.ts';
import {
  CACHE_TAG,
  compileCachePlaces,
} from '../../../../electron/core/backup/engine/cache-places.ts';
import {
  cloudRoots,
  isInCloud,
  isPlaceholder,
} from '../../../../electron/core/backup/engine/cloud-files.ts';
import { relativePatterns } from '../../../../electron/core/backup/engine/exclude.ts';
import { readFaultOf, systemCode } from '../../../../electron/core/backup/engine/file-faults.ts';
import { scan } from '../../../../electron/core/backup/engine/scan.ts';
import {
  createSelection,
  outermost,
  type SelectionWish,
} from '../../../../electron/core/backup/engine/selection.ts';
import { scratch } from '../../../fakes/homes.ts';

let place: Awaited<ReturnType<typeof scratch>>;
beforeEach(async () => {
  place = await scratch();
});
afterEach(() => place.remove());

function write(path: string, content = ''): void {
  mkdirSync(join(place.folder, path, '..'), { recursive: true });
  writeFileSync(join(place.folder, path), content);
}

/** What a walk takes of the scratch folder, relative to it. */
function taken(
  rules: Partial<SelectionWish['rules']>,
  leaveOut: readonly string[] = [],
): readonly string[] {
  const wish = { rules: { exclude: [], caches: false, maxFileBytes: null, ...rules }, leaveOut };
  const selection = createSelection(wish, { platform: 'linux', home: place.folder, env: {} });
  const paths: string[] = [];
  for (const met of scan(selection, [bytePath(place.folder)]))
    if (met.kind === 'entry' && met.entry.verdict === 'take' && !met.entry.stat.isDirectory())
      paths.push(met.entry.path.slice(place.folder.length + 1));
  return paths;
}

describe('what belongs into a backup', () => {
  test('patterns are relative to the chosen folder, and bring nothing back below a folder that is out', () => {
    for (const path of ['a/keep', 'a/b.tmp', 'logs/keep', 'sub/top', 'top']) write(path);
    expect(taken({ exclude: ['*.tmp', '/top', 'logs/', '!logs/keep'] })).toEqual([
      'a/keep',
      'sub/top',
    ]);
  });

  test('a whole path of an older set goes on meaning that place', () => {
    write('Downloads/x');
    write('sub/Downloads/x');
    expect(taken({ exclude: [join(place.folder, 'Downloads')] })).toEqual(['sub/Downloads/x']);
    expect(relativePatterns(['!/home/ana/a/*.x/', '/b', 'c'], '/home/ana', 'linux')).toEqual([
      '!/a/*.x/',
      '/b',
      'c',
    ]);
    expect(relativePatterns(['C:\\Users\\Ana\\Old'], 'C:\\Users\\Ana', 'win32')).toEqual(['/Old']);
    expect(relativePatterns(['\\\\nas\\photos\\Old'], '\\\\nas\\photos', 'win32')).toEqual([
      '/Old',
    ]);
  });

  test('caches are left out by their tag and by their place, unless a pattern wants them', () => {
    write('speed/x');
    write('speed/CACHEDIR.TAG', `${CACHE_TAG.toString()}\n`);
    write('fake/x');
    write('fake/CACHEDIR.TAG', 'Signature: something else');
    write('.cache/x');
    write('.local/share/Trash/files/x');
    write('deep/.cache/x');
    const rest = ['deep/.cache/x', 'fake/CACHEDIR.TAG', 'fake/x', 'speed/CACHEDIR.TAG'];
    expect(taken({ caches: true })).toEqual(rest);
    expect(taken({ caches: true, exclude: ['!/.cache'] })).toEqual(['.cache/x', ...rest]);
    expect(taken({})).toHaveLength(7);
  });

  test('a tag that is a link, or a folder, marks nothing', () => {
    write('tag', CACHE_TAG.toString());
    write('a/x');
    symlinkSync(join(place.folder, 'tag'), join(place.folder, 'a', 'CACHEDIR.TAG'));
    write('b/CACHEDIR.TAG/x');
    expect(taken({ caches: true })).toEqual(['a/CACHEDIR.TAG', 'a/x', 'b/CACHEDIR.TAG/x', 'tag']);
  });

  test('files that are larger than wanted are left out', () => {
    write('small', 'x');
    write('large');
    truncateSync(join(place.folder, 'large'), 1001);
    expect(taken({ maxFileBytes: '1000' })).toEqual(['small']);
    expect(taken({ maxFileBytes: '1000', exclude: ['!large'] })).toEqual(['large', 'small']);
  });

  test('our own is left out, also when its name is another one', () => {
    write('own/x');
    write('rest');
    expect(taken({}, [join(place.folder, 'own')])).toEqual(['rest']);
    symlinkSync(join(place.folder, 'own'), join(place.folder, 'way'));
    // By the number of the folder: the link names the same one.
    expect(taken({}, [join(place.folder, 'way')])).toEqual(['rest']);
  });

  test('no link is followed, wherever it leads', () => {
    write('a/x');
    symlinkSync('..', join(place.folder, 'a', 'up'));
    symlinkSync(place.folder, join(place.folder, 'a', 'home'));
    expect(taken({})).toEqual(['a/home', 'a/up', 'a/x']);
  });

  test('a folder that is one of those above it is met once', () => {
    write('a/b/x');
    const wish = { rules: { exclude: [], caches: false, maxFileBytes: null }, leaveOut: [] };
    const selection = createSelection(wish);
    const top = selection.choose(bytePath(place.folder));
    const first = selection.look(top, 'a');
    if (first === undefined) throw new Error('it is there');
    const a = selection.enter(top, first);
    // As if `b` were a mount of the chosen folder.
    const mount = { ...a, above: { ...top, inode: selection.look(a, 'b')?.stat.ino ?? 0n } };
    expect(selection.look(mount, 'b')?.verdict).toBe('loop');
    expect(selection.look(a, 'b')?.verdict).toBe('take');
  });

  test('of chosen folders in each other the outer counts', () => {
    expect(outermost(['/a/b', '/a', '/ab', '/c/d'])).toEqual(['/a', '/ab', '/c/d']);
    expect(outermost(['/', '/a'])).toEqual(['/']);
  });
});

describe('places of caches', () => {
  test.each([
    ['linux', '/home/ana', '/home/ana/.cache', true],
    ['linux', '/home/ana', '/home/ben/.cache', true],
    ['linux', '/home/ana', '/srv/project/.cache', false],
    ['linux', '/home/ana', '/media/stick/.Trash-1000', true],
    ['linux', '/home/ana', '/home/ana/.var/app/org.gimp.GIMP/cache', true],
    ['linux', '/home/ana', '/home/ana/.npm/_cacache', true],
    ['linux', '/home/ana', '/home/ana/node_modules', false],
    ['linux', '/home/ana', '/home/ana/AppData/Local/Temp', false],
    ['darwin', '/Users/ana', '/Users/ana/library/caches', true],
    ['darwin', '/Users/ana', '/Volumes/Photos/.Spotlight-V100', true],
    ['win32', 'C:\\Users\\Ana', 'C:\\Users\\Ana/AppData/Local/Temp', true],
    ['win32', 'C:\\Users\\Ana', 'D:\\/$Recycle.Bin', true],
    ['win32', 'C:\\Users\\Ana', 'C:\\/pagefile.sys', true],
    ['win32', 'C:\\Users\\Ana', 'C:\\Users\\Ana/saved/pagefile.sys', false],
    [
      'win32',
      'C:\\Users\\Ana',
      'C:\\Users\\Ana/AppData/Local/Google/Chrome/User Data/Default/Cache',
      true,
    ],
  ] as const)('%s, home %s: %s %s', (platform, home, path, expected) => {
    const isCachePlace = compileCachePlaces({ platform, home });
    expect(isCachePlace(path.split('/').at(-1) ?? '', () => path)).toBe(expected);
  });
});

describe('files that lie in a cloud only', () => {
  const file = { inCloud: true, name: 'film', sizeBytes: 1_000_000, blocks: 0 };
  test.each([
    ['darwin', file, true],
    ['darwin', { ...file, inCloud: false }, false],
    ['darwin', { ...file, blocks: 8 }, false],
    ['darwin', { ...file, sizeBytes: 0 }, false],
    ['darwin', { ...file, inCloud: false, name: '.film.icloud', sizeBytes: 170, blocks: 8 }, true],
    ['darwin', { ...file, inCloud: false, name: '.film.icloud', blocks: 8 }, false],
    ['win32', file, true],
    ['win32', { ...file, inCloud: false }, false],
    // It may lie in the file table.
    ['win32', { ...file, sizeBytes: 600 }, false],
    ['linux', file, false],
    ['linux', { ...file, name: '.film.icloud' }, false],
  ] as const)('%s %j: %s', (platform, seen, expected) => {
    expect(isPlaceholder({ platform, ...seen })).toBe(expected);
  });

  test('are looked for where providers keep their files', () => {
    const mac = { platform: 'darwin', home: '/Users/ana', env: {} } as const;
    const roots = cloudRoots({ ...mac, hasICloudDesktop: false });
    const there = (path: string) => isInCloud(path, roots, 'darwin');
    expect(there('/Users/ana/Library/CloudStorage/OneDrive-Personal/x')).toBe(true);
    expect(there('/Users/ana/Library')).toBe(false);
    expect(there('/Users/ana/Documents')).toBe(false);
    const synced = cloudRoots({ ...mac, hasICloudDesktop: true });
    expect(isInCloud('/Users/ana/Documents/a', synced, 'darwin')).toBe(true);
    const windows = cloudRoots({
      platform: 'win32',
      home: 'C:\\Users\\Ana',
      env: { OneDrive: 'D:\\Cloud' },
      hasICloudDesktop: false,
    });
    expect(isInCloud('d:/cloud/x', windows, 'win32')).toBe(true);
    expect(isInCloud('C:\\Users\\Ana\\OneDrive - School', windows, 'win32')).toBe(true);
    expect(isInCloud('C:\\Users\\Ana\\Boxes', windows, 'win32')).toBe(false);
    expect(
      cloudRoots({ platform: 'linux', home: '/home/ana', env: {}, hasICloudDesktop: true }),
    ).toEqual([]);
  });
});

describe('what the system says of a file', () => {
  test.each([
    ['ENOENT', 'file-vanished'],
    ['ELOOP', 'file-vanished'],
    ['EBUSY', 'file-locked'],
    ['EPERM', 'file-forbidden'],
    ['EACCES', 'file-forbidden'],
    ['EIO', 'file-unreadable'],
    ['ENAMETOOLONG', 'file-unreadable'],
    ['UNKNOWN', 'file-unreadable'],
  ])('%s is %s', (code, fault) => {
    expect(readFaultOf(code)).toBe(fault);
  });

  test('is told apart from a bug of ours', () => {
    expect(systemCode(Object.assign(new Error('x'), { code: 'EIO' }))).toBe('EIO');
    expect(() => systemCode(new TypeError('a bug'))).toThrow('a bug');
    const wrong = Object.assign(new Error('wrong argument'), { code: 'ERR_INVALID_ARG_TYPE' });
    expect(() => systemCode(wrong)).toThrow('wrong argument');
  });
});
