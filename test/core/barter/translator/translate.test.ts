import { describe, expect, test } from 'vitest';
import type { OrderId } from '../../../../electron/core/barter/orders/orders.ts';
import {
  type Behaviour,
  type FriendNeed,
  translate,
} from '../../../../electron/core/barter/translator/translate.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import { UNIT_BYTES } from '../../../../shared/model/notes.ts';
import { fc } from '../../../fakes/properties.ts';

const DAY_MS = 86_400_000;
const NOW_MS = 1000 * DAY_MS;
const ben = 'ben' as OwnerId;
const cleo = 'cleo' as OwnerId;

const need = (friend: OwnerId, units: bigint, more: Partial<FriendNeed> = {}): FriendNeed => ({
  friend,
  refusedBytes: units * UNIT_BYTES,
  paidUnits: 0n,
  isThere: true,
  ...more,
});
type Standing = Behaviour['orders'][number];
const order = (friend: OwnerId, units: bigint, more: Partial<Standing> = {}): Standing => ({
  id: `order of ${friend}` as OrderId,
  friend,
  giveUnits: units,
  wantUnits: units,
  periodDays: 30,
  state: 'standing',
  translated: true,
  madeMs: 0,
  ...more,
});
const behaviour = (more: Partial<Behaviour> = {}): Behaviour => ({
  nowMs: NOW_MS,
  limits: { mostGiveUnits: 1000n, mostWantUnits: 1000n },
  friends: [need(ben, 100n)],
  idleBytes: 400n * UNIT_BYTES,
  capacityBytes: 1000n * UNIT_BYTES,
  orders: [],
  lastMs: new Map(),
  ...more,
});

describe('what the translator makes of what I do', () => {
  test('a set that is refused room at a friend becomes a proposal to that friend', () => {
    expect(translate(behaviour())).toEqual([
      { type: 'propose', friend: ben, giveUnits: 128n, wantUnits: 128n, replaces: undefined },
    ]);
  });

  test('what is paid there each month counts on, or the first success would end the order', () => {
    const paid = need(ben, 0n, { paidUnits: 100n });
    expect(translate(behaviour({ friends: [paid], orders: [order(ben, 128n)] }))).toEqual([]);
  });

  test('an offer that stands idle is offered in small parts, one that is well used is not', () => {
    const idle = { friends: [need(ben, 0n)], idleBytes: 600n * UNIT_BYTES };
    expect(translate(behaviour(idle))).toMatchObject([{ type: 'propose', wantUnits: 64n }]);
    expect(translate(behaviour({ ...idle, idleBytes: 500n * UNIT_BYTES }))).toEqual([]);
  });

  test('a need that is gone ends its order', () => {
    const gone = { friends: [need(ben, 0n)], orders: [order(ben, 128n)] };
    expect(translate(behaviour(gone))).toEqual([{ type: 'end', order: 'order of ben' }]);
  });

  test('a need that is half as much again changes it, the old one going on until the yes', () => {
    const more = { friends: [need(ben, 190n)], orders: [order(ben, 128n)] };
    expect(translate(behaviour(more))).toMatchObject([
      { type: 'propose', wantUnits: 192n, replaces: 'order of ben' },
    ]);
  });

  test('what friends arranged themselves, or have not answered, is not talked over', () => {
    for (const more of [{ translated: false }, { state: 'offered' }, { state: 'asked' }] as const)
      expect(translate(behaviour({ orders: [order(ben, 8n, more)] }))).toEqual([]);
  });

  test('a friend is asked once a week, and only while he is there', () => {
    const lastMs = new Map([[ben, NOW_MS - 6 * DAY_MS]]);
    expect(translate(behaviour({ lastMs }))).toEqual([]);
    expect(translate(behaviour({ lastMs: new Map([[ben, NOW_MS - 8 * DAY_MS]]) }))).toHaveLength(1);
    expect(translate(behaviour({ friends: [need(ben, 9n, { isThere: false })] }))).toEqual([]);
  });
});

