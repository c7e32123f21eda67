import { describe, expect, it } from 'vitest';
import { createLookIn } from '../../../../electron/core/client/holdings/look-in.ts';
import type { Holding } from '../../../../electron/core/client/holdings/holdings-book.ts';
import type { Friend } from '../../../../electron/core/friends/friend-book.ts';
import { fault } from '../../../../shared/fault.ts';
import { failed, ok } from '../../../../shared/result.ts';
import type { PlotId } from '../../../../shared/ids.ts';
import { until } from '../../../fakes/homes.ts';
import { testOwnerId, testPlotId } from '../../../fakes/test-ledger.ts';

const BEN = testOwnerId(2);
const PLOT = testPlotId(1);
const HOUR_MS = 3_600_000;

const ben: Friend = {
  owner: BEN,
  name: 'Ben',
  petName: undefined,
  sinceMs: 0,
  lastContactMs: 0,
  blocked: false,
  departed: false,
  givenAddress: undefined,
  leavingServiceS: undefined,
  leavesMs: undefined,
  told: undefined,
  devices: [],
};
const holding: Holding = {
  plot: PLOT,
  host: BEN,
  class: 'guaranteed',
  sizeBytes: 1000n,
  writtenBytes: 0n,
  untilMs: 0,
  graceS: 0,
  leavesMs: undefined,
  set: undefined,
};

/** Ben's device, on or off, asked by a keeper with a clock that a test puts on. */
function world() {
  const dropped: PlotId[] = [];
  const state = {
    nowMs: 0,
    isOn: true,
    calls: 0,
    written: 0n,
    untilMs: 0,
    noted: [] as PlotId[],
    changes: 0,
    dropped,
    ended: false,
    isWhole: true,
    told: undefined as Friend['told'],
    /** What happens while his answer about the share is on its way. */
    onTheWay: () => undefined as void,
    /** How a plot stands that another device of mine has asked for. */
    other: undefined as 'active' | 'released' | undefined,
  };
  const silence = () => failed(fault('unreachable', { friend: 'Ben', detail: 'off' }));
  const lookIn = createLookIn({
    peers: {
      plots: async () => {
        state.calls += 1;
        const plot = {
          plot: PLOT,
          class: 'guaranteed',
          state: state.ended ? 'released' : 'active',
          size: 1000n,
          written: 700n,
          ttl: 1,
          grace: 1,
        } as const;
        const { other, isWhole } = state;
        const others =
          other === undefined ? [] : [{ ...plot, plot: testPlotId(3), state: other } as const];
        return state.isOn ? ok({ plots: [plot, ...others], isWhole }) : silence();
      },
      share: async () => {
        state.onTheWay();
        return state.isOn
          ? ok({ shareBytes: 5000n, useBytes: 1000n, mayAskBytes: 10n })
          : silence();
      },
    },
    friends: {
      friend: () => ({ ...ben, told: state.told }),
      person: () => ({ ...ben, told: state.told }),
    },
    holdings: {
      // Two plots there are one friend to ask.
      holdings: async () => [holding, { ...holding, plot: testPlotId(2) }],
      noteSeen: async ({ plot, writtenBytes, untilMs }) => {
        state.noted.push(plot);
        state.written = writtenBytes;
        state.untilMs = untilMs;
      },
      drop: async (plot) => void state.dropped.push(plot),
    },
    clock: { nowMs: () => state.nowMs, monotonicMs: () => state.nowMs },
    onChange: () => {
      state.changes += 1;
    },
  });
  return { state, lookIn };
}

