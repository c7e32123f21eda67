import { describe, expect, test } from 'vitest';
import { whoIsNear } from '../../../renderer/pairing/who-is-near.ts';
import { homeNetwork } from '../worlds/world-parts.ts';

const on = (...homes: readonly (boolean | null)[]) => ({
  networks: homes.map((home) => homeNetwork({ home })),
  announces: false,
});

describe('why nobody is near', () => {
  test.each([
    ['off', { ...on(), isOff: true }, false],
    ['no-network', on(), false],
    ['not-asked', on(null, false), true],
    ['not-home', on(false), false],
    ['looking', on(false, true), true],
    ['nobody', on(null, true), false],
  ] as const)('%s', (why, networks, isLooking) => {
    expect(whoIsNear(networks, isLooking)).toBe(why);
  });

  test('a network inside of this computer is nobody’s home, and nobody is asked about it', () => {
    const networks = [homeNetwork({ home: null, kind: 'virtual' })];
    expect(whoIsNear({ networks, announces: false }, false)).toBe('not-home');
  });
});
