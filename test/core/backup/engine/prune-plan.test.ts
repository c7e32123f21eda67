import { expect, it } from 'vitest';
import { planPrune } from '../../../../electron/core/backup/engine/prune-plan.ts';
import { fc } from '../../../fakes/properties.ts';

const PACK = 1000;
const packs = fc
  .array(
    fc.record({
      type: fc.constantFrom('data' as const, 'tree' as const),
      sizeBytes: fc.integer({ min: 50, max: PACK }),
      used: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { maxLength: 120 },
  )
  .map((all) =>
    all.map(({ type, sizeBytes, used }, at) => ({
      name: `pack ${at}`,
      type,
      sizeBytes,
      usedBytes: Math.floor(sizeBytes * used),
    })),
  );

it('removes exactly what nobody needs, and rewrites no more than it may', () => {
  fc.assert(
    fc.property(packs, fc.double({ min: 0, max: 1, noNaN: true }), (all, repackShare) => {
      const { remove, repack } = planPrune(all, { packBytes: PACK, repackShare });
      expect(remove).toEqual(
        all.filter(({ usedBytes }) => usedBytes === 0).map(({ name }) => name),
      );
      expect(new Set(repack).size).toBe(repack.length);
      const chosen = all.filter(({ name }) => repack.includes(name));
      expect(chosen.every(({ usedBytes }) => usedBytes > 0)).toBe(true);
      const staysBytes = all.reduce((sum, { usedBytes }) => sum + usedBytes, 0);
      const rewritten = chosen.reduce((sum, { usedBytes }) => sum + usedBytes, 0);
      expect(rewritten).toBeLessThanOrEqual(staysBytes * repackShare + 1e-6);
    }),
  );
});

it('rewrites nothing where little is wasted, and what wastes most first', () => {
  const pack = (name: string, usedBytes: number) => ({
    name,
    type: 'data' as const,
    sizeBytes: PACK,
    usedBytes,
  });
  const full = Array.from({ length: 10 }, (_, at) => pack(`full ${at}`, PACK));
  const options = { packBytes: PACK, repackShare: 1 };
  expect(planPrune([...full, pack('a', 700)], options).repack).toEqual([]);
  expect(planPrune([...full, pack('a', 500), pack('b', 100), pack('c', 900)], options)).toEqual({
    remove: [],
    repack: ['b', 'a'],
  });
});

it('puts small packs together once there are many', () => {
  const small = (count: number) =>
    Array.from({ length: count }, (_, at) => ({
      name: `small ${at}`,
      type: 'tree' as const,
      sizeBytes: 100,
      usedBytes: 100,
    }));
  const options = { packBytes: PACK, repackShare: 1 };
  expect(planPrune(small(10), options).repack).toEqual([]);
  expect(planPrune(small(30), options).repack).toHaveLength(30);
});
