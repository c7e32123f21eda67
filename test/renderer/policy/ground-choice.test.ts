import { describe, expect, test } from 'vitest';
import {
  groundOrderOf,
  mainOf,
  moved,
  newGround,
  type PlainGround,
  readGrounds,
} from '../../../renderer/policy/ground-choice.ts';
import { type GroundKind, GROUND_KINDS, ground } from '../../../shared/policy/grounds.ts';
import { common } from '../../../shared/i18n/catalogues.ts';
import { ownerId } from '../worlds/world-parts.ts';
import { fc } from '../../fakes/properties.ts';

const one: Readonly<Record<GroundKind, PlainGround>> = {
  always: { kind: 'always' },
  quota: { kind: 'quota', bytes: '50000000000' },
  'fair-share': { kind: 'fair-share', weight: 1 },
  account: { kind: 'account', keepers: [ownerId('Mum')] },
  notes: { kind: 'notes', maxBytes: '20000000000' },
  reciprocal: { kind: 'reciprocal', ratio: 0.5 },
  voucher: { kind: 'voucher' },
};
const grounds = fc.array(fc.constantFrom(...Object.values(one)), { maxLength: 8 });

function thereAndBack(policy: readonly PlainGround[]) {
  return readGrounds(groundOrderOf(policy), mainOf(policy), 'decimal');
}

describe('the grounds as a person orders them', () => {
  test('are there and back what they were, in their order, of every kind', () => {
    fc.assert(
      fc.property(grounds, (policy) => {
        expect(thereAndBack(policy)).toEqual({ grounds: policy, problems: {} });
      }),
    );
  });

  test('whatever is moved, nothing is lost, and back it is as before', () => {
    fc.assert(
      fc.property(grounds, fc.nat(8), fc.constantFrom(-1, 1), (policy, at, by) => {
        const order = groundOrderOf(policy);
        const there = moved(order, at, by);
        expect(new Set(there)).toEqual(new Set(order));
        expect(moved(there, at + by, by === 1 ? -1 : 1)).toEqual(order);
      }),
    );
  });

  test('one that is added can be saved as it is, but for whose accounts count', () => {
    for (const kind of ['notes', 'reciprocal', 'voucher'] as const) {
      const [read] = readGrounds([newGround(kind)], undefined, 'decimal').grounds ?? [];
      expect(ground.safeParse(read).success, kind).toBe(true);
    }
    expect(readGrounds([newGround('account')], undefined, 'decimal').problems).toEqual({
      account: 'grounds.problem-keepers',
    });
  });

  test.each(['0', '0.05', '10.1', '11', '1.25', '-1', 'much', ''])(
    'a ratio of "%s" is none, said at its field',
    (ratio) => {
      const { grounds: read, problems } = readGrounds(
        [{ kind: 'reciprocal', ratio }],
        undefined,
        'decimal',
      );
      expect([read, problems]).toEqual([undefined, { reciprocal: 'grounds.problem-ratio' }]);
    },
  );

  test('every ratio that is read is one that a policy may hold', () => {
    for (let tenths = 1; tenths <= 100; tenths += 1) {
      const ratio = `${Math.floor(tenths / 10)},${tenths % 10}`;
      const [read] =
        readGrounds([{ kind: 'reciprocal', ratio }], undefined, 'decimal').grounds ?? [];
      expect(ground.safeParse(read).success, ratio).toBe(true);
    }
  });

  test('a size that can’t be read is said at its field', () => {
    for (const kind of ['notes', 'voucher'] as const)
      expect(readGrounds([{ kind, most: 'much' }], undefined, 'decimal').problems).toEqual({
        [kind]: 'fault.bad-size',
      });
  });

  test('each kind there is has a name for tables and one for steps, in every language', () => {
    for (const catalogue of Object.values(common)) {
      const { ground: names, step } = catalogue as {
        readonly ground: Readonly<Record<string, string>>;
        readonly step: { readonly by: Readonly<Record<string, string>> };
      };
      for (const kind of GROUND_KINDS)
        expect([typeof names[kind], typeof step.by[kind]], kind).toEqual(['string', 'string']);
    }
  });
});
