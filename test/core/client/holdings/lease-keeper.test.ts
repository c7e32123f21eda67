import { describe, expect, it } from 'vitest';
import { startLeaseKeeper } from '../../../../electron/core/client/holdings/lease-keeper.ts';
import type { FriendRegistry } from '../../../../electron/core/friends/friend-registry.ts';
import type { Answer } from '../../../../shared/model/allocate.ts';
import {
  BORROWED_GRACE_S,
  BORROWED_LEASE_S,
  GUARANTEED_GRACE_S,
  GUARANTEED_LEASE_S,
} from '../../../../shared/model/plot.ts';
import { ok } from '../../../../shared/result.ts';
import type { PlotId } from '../../../../shared/ids.ts';
import type { Errand } from '../../../../shared/wire/upkeep.ts';
import { testOwnerId, testPlotId } from '../../../fakes/test-ledger.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A plot of mine at Ben's, and when it is renewed as the days go by. */
function world(plotClass: 'guaranteed' | 'borrowed', says: Answer['type'] | 'wanted') {
  const isLent = plotClass === 'borrowed';
  const leaseS = isLent ? BORROWED_LEASE_S : GUARANTEED_LEASE_S;
  const state = { nowMs: 0, untilMs: leaseS * 1000, asked: [] as number[], wants: [] as number[] };
  const granted = () =>
    ({
      type: 'granted',
      plot: testPlotId(1),
      class: plotClass,
      ttl: leaseS,
    }) as Extract<Answer, { type: 'granted' }>;
  const denied: Answer = {
    type: 'denied',
    reasons: [{ code: 'lent-wanted', ground: 'request', params: {} }],
    final: false,
    steps: [],
  };
  const keeper = startLeaseKeeper({
    upkeep: {
      renewMany: async (_host, plots, { want }) => {
        state.asked.push(state.nowMs);
        state.wants.push(want);
        return new Map(
          plots.map((plot) => [plot, ok(says === 'wanted' ? denied : granted())] as const),
        );
      },
      errands: async () => [],
      runErrands: async () => 0,
    },
    friends: { person: () => ({ departed: false, devices: [] }) } as unknown as FriendRegistry,
    holdings: {
      holdings: async () => [
        {
          plot: testPlotId(1),
          host: testOwnerId(2),
          class: plotClass,
          sizeBytes: 1n,
          writtenBytes: 0n,
          untilMs: state.untilMs,
          graceS: isLent ? BORROWED_GRACE_S : GUARANTEED_GRACE_S,
          leavesMs: undefined,
          set: undefined,
        },
      ],
      keep: async ({ granted: { ttl }, askedAtMs }) => {
        state.untilMs = askedAtMs + ttl * 1000;
      },
    },
    clock: { nowMs: () => state.nowMs, monotonicMs: () => state.nowMs },
  });
  const hoursGoBy = async (hours: number) => {
    for (let hour = 0; hour < hours; hour += 1) {
      state.nowMs += HOUR_MS;
      await keeper.renewDue();
    }
  };
  return { state, hoursGoBy };
}

describe('my leases', () => {
  it('are renewed when half of them is left: a loan every half week, the others every two weeks', async () => {
    const loan = world('borrowed', 'granted');
    await loan.hoursGoBy(30 * 24);
    expect(loan.state.asked).toHaveLength(8);
    expect(loan.state.asked[0]).toBeGreaterThan(3 * DAY_MS);
    expect(new Set(loan.state.wants)).toEqual(new Set([BORROWED_LEASE_S]));
    const own = world('guaranteed', 'granted');
    await own.hoursGoBy(30 * 24);
    expect(own.state.asked).toHaveLength(1);
  });

  it('that somebody waits for are tried four times a day, until they are over', async () => {
    const { state, hoursGoBy } = world('borrowed', 'wanted');
    await hoursGoBy(7 * 24);
    const gaps = state.asked.slice(1).map((atMs, at) => atMs - (state.asked[at] ?? 0));
    expect(new Set(gaps)).toEqual(new Set([6 * HOUR_MS]));
    expect(state.asked.length).toBeGreaterThanOrEqual(14);
  });
});

