import { describe, expect, test } from 'vitest';
import { guardChoiceOf } from '../../../renderer/policy/guard-choice.ts';
import { MAIN } from '../../../renderer/policy/ground-choice.ts';
import {
  alone,
  choiceOf,
  type PlainPolicy,
  type PolicyChoice,
  policyOf,
} from '../../../renderer/policy/policy-choice.ts';

const plain = {
  kind: 'default',
  weight: '1',
  lends: true,
  size: '',
  order: [MAIN],
  guards: guardChoiceOf({}),
} as const satisfies PolicyChoice;
const fair: PlainPolicy = { guards: {}, grounds: [{ kind: 'fair-share', weight: 2 }] };

describe('a policy as a person chooses it', () => {
  test.each([
    ['fair', fair],
    ['nothing', { guards: {}, grounds: [{ kind: 'fair-share', weight: 0 }] }],
    ['fixed', { guards: {}, grounds: [{ kind: 'quota', bytes: '50000000000' }] }],
    ['always', { guards: {}, grounds: [{ kind: 'always' }] }],
  ] as const)('is "%s" there and back', (kind, policy) => {
    const choice = choiceOf({ policy, own: true });
    expect(choice.kind).toBe(kind);
    expect(policyOf(choice, policy, 'decimal')).toEqual(policy);
  });

  test('goes back to what counts for everybody', () => {
    expect(choiceOf({ policy: fair, own: false }).kind).toBe('default');
    expect(policyOf(plain, fair, 'decimal')).toBeNull();
  });

  test('keeps the guards and the further grounds that the form does not show', () => {
    const present: PlainPolicy = {
      guards: { paused: true, maxPlots: 3 },
      grounds: [{ kind: 'always' }, { kind: 'quota', bytes: '1' }],
    };
    expect(
      policyOf(
        { ...choiceOf({ policy: present, own: true }), kind: 'fair', weight: '0.5' },
        present,
        'decimal',
      ),
    ).toEqual({
      guards: { paused: true, maxPlots: 3 },
      grounds: [
        { kind: 'fair-share', weight: 0.5 },
        { kind: 'quota', bytes: '1' },
      ],
    });
  });

  test('lets no further share or quota say yes behind "nothing" and "a fixed size"', () => {
    const present: PlainPolicy = {
      guards: {},
      grounds: [{ kind: 'quota', bytes: '1' }, { kind: 'always' }],
    };
    const choice = { ...choiceOf({ policy: present, own: true }), size: '5 GB' };
    for (const kind of ['nothing', 'fixed'] as const)
      expect(policyOf({ ...choice, kind }, present, 'decimal')?.grounds).toHaveLength(1);
  });

  test('what is wanted in return goes on saying yes behind a limit, where it is shown', () => {
    const present: PlainPolicy = {
      guards: {},
      grounds: [{ kind: 'notes' }, { kind: 'fair-share', weight: 1 }, { kind: 'always' }],
    };
    const choice = choiceOf({ policy: present, own: true });
    const fixed = policyOf({ ...choice, kind: 'fixed', size: '5 GB' }, present, 'decimal');
    expect(fixed?.grounds).toEqual([{ kind: 'notes' }, { kind: 'quota', bytes: '5000000000' }]);
    // Nothing by itself: only for notes.
    const nothing = policyOf({ ...choice, kind: 'nothing' }, present, 'decimal');
    expect(nothing?.grounds).toEqual([{ kind: 'notes' }]);
    expect(choiceOf({ policy: nothing ?? present, own: true }).kind).toBe('nothing');
    // A form that shows nothing but how much says no to all of it.
    expect(policyOf(alone({ ...choice, kind: 'nothing' }), present, 'decimal')?.grounds).toEqual([
      { kind: 'fair-share', weight: 0 },
    ]);
    expect(policyOf(alone(choice), present, 'decimal')).toEqual(present);
  });

  test('reads a size with a comma, and refuses what is none', () => {
    const fixed = (size: string) => policyOf({ ...plain, kind: 'fixed', size }, fair, 'decimal');
    expect(fixed('1,5 TB')?.grounds[0]).toEqual({ kind: 'quota', bytes: '1500000000000' });
    for (const size of ['', 'much', '-5 GB', '1e9', '0']) expect(fixed(size)).toBeUndefined();
  });

  test('lends beyond a fair share unless it is strict, there and back', () => {
    const strict: PlainPolicy = {
      guards: {},
      grounds: [{ kind: 'fair-share', weight: 1, strict: true }],
    };
    const choice = choiceOf({ policy: strict, own: true });
    expect(choice.lends).toBe(false);
    expect(policyOf(choice, strict, 'decimal')).toEqual(strict);
    expect(policyOf({ ...choice, lends: true }, strict, 'decimal')).toEqual({
      guards: {},
      grounds: [{ kind: 'fair-share', weight: 1 }],
    });
    // What counts for everybody is where somebody's own rule begins.
    expect(choiceOf({ policy: strict, own: false }).lends).toBe(false);
  });

  test('is none while a guard can’t be read, unless it is as for everybody', () => {
    const wrong = { ...plain, guards: { ...plain.guards, maxSize: 'much' } };
    expect(policyOf({ ...wrong, kind: 'fair' }, fair, 'decimal')).toBeUndefined();
    expect(policyOf(wrong, fair, 'decimal')).toBeNull();
  });
});
