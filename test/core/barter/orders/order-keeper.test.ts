import { beforeEach, describe, expect, test } from 'vitest';
import { openOrderBook } from '../../../../electron/core/barter/orders/order-book.ts';
import type { OrderCalls } from '../../../../electron/core/barter/orders/order-calls.ts';
import {
  createOrderKeeper,
  type OrderKeeper,
} from '../../../../electron/core/barter/orders/order-keeper.ts';
import type { OrderMeans } from '../../../../electron/core/barter/orders/order-round.ts';
import { openDatabase } from '../../../../electron/core/database/open-database.ts';
import type { Friend } from '../../../../electron/core/friends/friend-book.ts';
import type { Async } from '../../../../shared/async.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import { failed, ok } from '../../../../shared/result.ts';

/** Ana and Ben, each with a real book of orders; the wire, the mints and the wallets are a few maps. */
const DAY_MS = 86_400_000;

type Person = {
  readonly name: string;
  readonly keeper: OrderKeeper;
  isOn: boolean;
  isThere: boolean;
  isPaused: boolean;
  /** Whoever fetches here waits for this first. */
  stalls: Promise<void> | undefined;
  roomUnits: bigint;
  /** What lies at this one's mint, and what this one's wallet fetched at the other's. */
  readonly claims: Map<
    string,
    { readonly order: string; readonly units: bigint; fetched: boolean }
  >;
  readonly got: Map<string, { units: bigint; fetched: number; lastMs: number }>;
};

let nowMs: number;
let ana: Person;
let ben: Person;

function asAsync<B extends object>(book: B): Async<B> {
  return new Proxy(book, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]) => Reflect.apply(method, target, args) as unknown;
    },
  }) as Async<B>;
}

function friendOf(name: string): Friend {
  return {
    owner: name.toLowerCase() as OwnerId,
    name,
    sinceMs: 0,
    blocked: false,
    departed: false,
    devices: [],
  } as unknown as Friend;
}

function person(name: string, other: () => Person): Person {
  const opened = openDatabase(':memory:');
  if (!opened.ok) throw new Error(opened.fault.code);
  const friend = friendOf(name === 'Ana' ? 'Ben' : 'Ana');
  const me = friendOf(name);
  const away = failed({ code: 'unreachable' } as const);
  const call = async <T>(
    ask: () => Promise<{ ok: true; value: T } | { ok: false; fault: never }>,
  ) => {
    if (!other().isThere || !self.isThere) return away;
    const said = await ask();
    return said.ok ? said : failed({ code: 'refused', denial: said.fault, params: {} } as const);
  };
  const calls = {
    propose: (_friend, proposal) =>
      call(() => other().keeper.door.propose(me, { v: 1, ...proposal }) as never),
    answer: (_friend, order, yes) =>
      call(() => other().keeper.door.answer(me, { order, yes }) as never),
    end: (_friend, order) => call(() => other().keeper.door.end(me, order) as never),
    list: async () => {
      const said = await call(() => other().keeper.door.list(me) as never);
      return said.ok ? ok((said.value as { orders: never }).orders) : said;
    },
  } as OrderCalls;
  const waiting = (order: string) =>
    [...self.claims].filter(([, each]) => each.order === order && !each.fetched);
  const outstanding = () => [...self.claims.values()].reduce((sum, { units }) => sum + units, 0n);
  const means: OrderMeans = {
    give: async ({ order, part, units }) => {
      if (outstanding() + units > self.roomUnits) return failed({ code: 'over-issue' });
      self.claims.set(`${order}-${part}`, { order, units, fetched: false });
      return ok(undefined);
    },
    given: async (order) => ({
      fetched: [...self.claims.values()].filter((each) => each.order === order && each.fetched)
        .length,
      waiting: waiting(order).map(([claim]) => ({ claim })),
    }),
    takeBack: async (claim) => void self.claims.delete(claim),
    got: async (order) => self.got.get(order) ?? { units: 0n, fetched: 0, lastMs: undefined },
    collect: async () => {
      if (!other().isThere || !self.isThere) return false;
      await other().stalls;
      for (const claim of other().claims.values()) {
        if (claim.fetched) continue;
        claim.fetched = true;
        const before = self.got.get(claim.order) ?? { units: 0n, fetched: 0 };
        const units = before.units + claim.units;
        self.got.set(claim.order, { units, fetched: before.fetched + 1, lastMs: nowMs });
      }
      return true;
    },
    mayIssueUnits: async () => self.roomUnits - outstanding(),
    isPaused: async () => self.isPaused,
  };
  const friends = [friend];
  const self: Person = {
    name,
    isOn: true,
    isThere: true,
    isPaused: false,
    stalls: undefined,
    roomUnits: 10_000n,
    claims: new Map(),
    got: new Map(),
    keeper: createOrderKeeper({
      book: asAsync(openOrderBook(opened.value)),
      calls,
      friends: { friends: () => friends, friend: () => friends[0] },
      means,
      isOn: () => self.isOn,
      clock: { nowMs: () => nowMs, monotonicMs: () => nowMs },
      randomness: { bytes: (count) => crypto.getRandomValues(new Uint8Array(count)) },
      onChange: () => undefined,
      onError: (error) => {
        throw error;
      },
    }),
  };
  return self;
}