/** Several plots at Ben's, and what others let me renew there. */
function manyPlots() {
  const state = {
    nowMs: 0,
    calls: [] as (readonly PlotId[])[],
    errands: [] as readonly Errand[],
    ran: [] as (readonly PlotId[])[],
    ttl: GUARANTEED_LEASE_S,
    held: [1, 2, 3].map((number) => ({
      plot: testPlotId(number),
      host: testOwnerId(2),
      class: 'guaranteed' as const,
      sizeBytes: 1n,
      writtenBytes: 0n,
      untilMs: 10 * DAY_MS,
      graceS: 0,
      leavesMs: undefined as number | undefined,
      set: undefined,
    })),
  };
  const keeper = startLeaseKeeper({
    upkeep: {
      renewMany: async (_host, plots) => {
        state.calls.push(plots);
        const answer = (plot: PlotId) =>
          ({ type: 'granted', plot, class: 'guaranteed', ttl: state.ttl }) as Answer;
        return new Map(plots.map((plot) => [plot, ok(answer(plot))]));
      },
      errands: async () => state.errands,
      runErrands: async (_host, plots) => {
        state.ran.push(plots);
        return plots.length;
      },
    },
    friends: { person: () => ({ departed: false, devices: [] }) } as unknown as FriendRegistry,
    holdings: { holdings: async () => state.held, keep: async () => undefined },
    clock: { nowMs: () => state.nowMs, monotonicMs: () => state.nowMs },
  });
  return { state, keeper };
}

describe('my leases at one friend', () => {
  it('are renewed in one call', async () => {
    const { state, keeper } = manyPlots();
    await keeper.renewDue();
    expect(state.calls).toEqual([state.held.map(({ plot }) => plot)]);
  });

  it('are left alone where my own list lets the plot go before the lease ends', async () => {
    const { state, keeper } = manyPlots();
    state.held[1] = { ...required(state.held[1]), leavesMs: 7 * DAY_MS };
    await keeper.renewDue();
    expect(state.calls).toEqual([[testPlotId(1), testPlotId(3)]]);
  });

  it('that get no longer are tried four times a day, not every hour', async () => {
    const { state, keeper } = manyPlots();
    // He ends what is over my share in ten days, so no answer reaches beyond.
    state.ttl = 10 * 86_400;
    for (let hour = 0; hour < 12; hour += 1) {
      await keeper.renewDue();
      state.nowMs += HOUR_MS;
      state.ttl -= 3600;
    }
    expect(state.calls).toHaveLength(2);
  });
});

describe('leases that others let me renew', () => {
  const errand = (number: number, ttl: number): Errand => ({
    plot: testPlotId(number),
    class: 'guaranteed',
    ttl,
    forS: 86_400,
  });

  it('are looked for only at friends who said that there are some', async () => {
    const { state, keeper } = manyPlots();
    state.errands = [errand(7, 86_400)];
    await keeper.renewDue();
    expect(state.ran).toEqual([]);
    keeper.errandsAt(testOwnerId(2));
    await keeper.renewDue();
    expect(state.ran).toEqual([[testPlotId(7)]]);
  });

  it('are renewed only when they are due, and looked for four times a day', async () => {
    const { state, keeper } = manyPlots();
    state.errands = [errand(7, 86_400), errand(8, GUARANTEED_LEASE_S)];
    for (let hour = 0; hour < 12; hour += 1) {
      keeper.errandsAt(testOwnerId(2));
      await keeper.renewDue();
      state.nowMs += HOUR_MS / 2;
    }
    expect(state.ran).toEqual([[testPlotId(7)]]);
  });
});

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it must be there');
  return value;
}
