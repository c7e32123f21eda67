import { describe, expect, test } from 'vitest';
import {
  type AccountForm,
  callOf,
  formOf,
  problemsOf,
} from '../../../renderer/household/account-form.ts';
import { account, named } from '../worlds/household-worlds.ts';
import { gb, ownerId } from '../worlds/world-parts.ts';

const units = 'decimal';
const self = ownerId('Kim');
const none = { account: undefined, names: ['Mum'], units } as const;
const filled: AccountForm = {
  name: 'The kids',
  plan: '100 GB',
  until: '',
  members: [ownerId('Ben')],
  counts: 'all',
  hosts: [],
};

describe('the form for an account', () => {
  test('a whole one has no problems, and says all of itself', () => {
    expect(problemsOf(filled, none)).toEqual([]);
    expect(callOf(filled, none, formOf(undefined, self))).toEqual({
      account: 'The kids',
      planBytes: gb(100),
      members: [ownerId('Ben')],
      hosts: [],
    });
  });

  test.each([
    ['no name', { name: '  ' }, 'no-name'],
    ['a name of two lines', { name: 'a\nb' }, 'bad-name'],
    ['a name of 81 characters', { name: 'x'.repeat(81) }, 'bad-name'],
    ['no plan', { plan: '' }, 'no-plan'],
    ['a plan that is no size', { plan: 'a lot' }, 'no-plan'],
    ['an end that is no day', { until: '31.12.' }, 'bad-day'],
    ['no host where it counts as chosen', { counts: 'chosen' }, 'no-host'],
  ] as const)('%s is told', (_, part, problem) => {
    expect(problemsOf({ ...filled, ...part }, none)).toEqual([problem]);
  });

  test('a new one can’t change another by taking its name', () => {
    expect(problemsOf({ ...filled, name: ' Mum ' }, none)).toEqual(['name-taken']);
  });

  test('its last day is sent if it was typed, taken away if it was cleared, and comes back into the form', () => {
    const untilMs = new Date(2028, 0, 1).getTime();
    const before = formOf(undefined, self);
    expect(callOf({ ...filled, until: '2027-12-31' }, none, before)).toMatchObject({ untilMs });
    const ends = account('The kids', { planBytes: gb(100), untilMs });
    const shown = formOf(ends, self);
    expect(shown.until).toBe('2027-12-31');
    const known = { account: ends, units } as const;
    expect(callOf({ ...shown, until: '' }, known, shown)).toEqual({
      account: 'The kids',
      untilMs: null,
    });
    expect(callOf(shown, known, shown)).toEqual({ account: 'The kids' });
  });

  test('what stands in an account comes back into the form, this computer by its own word', () => {
    const kids = account('The kids', {
      planBytes: gb(100),
      members: [named('Ben')],
      hosts: [named('Kim'), named('Ana')],
    });
    expect(formOf(kids, self)).toEqual({
      name: 'The kids',
      plan: '100 GB',
      until: '',
      members: [ownerId('Ben')],
      counts: 'chosen',
      hosts: ['self', ownerId('Ana')],
    });
  });

  test('what was not touched is not sent', () => {
    const kids = account('The kids', { members: [named('Ben')], hosts: [named('Ana')] });
    const before = formOf(kids, self);
    const known = { account: kids, names: ['The kids'], units } as const;
    expect(problemsOf(before, known)).toEqual([]);
    expect(callOf(before, known, before)).toEqual({ account: 'The kids' });
    expect(callOf({ ...before, plan: '300 GB' }, known, before)).toEqual({
      account: 'The kids',
      planBytes: gb(300),
    });
    expect(callOf({ ...before, counts: 'all' }, known, before)).toEqual({
      account: 'The kids',
      hosts: [],
    });
  });

  test('the same people in another order are no change', () => {
    const kids = account('The kids', { members: [named('Ben'), named('Cleo')] });
    const before = formOf(kids, self);
    const known = { account: kids, names: [], units } as const;
    const members = before.members.toReversed();
    expect(callOf({ ...before, members }, known, before)).toEqual({ account: 'The kids' });
  });
});
