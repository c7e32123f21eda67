import { describe, expect, it } from 'vitest';
import type { Policy } from '../../../shared/model/policy.ts';
import { decide } from '../../../shared/policy/decide.ts';
import { GROUND_KINDS, GROUND_RULES, rulesOf } from '../../../shared/policy/grounds.ts';
import type { GroundModule } from '../../../shared/policy/ground.ts';
import { GB } from '../../../shared/units.ts';
import { ask, codes, facts } from './asks.ts';
import { password } from './seventh-ground.ts';

/** What it takes to add a ground: its file, and its place among the others (here) in `grounds.ts`. */
const rules = rulesOf([...GROUND_RULES.values(), password as unknown as GroundModule]);
const grounds = [
  password.schema.parse({ kind: 'x-password', word: 'beans' }),
] as unknown as Policy['grounds'];
const policy: Policy = { guards: {}, grounds };
const saying = (word: string, size = 2n * GB) => ask(size, { why: [{ kind: 'x-password', word }] });

describe('a seventh ground', () => {
  it('takes part in the chain without anything else being changed', () => {
    expect(decide(saying('beans'), policy, facts, rules)).toMatchObject({
      type: 'grant',
      ground: 'x-password',
      class: 'guaranteed',
    });
    expect(codes(decide(saying('peas'), policy, facts, rules))).toEqual(['no-ground']);
    expect(decide(saying('beans', 9n * GB), policy, facts, rules).type).toBe('denial');
  });

  it('has no opinion on others’ requests, and stands beside the other grounds', () => {
    expect(codes(decide(ask(GB), policy, facts, rules))).toEqual(['no-ground']);
    const mixed = { ...policy, grounds: [...policy.grounds, { kind: 'always' as const }] };
    const decision = decide(ask(GB), mixed, facts, rules);
    expect(decision).toMatchObject({ type: 'grant', ground: 'always' });
    expect(decision.steps).toContainEqual({ by: 'x-password', verdict: 'abstain' });
  });

  it('is refused in a policy while it is not among them', () => {
    expect(GROUND_KINDS).not.toContain('x-password');
    expect(() => decide(saying('beans'), policy, facts)).toThrow('has its rule');
  });
});
