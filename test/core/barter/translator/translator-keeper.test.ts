import { beforeEach, describe, expect, test } from 'vitest';
import type {
  ChoicesBook,
  TranslatorChoice,
} from '../../../../electron/core/barter/choices-book.ts';
import type { OrderKeeper } from '../../../../electron/core/barter/orders/order-keeper.ts';
import type { Order } from '../../../../electron/core/barter/orders/orders.ts';
import { createTranslatorKeeper } from '../../../../electron/core/barter/translator/translator-keeper.ts';
import type { Friend } from '../../../../electron/core/friends/friend-book.ts';
import type { Async } from '../../../../shared/async.ts';
import { fault } from '../../../../shared/fault.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import { UNIT_BYTES } from '../../../../shared/model/notes.ts';
import { failed, ok } from '../../../../shared/result.ts';
import { silent } from '../../../fakes/silent-logger.ts';

/** Orders and choices are plain values; what is real is when it looks and what it does with what it sees. */
const DAY_MS = 86_400_000;
const ben = 'ben' as OwnerId;

let nowMs: number;
let looks: number;
let translator: TranslatorChoice;
let orders: Order[];
let isWanted: boolean;
let needUnits: bigint;
let lastMs: number | undefined;

const keeper = () =>
  createTranslatorKeeper({
    choices: {
      choices: async () => ({ currency: { name: null, perGbMonth: 1 }, translator }),
      translatedMs: async () => lastMs,
      translated: async ({ atMs }) => {
        lastMs = atMs;
      },
    } as Async<ChoicesBook>,
    orders: {
      orders: async () => orders,
      propose: async (friend, proposal) => {
        const over = { state: 'ended', endedMs: nowMs } as const;
        const order = { ...proposal, id: `o${orders.length}`, friend: friend.owner, madeMs: nowMs };
        orders = [...orders, { ...order, state: 'standing', ...(isWanted ? {} : over) } as never];
        return isWanted ? ok(order as never) : failed(fault('refused'));
      },
      answer: async (id) => {
        orders = orders.map((each) =>
          each.id === id ? { ...each, state: 'ended', endedMs: nowMs } : each,
        );
        return ok(orders[0] as Order);
      },
    } as Pick<OrderKeeper, 'orders' | 'propose' | 'answer'>,
    friends: { friend: (owner) => ({ owner, name: 'Ben' }) as Friend },
    doings: async () => {
      looks += 1;
      const refusedBytes = needUnits * UNIT_BYTES;
      return {
        friends: [{ friend: ben, refusedBytes, paidUnits: 0n, isThere: true }],
        idleBytes: 500n * UNIT_BYTES,
        capacityBytes: 1000n * UNIT_BYTES,
      };
    },
    clock: { nowMs: () => nowMs, monotonicMs: () => nowMs },
    logger: silent,
  });

beforeEach(() => {
  nowMs = 100 * DAY_MS;
  looks = 0;
  translator = { on: true, mostGiveUnits: 100n, mostWantUnits: 100n };
  orders = [];
  isWanted = true;
  needUnits = 8n;
  lastMs = undefined;
});

async function minutes(count: number, stepMs = 60_000): Promise<void> {
  const looking = keeper();
  for (let minute = 0; minute < count; minute += 1) {
    nowMs += stepMs;
    await looking.tick();
  }
}

describe('the translator', () => {
  test('looks at nothing while it is off', async () => {
    translator = { ...translator, on: false };
    await minutes(10);
    expect(looks).toBe(0);
  });

  test('looks once a day, however often it is asked and whatever was restarted', async () => {
    for (let restart = 0; restart < 5; restart += 1) await minutes(30);
    expect(looks).toBe(1);
    await minutes(72, 3_600_000);
    expect(looks).toBe(4);
  });

  test('of a clock that was put back it neither waits a year nor looks again at once', async () => {
    await minutes(1);
    nowMs -= 50 * DAY_MS;
    await minutes(10);
    expect(looks).toBe(1);
    await minutes(1, DAY_MS);
    expect(looks).toBe(2);
  });

  test('proposes what is marked as its own, and ends it when the need is gone', async () => {
    await minutes(1);
    expect(orders).toMatchObject([
      { friend: ben, translated: true, giveUnits: 8n, wantUnits: 8n, periodDays: 30 },
    ]);
    needUnits = 0n;
    await minutes(8, DAY_MS);
    expect(orders).toMatchObject([{ state: 'ended' }]);
  });

  test('asks a friend who did not want it again after a week', async () => {
    isWanted = false;
    await minutes(6, DAY_MS);
    expect(orders).toHaveLength(1);
    await minutes(3, DAY_MS);
    expect(orders).toHaveLength(2);
  });
});
