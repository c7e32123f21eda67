import { describe, expect, it } from 'vitest';
import { createOutbox } from '../../../electron/core/accounts/outbox.ts';
import type { Friend } from '../../../electron/core/friends/friend-book.ts';
import type { DeviceId, OwnerId } from '../../../shared/ids.ts';
import { promisedBytes } from '../../../shared/model/plot.ts';
import { failed, ok } from '../../../shared/result.ts';
import { GB } from '../../../shared/units.ts';
import type {
  ComparisonAnswer,
  ComparisonRequest,
  Settlement,
} from '../../../shared/wire/accounts.ts';
import { silent } from '../../fakes/silent-logger.ts';
import { testOwnerId, testPlotId, testRequestId } from '../../fakes/test-ledger.ts';
import {
  ACCOUNT,
  ANA,
  deviceOfOwner,
  DORA,
  momentAt,
  NOW_MS,
  openHost,
  type TestHost,
  testPromise,
} from './world.ts';

const BEN = testOwnerId(2);
const KEEPER = { keeper: ANA, device: deviceOfOwner(ANA) };
const NOTHING: ComparisonAnswer = { seq: 0, uncovered: [], corrected: [], dropped: [], open: [] };

/** Ben, who has things to tell, and a keeper who hears them or not. */
function world(answers: Partial<ComparisonAnswer> = {}) {
  const host = openHost(BEN);
  const { hosted } = host.books();
  const told: Settlement[] = [];
  const pages: Omit<ComparisonRequest, 'v'>[] = [];
  const state = {
    isThere: true,
    isFriend: true,
    isRevoked: false,
    aheadMs: 0,
    counting: [] as OwnerId[],
  };
  const outbox = createOutbox({
    me: { owner: BEN, device: host.device },
    hosted: {
      tidy: async (call) => hosted.tidy(call),
      keepers: async () => hosted.keepers(),
      honoured: async () => hosted.honoured(),
      next: async (device) => hosted.next(device),
      told: async (call) => hosted.told(call),
      forget: async (device) => hosted.forget(device),
      page: async (call) => hosted.page(call),
      compared: async (call) => hosted.compared(call),
    },
    counting: async () => state.counting,
    calls: {
      settle: async (_device, items) => {
        if (!state.isThere) return failed({ code: 'unreachable' });
        told.push(...items);
        return ok({ seq: 0 });
      },
      compare: async (_device, page) => {
        if (!state.isThere) return failed({ code: 'unreachable' });
        pages.push(page);
        return ok({ ...NOTHING, ...answers });
      },
    },
    friends: {
      friend: (owner: OwnerId) =>
        ({
          owner,
          departed: !state.isFriend,
          devices: [{ device: KEEPER.device, revoked: state.isRevoked }],
        }) as unknown as Friend,
      byDevice: (device: DeviceId) =>
        state.isFriend && !state.isRevoked
          ? ({ owner: device as string as OwnerId } as Friend)
          : undefined,
    },
    moment: () => momentAt(0),
    clock: { nowMs: () => NOW_MS + state.aheadMs, monotonicMs: () => state.aheadMs },
    onChange: () => undefined,
    logger: silent,
  });
  return { host, hosted, told, pages, state, outbox };
}

function addPlot({ sql }: TestHost, number: number, isKnown = true): void {
  const plot = testPlotId(number);
  sql
    .prepare(
      `INSERT INTO plots (id, owner, ground, class, state, size, promised, from_ms, until_service, grace_s)
       VALUES (?, ?, 'account', 'guaranteed', 'active', ?, ?, 0, 10, 10)`,
    )
    .run(plot, DORA, GB, promisedBytes(GB));
  if (!isKnown) return;
  sql
    .prepare(
      'INSERT INTO account_plots (plot, keeper, device, account, member, good_service) VALUES (?, ?, ?, ?, ?, 0)',
    )
    .run(plot, ANA, KEEPER.device, ACCOUNT, DORA);
}

const release = (number: number) =>
  ({ state: 'released', account: ACCOUNT, plot: testPlotId(number) }) as const;
const plotsIn = (items: readonly Settlement[]) =>
  items.map((item) => ('plot' in item ? item.plot : ''));

