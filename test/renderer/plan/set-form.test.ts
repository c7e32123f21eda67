import { describe, expect, test } from 'vitest';
import {
  createOf,
  editOf,
  fieldOf,
  formOf,
  nameFor,
  newSetForm,
  problemsOf,
  withFriends,
} from '../../../renderer/plan/set-form.ts';
import { contract } from '../../../shared/contract/contract.ts';
import { fault } from '../../../shared/fault.ts';
import { PLAN_AT_FIRST } from '../../../shared/model/plan-at-first.ts';
import { set } from '../worlds/world-parts.ts';

const form = {
  ...newSetForm(['ana']),
  name: ' Photos ',
  folders: ['/home/kim/Photos', ' ', '/media/kim/Old '],
};

describe('the form of a set', () => {
  test('says what is missing, each at its field', () => {
    expect(problemsOf(form, 'decimal')).toEqual([]);
    expect(problemsOf(newSetForm([]), 'decimal')).toEqual(['no-name', 'no-folder', 'no-friend']);
  });

  test.each(['a/b', 'a\\b', 'a\nb', 'x'.repeat(81)])(
    'a name that no core would take is not sent: %j',
    (name) => {
      expect(problemsOf({ ...form, name }, 'decimal')).toEqual(['bad-name']);
      const call = { ...createOf(form, 'decimal'), name };
      expect(contract['sets.create'].args.safeParse(call).success).toBe(false);
    },
  );

  test('becomes a call without blanks, with the plan as it is at first', () => {
    const call = createOf(form, 'decimal');
    expect(call).toEqual({
      name: 'Photos',
      folders: ['/home/kim/Photos', '/media/kim/Old'],
      to: ['ana'],
      plan: PLAN_AT_FIRST,
    });
    expect(contract['sets.create'].args.safeParse(call).success).toBe(true);
  });

  test('what was not changed is not sent, so that two windows do not undo each other', () => {
    const before = formOf(set('Photos'), ['ana']);
    expect(editOf(before, before, 'decimal')).toEqual({ name: 'Photos' });
    const call = editOf({ ...before, protectDays: '30' }, before, 'decimal');
    expect(call).toEqual({ name: 'Photos', plan: { protectDays: 30 } });
    expect(contract['sets.edit'].args.safeParse(call).success).toBe(true);
    expect(editOf({ ...before, folders: ['/x'], to: ['ben'] }, before, 'decimal')).toEqual({
      name: 'Photos',
      folders: ['/x'],
      to: ['ben'],
    });
  });

  test('as many copies are wanted as friends are chosen, unless somebody wanted fewer', () => {
    const two = withFriends(form, ['ana', 'ben']);
    expect(two.copies).toBe(2);
    expect(withFriends({ ...two, copies: 1 }, ['ana', 'ben', 'cleo']).copies).toBe(1);
    expect(withFriends({ ...two, copies: 2 }, ['ana']).copies).toBe(1);
    expect(withFriends(two, []).copies).toBe(1);
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
    expect(fieldOf(fault('bad-plan', { problem: 'quiet-then' }), form)).toBe('schedule');
    expect(fieldOf(fault('bad-plan', { problem: 'bad-pattern' }), form)).toBe('rules');
    expect(fieldOf(fault('bad-plan', { problem: 'other' }), form)).toBeUndefined();
    expect(fieldOf(fault('not-running'), form)).toBeUndefined();
  });
});
