import { describe, expect, it } from 'vitest';
import { startLeaseKeeper } from '../../../electron/core/client/lease-keeper.ts';
import type { FriendRegistry } from '../../../electron/core/friends/friend-registry.ts';
import type { Answer } from '../../../shared/model/allocate.ts';
import {
  BORROWED_GRACE_S,
  BORROWED_LEASE_S,
  GUARANTEED_GRACE_S,
  GUARANTEED_LEASE_S,
} from '../../../shared/model/plot.ts';
import type { Peers } from '../../../electron/core/client/peers.ts';
import { ok } from '../../../shared/result.ts';
import { testOwnerId, testPlotId } from '../../fakes/test-ledger.ts';

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
    peers: {
      renew: async (_host: unknown, _plot: unknown, { want }: { readonly want: number }) => {
        state.asked.push(state.nowMs);
        state.wants.push(want);
        return ok(says === 'wanted' ? denied : granted());
      },
    } as unknown as Peers,
    friends: { friend: () => ({ departed: false, devices: [] }) } as unknown as FriendRegistry,
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
          set: undefined,
        },
      ],
      holding: async () => undefined,
      keep: async ({ granted: { ttl }, askedAtMs }) => {
        state.untilMs = askedAtMs + ttl * 1000;
      },
      noteWritten: async () => undefined,
      drop: async () => undefined,
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
