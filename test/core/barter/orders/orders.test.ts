import { describe, expect, test } from 'vitest';
import {
  nextOrder,
  type Order,
  type OrderEvent,
  type OrderId,
  periodMsOf,
  planOf,
} from '../../../../electron/core/barter/orders/orders.ts';
import { DAY_S } from '../../../../shared/units.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import { fc, runs } from '../../../fakes/properties.ts';

const DAY_MS = DAY_S * 1000;

const standing = (more: Partial<Order> = {}): Order & { readonly nextMs: number } => ({
  id: 'aaaaaaaaaaaaaaaaaaaaaaaaaa' as OrderId,
  friend: 'ben' as OwnerId,
  giveUnits: 16n,
  wantUnits: 16n,
  periodDays: 30,
  state: 'standing',
  translated: false,
  madeMs: 0,
  serial: 0,
  given: 0,
  got: 0,
  lastMs: undefined,
  endedMs: undefined,
  replaces: undefined,
  untold: undefined,
  problem: undefined,
  ...more,
  nextMs: more.nextMs ?? 0,
});

describe('when an instalment is due', () => {
  test('at once, and then once a period', () => {
    expect(planOf(standing(), { nowMs: 0, open: 0 })).toEqual({
      give: true,
      nextMs: 0,
      owes: false,
    });
    const next = standing({ nextMs: 30 * DAY_MS, serial: 1, given: 1, got: 1 });
    expect(planOf(next, { nowMs: 29 * DAY_MS, open: 0 }).give).toBe(false);
    expect(planOf(next, { nowMs: 30 * DAY_MS, open: 0 }).give).toBe(true);
  });

  test('of those that were missed one is caught up', () => {
    const nowMs = 305 * DAY_MS;
    const away = standing({ got: 9 });
    const plan = planOf(away, { nowMs, open: 0 });
    expect(plan).toEqual({ give: true, nextMs: 270 * DAY_MS, owes: false });
    // What lies there still unfetched is the one that was missed.
    expect(planOf(away, { nowMs, open: 1 }).nextMs).toBe(300 * DAY_MS);
    expect(planOf(away, { nowMs, open: 2 })).toEqual({
      give: false,
      nextMs: 330 * DAY_MS,
      owes: false,
    });
  });

  test('whoever is one ahead waits for the other, who need not wait', () => {
    const ahead = planOf(standing({ serial: 1, given: 1 }), { nowMs: DAY_MS, open: 0 });
    expect(ahead).toMatchObject({ give: false, owes: true });
    expect(planOf(standing({ got: 1 }), { nowMs: DAY_MS, open: 0 }).give).toBe(true);
  });

  test('a clock that was a year ahead costs no year of waiting', () => {
    const wrong = standing({ nextMs: 395 * DAY_MS, serial: 1, given: 1, got: 1 });
    expect(planOf(wrong, { nowMs: 0, open: 0 }).nextMs).toBe(30 * DAY_MS);
  });

  test('who gives nothing owes nothing, and a present waits for no present', () => {
    expect(planOf(standing({ giveUnits: 0n }), { nowMs: 0, open: 0 })).toEqual({
      give: false,
      nextMs: 30 * DAY_MS,
      owes: false,
    });
    const present = standing({ wantUnits: 0n, serial: 5, given: 5 });
    expect(planOf(present, { nowMs: 0, open: 0 }).give).toBe(true);
  });
});

type Side = { readonly order: Order & { readonly nextMs: number }; readonly open: number };

/** One side's tick: what is due is put out. */
function tick({ order, open }: Side, nowMs: number): Side {
  const { give, nextMs } = planOf(order, { nowMs, open });
  if (!give) return { order: { ...order, nextMs }, open };
  const given = { ...order, serial: order.serial + 1, nextMs: nextMs + periodMsOf(order) };
  return { order: given, open: open + 1 };
}

/** One side's notes are fetched by the other. */
function fetched(giver: Side, taker: Side): readonly [Side, Side] {
  return [
    { order: { ...giver.order, given: giver.order.given + giver.open }, open: 0 },
    { ...taker, order: { ...taker.order, got: taker.order.got + giver.open } },
  ];
}