beforeEach(() => {
  nowMs = 0;
  ana = person('Ana', () => ben);
  ben = person('Ben', () => ana);
});

const TERMS = { giveUnits: 16n, wantUnits: 32n, periodDays: 30, translated: false };
const of = async ({ keeper }: Person) => (await keeper.orders()).at(-1)!;
const gotUnits = ({ got }: Person) => [...got.values()].reduce((sum, { units }) => sum + units, 0n);

async function pass(times: number, stepMs: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    nowMs += stepMs;
    await ana.keeper.tick();
    await ben.keeper.tick();
  }
}
const hours = (count: number) => pass(count, DAY_MS / 24);
const days = (count: number) => pass(4 * count, DAY_MS / 4);
async function agreed(terms = TERMS): Promise<void> {
  await ana.keeper.propose(friendOf('Ben'), terms);
  await ben.keeper.answer((await of(ben)).id, true);
  await hours(2);
}

describe('a standing order', () => {
  test('is asked of the friend in his own terms and begins with his yes', async () => {
    await ana.keeper.propose(friendOf('Ben'), TERMS);
    expect(await of(ana)).toMatchObject({ state: 'offered', untold: undefined });
    expect(await of(ben)).toMatchObject({ state: 'asked', giveUnits: 32n, wantUnits: 16n });
    await ben.keeper.answer((await of(ben)).id, true);
    expect(await of(ana)).toMatchObject({ state: 'standing' });
    await hours(2);
    expect([gotUnits(ana), gotUnits(ben)]).toEqual([32n, 16n]);
  });

  test('goes on by itself, once a period both ways', async () => {
    await agreed();
    await days(29);
    expect([gotUnits(ana), gotUnits(ben)]).toEqual([32n, 16n]);
    await days(61);
    await hours(2);
    expect([gotUnits(ana), gotUnits(ben)]).toEqual([128n, 64n]);
    expect(await of(ana)).toMatchObject({ problem: undefined, given: 4, got: 4 });
  });

  test('a proposal to a friend who is away is told as soon as he is there', async () => {
    ben.isThere = false;
    expect((await ana.keeper.propose(friendOf('Ben'), TERMS)).ok).toBe(true);
    expect(await of(ana)).toMatchObject({ state: 'offered', untold: 'propose' });
    ben.isThere = true;
    await hours(1);
    expect(await of(ben)).toMatchObject({ state: 'asked' });
  });

  test('a person’s yes goes out at once, though a friend lets himself be waited for', async () => {
    await agreed();
    const { promise, resolve } = Promise.withResolvers<void>();
    ben.stalls = promise;
    nowMs += 31 * DAY_MS;
    const round = ana.keeper.tick();
    await ben.keeper.propose(friendOf('Ana'), { ...TERMS, giveUnits: 5n });
    const isFive = async ({ keeper }: Person) =>
      (await keeper.orders()).find(
        ({ giveUnits, wantUnits }) => giveUnits === 5n || wantUnits === 5n,
      );
    expect(await isFive(ana)).toMatchObject({ state: 'asked' });
    await ana.keeper.answer((await isFive(ana))?.id ?? '', true);
    expect(await isFive(ben)).toMatchObject({ state: 'standing' });
    expect(await isFive(ana)).toMatchObject({ state: 'standing', untold: undefined });
    resolve();
    await round;
  });

  test('a friend who was away for months catches up one instalment, not all', async () => {
    await agreed();
    ben.isThere = false;
    await days(150);
    expect(await of(ana)).toMatchObject({ problem: 'friend-away' });
    ben.isThere = true;
    await days(2);
    expect([gotUnits(ana), gotUnits(ben)]).toEqual([96n, 48n]);
    expect(await of(ana)).toMatchObject({ problem: undefined });
  });

  test('what there is no room for is told on both sides, and goes on when there is', async () => {
    await agreed();
    ben.roomUnits = 40n;
    await days(31);
    expect(await of(ben)).toMatchObject({ problem: 'over-issue-here' });
    expect(await of(ana)).toMatchObject({ problem: 'over-issue-there' });
    // Ana has given once more, and not a second time.
    await days(60);
    expect(gotUnits(ben)).toBe(32n);
    ben.roomUnits = 10_000n;
    await hours(3);
    expect(gotUnits(ana)).toBeGreaterThanOrEqual(64n);
    expect(await of(ben)).toMatchObject({ problem: undefined });
    await hours(3);
    expect(await of(ana)).toMatchObject({ problem: undefined });
  });

  test('a pause gives nothing new and is told, and costs nobody the order', async () => {
    await agreed();
    ana.isPaused = true;
    await days(31);
    expect(await of(ana)).toMatchObject({ problem: 'paused-here' });
    expect(gotUnits(ben)).toBe(16n);
    ana.isPaused = false;
    await hours(3);
    expect(gotUnits(ben)).toBe(32n);
  });

  test('ends on both sides by one word, and what was not fetched is not owed any more', async () => {
    await agreed();
    ben.isThere = false;
    await days(30);
    expect([...ana.claims.values()].filter(({ fetched }) => !fetched)).toHaveLength(1);
    await ana.keeper.answer((await of(ana)).id, false);
    await hours(1);
    expect([...ana.claims.values()].filter(({ fetched }) => !fetched)).toHaveLength(0);
    ben.isThere = true;
    await hours(1);
    expect(await of(ben)).toMatchObject({ state: 'ended' });
  });

  test('that the friend knows nothing of any more is over', async () => {
    await agreed();
    ben = person('Ben', () => ana);
    await days(31);
    expect(await of(ana)).toMatchObject({ state: 'ended', problem: 'unknown-there' });
  });

  test('is not begun by whoever proposed it, nor answered by somebody it is not about', async () => {
    await ana.keeper.propose(friendOf('Ben'), TERMS);
    const { id } = await of(ana);
    expect(await ana.keeper.answer(id, true)).toMatchObject({ fault: { code: 'order-unknown' } });
    const { door } = ben.keeper;
    const self = { order: id, yes: true };
    expect(await door.answer(friendOf('Ana'), self)).toMatchObject({ fault: 'order-unknown' });
    expect(await door.end(friendOf('Cleo'), id)).toMatchObject({ fault: 'order-unknown' });
  });

  test('the same proposal twice is one, another under its name is refused, and a flood is too', async () => {
    const propose = (order: string, give = 1n) =>
      ben.keeper.door.propose(friendOf('Ana'), { v: 1, order, give, want: 1n, periodDays: 30 });
    const id = (digit: number) => `${'a'.repeat(24)}${'bcdefg'[digit]}a`;
    await propose(id(0));
    expect((await propose(id(0))).ok).toBe(true);
    expect(await propose(id(0), 2n)).toMatchObject({ fault: 'request-reused' });
    for (const digit of [1, 2, 3, 4]) expect((await propose(id(digit))).ok).toBe(true);
    expect(await propose(id(5))).toMatchObject({ fault: 'too-many-waiting' });
  });

  test('that begins and ends again and again fills no book', async () => {
    const letters = 'abcdefghijklmnopqrstuvwxyz234567';
    for (let count = 0; count < 200; count += 1) {
      const order = `${'a'.repeat(23)}${letters[count >> 5]}${letters[count & 31]}a`;
      const said = { v: 1, order, give: 1n, want: 1n, periodDays: 30 } as const;
      expect((await ben.keeper.door.propose(friendOf('Ana'), said)).ok).toBe(true);
      await ben.keeper.door.end(friendOf('Ana'), order);
    }
    const list = await ben.keeper.door.list(friendOf('Ana'));
    expect(list.ok && list.value.orders.length).toBe(41);
  });

  test('a yes to more than there is room for is not given', async () => {
    await ana.keeper.propose(friendOf('Ben'), TERMS);
    ben.roomUnits = 31n;
    expect(await ben.keeper.answer((await of(ben)).id, true)).toMatchObject({
      fault: { code: 'over-issue', params: { mayIssueBytes: `${31n * 64n * 1024n * 1024n}` } },
    });
    expect(await of(ben)).toMatchObject({ state: 'asked' });
  });

  test('one that replaces another ends it when both have said yes, not before', async () => {
    await agreed();
    const old = await of(ana);
    nowMs += 1;
    await ana.keeper.propose(friendOf('Ben'), { ...TERMS, giveUnits: 1n, replaces: old.id });
    const stateOf = async ({ keeper }: Person) =>
      (await keeper.orders()).find(({ id }) => id === old.id)?.state;
    expect([await stateOf(ana), await stateOf(ben)]).toEqual(['standing', 'standing']);
    await ben.keeper.answer((await of(ben)).id, true);
    expect([await stateOf(ana), await stateOf(ben)]).toEqual(['ended', 'ended']);
  });

  test('where barter is off the proposal ends with the friend’s word, and nothing is asked or given', async () => {
    ben.isOn = false;
    expect(await ana.keeper.propose(friendOf('Ben'), TERMS)).toMatchObject({
      fault: { code: 'refused', params: { denial: 'barter-off', friend: 'Ben' } },
    });
    expect(await of(ana)).toMatchObject({ state: 'ended', problem: 'off-there' });
    ana.isOn = false;
    expect(await ana.keeper.propose(friendOf('Ben'), TERMS)).toMatchObject({
      fault: { code: 'barter-off' },
    });
  });
});