describe('what a host has to tell', () => {
  it('waits while the keeper is away, and goes out in its order when he is back', async () => {
    const { hosted, told, state, outbox } = world();
    state.isThere = false;
    for (const number of [3, 1, 2]) hosted.put(KEEPER, release(number), NOW_MS);
    await outbox.chores();
    expect([told.length, hosted.untold()]).toEqual([0, 3]);
    state.isThere = true;
    await outbox.chores();
    expect(plotsIn(told)).toEqual([3, 1, 2].map(testPlotId));
    expect(hosted.untold()).toBe(0);
  });

  it('is numbered upwards also when the clock is put back', () => {
    const { hosted } = world();
    hosted.put(KEEPER, release(1), NOW_MS);
    hosted.put(KEEPER, release(2), NOW_MS - 1_000_000);
    const [first, second] = hosted.next(KEEPER.device);
    expect(second?.seq).toBeGreaterThan(first?.seq ?? 0);
  });

  it('counts on from what the keeper knows, unless that is nonsense', () => {
    const { hosted } = world();
    hosted.told({ device: KEEPER.device, upTo: 0, seq: NOW_MS + 5000 });
    hosted.told({ device: KEEPER.device, upTo: 0, seq: Number.MAX_SAFE_INTEGER });
    hosted.put(KEEPER, release(1), NOW_MS);
    expect(hosted.next(KEEPER.device)[0]?.seq).toBe(NOW_MS + 5001);
  });

  it.each(['isFriend', 'isRevoked'] as const)(
    'is forgotten once its keeper is a friend no longer, or has struck that device off: %s',
    async (name) => {
      const { hosted, state, outbox } = world();
      hosted.put(KEEPER, release(1), NOW_MS);
      state[name] = !state[name];
      await outbox.chores();
      expect(hosted.untold()).toBe(0);
    },
  );
});

describe('the daily comparison', () => {
  it('comes once a day, with everything that stands on the keeper’s accounts', async () => {
    const { host, pages, state, outbox } = world();
    for (const number of [1, 2]) addPlot(host, number);
    await outbox.chores();
    await outbox.chores();
    expect(pages.map(({ plots }) => plots.length)).toEqual([2]);
    state.aheadMs = 86_400_000;
    await outbox.chores();
    expect(pages).toHaveLength(2);
  });

  it('comes also when the clock is put back by a year', async () => {
    const { host, pages, state, outbox } = world();
    addPlot(host, 1);
    await outbox.chores();
    state.aheadMs = -365 * 86_400_000;
    await outbox.chores();
    expect(pages).toHaveLength(2);
  });

  it('goes in pages that leave nothing out and name nothing twice', async () => {
    const { host, pages, outbox } = world();
    const all = Array.from({ length: 1201 }, (_, each) => each + 1);
    host.sql.transaction(() => {
      for (const number of all) addPlot(host, number);
    })();
    await outbox.chores();
    expect(pages.map(({ plots }) => plots.length)).toEqual([500, 500, 201]);
    expect(pages.map(({ after }) => after)).toEqual([null, pages[0]?.upTo, pages[1]?.upTo]);
    expect(pages.at(-1)?.upTo).toBeNull();
    expect(new Set(pages.flatMap(({ plots }) => plots.map(({ plot }) => plot))).size).toBe(1201);
  });

  it('takes plots on the books again that were found on the disk, and tells the keeper', async () => {
    const dropped = [
      { plot: testPlotId(1), account: ACCOUNT, member: DORA, bytes: promisedBytes(GB) },
      // Of somebody else, and gone: no plots of this host.
      { plot: testPlotId(2), account: ACCOUNT, member: ANA, bytes: GB },
      { plot: testPlotId(3), account: ACCOUNT, member: DORA, bytes: GB },
    ];
    const { host, hosted, told, outbox } = world({ dropped });
    for (const number of [1, 2]) addPlot(host, number, false);
    await outbox.compareNow(KEEPER.device);
    expect(hosted.placeOf(testPlotId(1))).toMatchObject({ account: ACCOUNT, keeper: ANA });
    expect([hosted.placeOf(testPlotId(2)), hosted.placeOf(testPlotId(3))]).toEqual([
      undefined,
      undefined,
    ]);
    expect(told).toMatchObject([{ state: 'settled', plot: testPlotId(1), member: DORA }]);
  });

  it('gives back tickets whose time is over, for good, and waits for those that may come', async () => {
    const open = [
      { promise: 'o'.repeat(22), untilMs: NOW_MS - 200_000 },
      { promise: 'n'.repeat(22), untilMs: NOW_MS - 100_000 },
      { promise: 'm'.repeat(22), untilMs: NOW_MS + 400_000 },
      // Signed by a clock that was ahead.
      { promise: 'a'.repeat(22), untilMs: NOW_MS + 365 * 86_400_000 },
    ];
    const { hosted, told, outbox } = world({ open });
    await outbox.compareNow(KEEPER.device);
    expect(told).toMatchObject([
      { state: 'void', promise: 'o'.repeat(22) },
      { state: 'void', promise: 'a'.repeat(22) },
    ]);
    const isSpent = (letter: string) =>
      hosted.isSpent({ device: KEEPER.device, jti: letter.repeat(22) });
    expect(['o', 'n', 'm', 'a'].map(isSpent)).toEqual([true, false, false, true]);
  });
});

