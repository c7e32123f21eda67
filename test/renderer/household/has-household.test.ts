import { describe, expect, test } from 'vitest';
import { hasHousehold } from '../../../renderer/household/has-household.ts';
import { account, membership, named } from '../worlds/household-worlds.ts';
import { snapshot } from '../worlds/world-parts.ts';

const nothing = { kept: [], memberships: [], keepers: [], untold: 0 };
const { settings } = snapshot();

describe('the page Household', () => {
  test.each([
    ['nothing of all that', nothing, false],
    ['an account that is kept', { ...nothing, kept: [account('Mum')] }, true],
    ['an account that is belonged to', { ...nothing, memberships: [membership('Family')] }, true],
    [
      'a friend who keeps accounts that don’t count here',
      { ...nothing, keepers: [{ ...named('Mum'), honoured: false }] },
      false,
    ],
    [
      'a friend whose accounts count here',
      { ...nothing, keepers: [{ ...named('Mum'), honoured: true }] },
      true,
    ],
  ])('with %s, is shown or not: %#', (_, household, isShown) => {
    expect(hasHousehold({ settings, household })).toBe(isShown);
  });

  test('is shown whenever somebody wants it', () => {
    expect(hasHousehold({ settings: { ...settings, household: true }, household: nothing })).toBe(
      true,
    );
  });
});
