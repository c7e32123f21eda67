import { describe, expect, test } from 'vitest';
import { choiceOf, type PlainPolicy, policyOf } from '../../renderer/friends/policy-choice.ts';

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
    expect(policyOf({ kind: 'default', weight: '1', size: '' }, fair, 'decimal')).toBeNull();
  });

  test('keeps the guards and the further grounds that the form does not show', () => {
    const present: PlainPolicy = {
      guards: { paused: true, maxPlots: 3 },
      grounds: [{ kind: 'always' }, { kind: 'quota', bytes: '1' }],
    };
    expect(policyOf({ kind: 'fair', weight: '0.5', size: '' }, present, 'decimal')).toEqual({
      guards: { paused: true, maxPlots: 3 },
      grounds: [
        { kind: 'fair-share', weight: 0.5 },
        { kind: 'quota', bytes: '1' },
      ],
    });
  });

  test('lets no further ground say yes behind "nothing" and "a fixed size"', () => {
    const present: PlainPolicy = {
      guards: {},
      grounds: [{ kind: 'quota', bytes: '1' }, { kind: 'always' }],
    };
    for (const kind of ['nothing', 'fixed'] as const)
      expect(
        policyOf({ kind, weight: '1', size: '5 GB' }, present, 'decimal')?.grounds,
      ).toHaveLength(1);
  });

  test('reads a size with a comma, and refuses what is none', () => {
    const fixed = (size: string) => policyOf({ kind: 'fixed', weight: '1', size }, fair, 'decimal');
    expect(fixed('1,5 TB')?.grounds[0]).toEqual({ kind: 'quota', bytes: '1500000000000' });
    for (const size of ['', 'much', '-5 GB', '1e9', '0']) expect(fixed(size)).toBeUndefined();
  });
});