describe('a keeper whom nobody here honours, and who thinks that his accounts count here', () => {
  it('hears once a day what became of tickets that he has signed for this host', async () => {
    const open = [{ promise: 'o'.repeat(22), untilMs: NOW_MS - 200_000 }];
    const { host, told, pages, state, outbox } = world({ open });
    const policy = { guards: {}, grounds: [{ kind: 'always' as const }] };
    host.books().ledger.setPolicy({ owner: undefined, policy });
    await outbox.chores();
    expect(pages).toEqual([]);
    state.counting = [ANA];
    await outbox.chores();
    await outbox.chores();
    expect([pages.length, told]).toMatchObject([1, [{ state: 'void', promise: 'o'.repeat(22) }]]);
    state.aheadMs = 86_400_000;
    await outbox.chores();
    expect(pages).toHaveLength(2);
  });

  it('is asked once, however many plots he names that are none here', async () => {
    const dropped = Array.from({ length: 500 }, (_, each) => ({
      plot: testPlotId(each + 1),
      account: ACCOUNT,
      member: DORA,
      bytes: GB,
    }));
    const { host, pages, state, outbox } = world({ dropped });
    const policy = { guards: {}, grounds: [{ kind: 'always' as const }] };
    host.books().ledger.setPolicy({ owner: undefined, policy });
    state.counting = [ANA];
    await outbox.chores();
    expect(pages).toHaveLength(1);
  });
});

describe('a keeper who is away for long', () => {
  it('is asked for nothing more once a thousand things wait for him', () => {
    const { hosted } = world();
    const ask = (each: number) =>
      hosted.begin({
        id: testPromise(`${each}`),
        place: { ...KEEPER, account: ACCOUNT },
        owner: DORA,
        requestId: testRequestId(each),
        nowMs: NOW_MS,
      });
    for (let each = 0; each < 999; each += 1) hosted.put(KEEPER, release(each), NOW_MS);
    expect(ask(1)).toBe('begun');
    hosted.put(KEEPER, release(1000), NOW_MS);
    expect(ask(2)).toBe('full');
  });
});

describe('a keeper whose books are older than what he was told', () => {
  it('hears of a used ticket once more, or it would count for ever', async () => {
    const used = { promise: 'u'.repeat(22), untilMs: NOW_MS - 200_000 };
    const { host, told, outbox } = world({ open: [used] });
    host.sql
      .prepare('INSERT INTO account_spent (device, jti, at_ms) VALUES (?, ?, ?)')
      .run(KEEPER.device, used.promise, NOW_MS - 250_000);
    await outbox.compareNow(KEEPER.device);
    expect(told).toMatchObject([{ state: 'void', promise: used.promise }]);
  });

  it('is asked on as long as he names as many that are gone as fit into one answer', async () => {
    const dropped = Array.from({ length: 500 }, (_, each) => ({
      plot: testPlotId(each + 1),
      account: ACCOUNT,
      member: DORA,
      bytes: GB,
    }));
    const { pages, outbox } = world({ dropped });
    await outbox.compareNow(KEEPER.device);
    // He never says less, so it ends by itself.
    expect(pages.length).toBe(401);
  });
});
