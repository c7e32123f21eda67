import { beforeEach, describe, expect, it } from 'vitest';
import type { Holding } from '../../../../electron/core/client/holdings/holdings-book.ts';
import { startLeaseKeeper } from '../../../../electron/core/client/holdings/lease-keeper.ts';
import type { Friend, FriendDevice } from '../../../../electron/core/friends/friend-book.ts';
import { fault } from '../../../../shared/fault.ts';
import { failed } from '../../../../shared/result.ts';
import { testOwnerId, testPlotId } from '../../../fakes/test-ledger.ts';

const HOUR_MS = 3_600_000;
const YEAR_MS = 8760 * HOUR_MS;
const BEN = testOwnerId(2);

/** A plot at Ben's whose lease is over; Ben is off, and every call to him is counted. */
function world() {
  const state = {
    nowMs: 10 * YEAR_MS,
    ranMs: 0,
    calls: 0,
    ben: { owner: BEN, name: 'Ben', departed: false, devices: [] } as unknown as Friend,
  };
  const keeper = startLeaseKeeper({
    upkeep: {
      renewMany: async (_host, plots) => {
        state.calls += 1;
        const off = failed(fault('unreachable', { friend: 'Ben', detail: 'off' }));
        return new Map(plots.map((plot) => [plot, off]));
      },
      errands: async () => [],
      runErrands: async () => 0,
    },
    friends: { person: () => state.ben } as never,
    holdings: {
      holdings: async () => [{ plot: testPlotId(1), host: BEN, untilMs: state.nowMs } as Holding],
    } as never,
    clock: { nowMs: () => state.nowMs, monotonicMs: () => state.ranMs },
  });
  return { state, renewDue: keeper.renewDue };
}

let at: ReturnType<typeof world>;
beforeEach(() => {
  at = world();
});

describe('a lease at a friend who does not answer', () => {
  it('is asked for again every hour, also when the clock is put back a year meanwhile', async () => {
    await at.renewDue();
    await at.renewDue();
    expect(at.state.calls).toBe(1);
    at.state.nowMs -= YEAR_MS;
    at.state.ranMs += HOUR_MS;
    await at.renewDue();
    expect(at.state.calls).toBe(2);
  });
});

describe('a lease at a friend who ends the friendship', () => {
  const device = (leavesMs: number | undefined, revoked = false) =>
    ({ leavesMs, revoked }) as FriendDevice;
  const askedOf = async (leavesMs: number | undefined, ...devices: readonly FriendDevice[]) => {
    at.state.ben = { ...at.state.ben, leavesMs, devices };
    await at.renewDue();
    return at.state.calls === 1;
  };

  it('is not asked for any more', async () => {
    expect(await askedOf(1, device(1), device(undefined, true))).toBe(false);
  });

  it('nor of one who left without a word', async () => {
    expect(await askedOf(1, device(undefined))).toBe(false);
  });

  it('is asked for while one of his devices goes on', async () => {
    expect(await askedOf(1, device(1), device(undefined))).toBe(true);
  });

  it('and until the last of them ends it', async () => {
    expect(await askedOf(1, device(1), device(at.state.nowMs + 2 * HOUR_MS))).toBe(true);
  });
});