const owners = ['ana', 'ben', 'cleo', 'dora'] as OwnerId[];
const units = fc.bigInt(0n, 5000n);
const behaviours: fc.Arbitrary<Behaviour> = fc.record({
  nowMs: fc.constant(NOW_MS),
  limits: fc.record({ mostGiveUnits: units, mostWantUnits: units }),
  friends: fc
    .tuple(
      ...owners.map((friend) =>
        fc.record({
          friend: fc.constant(friend),
          refusedBytes: fc.bigInt(0n, 10n ** 12n),
          paidUnits: units,
          isThere: fc.boolean(),
        }),
      ),
    )
    .map((all) => [...all]),
  idleBytes: fc.bigInt(0n, 10n ** 12n),
  capacityBytes: fc.bigInt(0n, 10n ** 12n),
  orders: fc
    .tuple(
      ...owners.map((friend) =>
        fc.option(
          fc
            .record({
              giveUnits: units,
              wantUnits: units,
              periodDays: fc.integer({ min: 1, max: 365 }),
              translated: fc.boolean(),
              state: fc.constantFrom('standing' as const, 'offered' as const),
            })
            .map((more) => order(friend, 1n, more)),
          { nil: undefined },
        ),
      ),
    )
    .map((all) => all.filter((each) => each !== undefined)),
  lastMs: fc.constant(new Map<OwnerId, number>()),
});

const monthly = (sum: bigint, periodDays: number): bigint =>
  (sum * 30n + BigInt(periodDays) - 1n) / BigInt(periodDays);

/** All orders that may stand once every proposal was answered with yes. */
function after(before: Behaviour): readonly Standing[] {
  let orders = [...before.orders];
  for (const move of translate(before)) {
    if (move.type === 'end') orders = orders.filter(({ id }) => id !== move.order);
    else {
      orders = orders.filter(({ id }) => id !== move.replaces);
      orders.push(order(move.friend, move.giveUnits, { wantUnits: move.wantUnits }));
    }
  }
  return orders;
}

describe('whatever happens', () => {
  test('proposals never lift what is given or wanted above the owner’s limits', () => {
    fc.assert(
      fc.property(behaviours, (before) => {
        for (const what of ['giveUnits', 'wantUnits'] as const) {
          const sum = (orders: readonly Standing[]) =>
            orders.reduce((total, each) => total + monthly(each[what], each.periodDays), 0n);
          const limit = before.limits[what === 'giveUnits' ? 'mostGiveUnits' : 'mostWantUnits'];
          const was = sum(before.orders);
          expect(sum(after(before))).toBeLessThanOrEqual(was > limit ? was : limit);
        }
      }),
    );
  });

  test('it rests: what follows from a yes to everything is nothing, also when needs swing a little', () => {
    fc.assert(
      fc.property(behaviours, fc.integer({ min: 95, max: 105 }), (before, percent) => {
        const swung = before.friends.map((each) => ({
          ...each,
          refusedBytes: (each.refusedBytes * BigInt(percent)) / 100n,
        }));
        const orders = after(before);
        const moved = new Set(
          translate(before).flatMap((move) => (move.type === 'propose' ? [move.friend] : [])),
        );
        for (const move of translate({ ...before, orders, friends: swung }))
          if (move.type === 'propose') {
            // Only where the limits had cut something off, or a small need doubled in whole units.
            const made = orders.find(({ friend }) => friend === move.friend);
            if (!moved.has(move.friend) || made === undefined) continue;
            expect(2n * move.wantUnits).toBeGreaterThanOrEqual(3n * made.wantUnits);
          }
      }),
    );
  });

  test('a set that grows by a tenth each week asks its friend anew seldom, not each day', () => {
    let orders: readonly Standing[] = [];
    let asked = 0;
    let wanted = 100n;
    for (let week = 0; week < 20; week += 1) {
      const before = behaviour({
        friends: [need(ben, wanted), need(cleo, 0n)],
        orders,
        idleBytes: 400n * UNIT_BYTES,
      });
      if (translate(before).length > 0) asked += 1;
      orders = after(before);
      wanted = (wanted * 11n) / 10n;
    }
    expect(asked).toBeLessThanOrEqual(5);
    expect(asked).toBeGreaterThanOrEqual(3);
  });
});
