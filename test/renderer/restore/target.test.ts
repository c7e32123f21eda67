import { describe, expect, test } from 'vitest';
import {
  restoreOf,
  suggestedName,
  type Target,
  targetProblems,
} from '../../../renderer/restore/target.ts';

const target: Target = {
  way: 'folder',
  folder: ' /home/kim/Back ',
  file: 'Photos 2026-11-23',
  ending: '.zip',
  conflict: 'newer',
};

describe('where a restore goes', () => {
  test('into a folder of its own nothing is said of files that are there', () => {
    expect(restoreOf(target, false)).toEqual({ to: '/home/kim/Back' });
    expect(restoreOf(target, true)).toEqual({ to: '/home/kim/Back', conflict: 'newer' });
  });

  test('where it was there is no folder to name', () => {
    expect(restoreOf({ ...target, way: 'place' }, true)).toEqual({ conflict: 'newer' });
    expect(targetProblems({ ...target, way: 'place', folder: '' })).toEqual([]);
  });

  test('an archive is a file by its ending', () => {
    expect(restoreOf({ ...target, way: 'archive' }, false)).toEqual({
      to: '/home/kim/Back/Photos 2026-11-23.zip',
      archive: true,
    });
    const windows = { ...target, way: 'archive', folder: 'D:\\Back', ending: '.tar.gz' } as const;
    expect(restoreOf(windows, false).to).toBe('D:\\Back\\Photos 2026-11-23.tar.gz');
  });

  test('what is missing is said', () => {
    expect(targetProblems({ ...target, folder: ' ' })).toEqual(['no-folder']);
    expect(targetProblems({ ...target, way: 'archive', folder: '', file: '../x' })).toEqual([
      'no-folder',
      'bad-file',
    ]);
  });

  test('an archive is called by what it is of and of when', () => {
    const day = new Date(2026, 10, 3);
    expect(suggestedName('Photos', day)).toBe('Photos 2026-11-03');
    expect(suggestedName('/media/usb/backup/', day)).toBe('backup 2026-11-03');
    expect(suggestedName('Laptop/Photos', day)).toBe('Photos 2026-11-03');
    expect(suggestedName(':', day)).toBe('2026-11-03');
  });
});
