import { expect, test } from 'vitest';
import { pickPositions } from '../../../renderer/recovery/phrase-positions.ts';
import { fc } from '../../fakes/properties.ts';

test('three different words out of 24 are asked for, in their order, whatever chance says', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { minLength: 3, maxLength: 3 }), (chances) => {
      const left = [...chances];
      const picked = pickPositions(3, 24, (below) => (left.pop() ?? 0) % below);
      expect(new Set(picked).size).toBe(3);
      expect(picked).toEqual([...picked].sort((one, other) => one - other));
      expect(picked.every((position) => position >= 1 && position <= 24)).toBe(true);
    }),
  );
});

test('any word can be asked for', () => {
  expect(pickPositions(1, 24, () => 0)).toEqual([1]);
  expect(pickPositions(1, 24, (below) => below - 1)).toEqual([24]);
});
