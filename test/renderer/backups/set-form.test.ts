import { describe, expect, test } from 'vitest';
import { callOf, fieldOf, nameFor, problemsOf } from '../../../renderer/backups/set-form.ts';
import { contract } from '../../../shared/contract/contract.ts';
import { fault } from '../../../shared/fault.ts';

const form = {
  name: ' Photos ',
  folders: ['/home/kim/Photos', ' ', '/media/kim/Old '],
  to: ['ana'],
  exclude: '*.tmp\n\n node_modules \n',
};

describe('the form of a new set', () => {
  test('says what is missing, each at its field', () => {
    expect(problemsOf(form)).toEqual([]);
    expect(problemsOf({ name: ' ', folders: [' '], to: [], exclude: '' })).toEqual([
      'no-name',
      'no-folder',
      'no-friend',
    ]);
  });

  test.each(['a/b', 'a\\b', 'a\nb', 'x'.repeat(81)])(
    'a name that no core would take is not sent: %j',
    (name) => {
      expect(problemsOf({ ...form, name })).toEqual(['bad-name']);
      expect(contract['sets.create'].args.safeParse({ ...callOf(form), name }).success).toBe(false);
    },
  );

  test('becomes a call without blanks and empty lines', () => {
    const call = callOf(form);
    expect(call).toEqual({
      name: 'Photos',
      folders: ['/home/kim/Photos', '/media/kim/Old'],
      to: ['ana'],
      exclude: ['*.tmp', 'node_modules'],
    });
    expect(contract['sets.create'].args.safeParse(call).success).toBe(true);
    expect(callOf({ ...form, exclude: ' \n' })).not.toHaveProperty('exclude');
  });

  test('a set is called as its first folder is', () => {
    expect(nameFor('/home/kim/Photos')).toBe('Photos');
    expect(nameFor('/home/kim/Photos/ ')).toBe('Photos');
    expect(nameFor('C:\\Users\\Kim\\Photos')).toBe('Photos');
    expect(nameFor('/')).toBe('');
    expect(nameFor('')).toBe('');
  });

  test('a refusal is said at the field that it is about', () => {
    expect(fieldOf(fault('set-exists', { set: 'Photos' }), form)).toBe('name');
    expect(fieldOf(fault('folder-missing', { folder: '/media/kim/Old' }), form)).toBe(2);
    expect(fieldOf(fault('folder-inside-store', { folder: '/elsewhere' }), form)).toBe(0);
    expect(fieldOf(fault('not-running'), form)).toBeUndefined();
  });
});