const moves = fc.array(
  fc.oneof(
    fc.record({
      move: fc.constant('pass' as const),
      // Whole milliseconds, as clocks have them: what a sum of parts of them loses moves an instalment to another day.
      ms: fc.integer({ min: 0, max: 40 * DAY_MS }),
    }),
    fc.record({
      move: fc.constant('jump' as const),
      who: fc.constantFrom(0 as const, 1 as const),
      days: fc.integer({ min: -500, max: 500 }),
    }),
    fc.record({ move: fc.constant('tick' as const), who: fc.constantFrom(0 as const, 1 as const) }),
    fc.record({
      move: fc.constant('fetch' as const),
      who: fc.constantFrom(0 as const, 1 as const),
    }),
  ),
  { maxLength: 60 },
);

describe('two sides, whatever their clocks do and whoever is away', () => {
  test('nobody is ever more than one instalment ahead, and at most two lie unfetched', () => {
    fc.assert(
      fc.property(moves, (all) => {
        const sides: [Side, Side] = [
          { order: standing(), open: 0 },
          { order: standing(), open: 0 },
        ];
        const aheadMs = [0, 0];
        let nowMs = 0;
        for (const each of all) {
          if (each.move === 'pass') nowMs += each.ms;
          else if (each.move === 'jump') aheadMs[each.who]! += each.days * DAY_MS;
          else if (each.move === 'tick')
            sides[each.who] = tick(sides[each.who], nowMs + aheadMs[each.who]!);
          else {
            const other = each.who === 0 ? 1 : 0;
            [sides[each.who], sides[other]] = fetched(sides[each.who], sides[other]);
          }
          for (const { order, open } of sides) {
            expect(order.given + open - order.got).toBeLessThanOrEqual(1);
            expect(open).toBeLessThanOrEqual(2);
          }
        }
      }),
    );
  });

  test('once clocks are right and both are there, one instalment a period goes both ways', () => {
    fc.assert(
      fc.property(moves, fc.integer({ min: 3, max: 12 }), (before, periods) => {
        let sides: [Side, Side] = [
          { order: standing(), open: 0 },
          { order: standing(), open: 0 },
        ];
        let nowMs = 0;
        for (const each of before) {
          if (each.move === 'tick') sides[each.who] = tick(sides[each.who], nowMs);
          if (each.move === 'pass') nowMs += each.ms;
          // The time of a tick under a clock that was wrong.
          if (each.move === 'jump')
            sides[each.who] = tick(sides[each.who], nowMs + each.days * DAY_MS);
        }
        const day = (): void => {
          nowMs += DAY_MS;
          for (let round = 0; round < 2; round += 1) {
            sides = [tick(sides[0], nowMs), tick(sides[1], nowMs)];
            const [one, two] = fetched(sides[0], sides[1]);
            const [other, first] = fetched(two, one);
            sides = [first, other];
          }
        };
        for (let days = 0; days < 61; days += 1) day();
        const start = [sides[0].order.got, sides[1].order.got];
        for (let days = 0; days < 30 * periods; days += 1) day();
        expect(sides[0].order.got - start[0]!).toBe(periods);
        expect(sides[1].order.got - start[1]!).toBe(periods);
      }),
      { numRuns: runs(60) },
    );
  });
});

describe('an order’s life', () => {
  const states = ['offered', 'asked', 'standing', 'ended'] as const;
  const events = ['accept', 'accepted', 'end', 'ended'] as const;
  const after = (state: Order['state'], event: OrderEvent) => {
    const before = { ...standing(), state, nextMs: state === 'standing' ? 7 : undefined };
    return nextOrder(before, event, 5)?.state;
  };

  test('begins with both sides’ yes only', () => {
    const table = states.map((state) => events.map((event) => after(state, event)));
    expect(table).toEqual([
      [undefined, 'standing', 'ended', 'ended'],
      ['standing', undefined, 'ended', 'ended'],
      [undefined, 'standing', 'ended', 'ended'],
      [undefined, undefined, undefined, 'ended'],
    ]);
  });

  test('a yes that is said twice does not begin it anew', () => {
    const order = { ...standing(), nextMs: 7 };
    expect(nextOrder(order, 'accepted', 99)).toBe(order);
  });
});