describe('looking in on friends who keep something', () => {
  it('asks at first and then every six hours, and keeps what they say', async () => {
    const { state, lookIn } = world();
    expect(lookIn.share(BEN)).toBeUndefined();
    await lookIn.lookDue();
    await lookIn.lookDue();
    expect(state).toMatchObject({ calls: 1, written: 700n, changes: 1 });
    expect(lookIn.share(BEN)).toMatchObject({ shareBytes: 5000n, useBytes: 1000n });
    state.nowMs = 6 * HOUR_MS;
    await lookIn.lookDue();
    expect(state.calls).toBe(2);
  });

  it('takes the host’s word for how long a lease runs, whatever a wrong clock had made of it', async () => {
    const { state, lookIn } = world();
    state.nowMs = 365 * 24 * HOUR_MS;
    await lookIn.lookDue();
    expect(state.untilMs).toBe(state.nowMs + 1000);
  });

  it('asks again in an hour where nobody answered', async () => {
    const { state, lookIn } = world();
    state.isOn = false;
    await lookIn.lookDue();
    state.nowMs = HOUR_MS - 1;
    await lookIn.lookDue();
    expect(state).toMatchObject({ calls: 1, changes: 0 });
    state.nowMs = HOUR_MS;
    state.isOn = true;
    await lookIn.lookDue();
    expect(state).toMatchObject({ calls: 2, changes: 1 });
  });

  it('forgets what has ended there, and nothing while nobody answers', async () => {
    const { state, lookIn } = world();
    state.isOn = false;
    await lookIn.lookDue();
    expect(state.dropped).toEqual([]);
    state.isOn = true;
    state.nowMs = HOUR_MS;
    await lookIn.lookDue();
    // The friend has never heard of the second, or knows it no more.
    expect(state.dropped).toEqual([testPlotId(2)]);
    state.ended = true;
    state.nowMs = 7 * HOUR_MS;
    await lookIn.lookDue();
    expect(state.dropped).toContain(PLOT);
  });

  it('tells what is there of another device of mine, for as long as it is', async () => {
    const { state, lookIn } = world();
    state.other = 'active';
    await lookIn.lookDue();
    expect(lookIn.elsewhere()).toMatchObject([{ plot: testPlotId(3), writtenBytes: 700n }]);
    state.other = 'released';
    state.nowMs = 6 * HOUR_MS;
    await lookIn.lookDue();
    expect(lookIn.elsewhere()).toEqual([]);
  });

  it('believes nobody what he says of a plot that lies at another’s', async () => {
    const { state, lookIn } = world();
    state.other = 'active';
    await lookIn.lookDue();
    expect(state.noted).toEqual([PLOT]);
  });

  it('forgets nothing while one of several devices is silent', async () => {
    const { state, lookIn } = world();
    state.isWhole = false;
    await lookIn.lookDue();
    expect(state).toMatchObject({ calls: 1, written: 700n, dropped: [] });
  });

  it('asks at once when a friend says that something changed, and not all the time', async () => {
    const { state, lookIn } = world();
    await lookIn.lookDue();
    state.nowMs = 10_000;
    for (let at = 0; at < 100; at += 1) lookIn.news(BEN);
    await until(() => (state.calls === 2 ? true : undefined));
    lookIn.news(BEN);
    await lookIn.lookDue();
    expect(state.calls).toBe(2);
    state.nowMs = 20_000;
    await until(async () => {
      await lookIn.lookDue();
      return state.calls === 3 ? true : undefined;
    });
  });

  it('believes the later of what a friend answered and what he told', async () => {
    const { state, lookIn } = world();
    state.nowMs = 1000;
    await lookIn.lookDue();
    state.told = { shareBytes: 7n, useBytes: 1n, mayAskBytes: 1n, atMs: 999 };
    expect(lookIn.share(BEN)).toMatchObject({ shareBytes: 5000n });
    state.told = { shareBytes: 8n, useBytes: 1n, mayAskBytes: 1n, atMs: 1001 };
    expect(lookIn.share(BEN)).toMatchObject({ shareBytes: 8n });
  });

  it('takes what he tells while an older answer is on its way for the newer', async () => {
    const { state, lookIn } = world();
    state.nowMs = 1000;
    state.onTheWay = () => {
      state.told = { shareBytes: 8n, useBytes: 1n, mayAskBytes: 1n, atMs: 1500 };
      state.nowMs = 2000;
    };
    await lookIn.lookDue();
    expect(lookIn.share(BEN)).toMatchObject({ shareBytes: 8n });
  });

  it('does not ask twice at once', async () => {
    const { state, lookIn } = world();
    await Promise.all([lookIn.lookDue(), lookIn.lookDue()]);
    expect(state.calls).toBe(1);
  });
});
