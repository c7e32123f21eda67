import { describe, expect, it } from 'vitest';
import { createWishKeeper } from '../../../../electron/core/client/asking/wish-keeper.ts';
import type { Wish } from '../../../../electron/core/client/asking/wish-book.ts';
import type { Friend } from '../../../../electron/core/friends/friend-book.ts';
import type { DenialCode } from '../../../../shared/denial.ts';
import { type Fault, fault } from '../../../../shared/fault.ts';
import type { PlotId, TicketId } from '../../../../shared/ids.ts';
import type { Answer } from '../../../../shared/model/allocate.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { GB } from '../../../../shared/units.ts';
import { until } from '../../../fakes/homes.ts';
import { testOwnerId, testPlotId } from '../../../fakes/test-ledger.ts';

const BEN = testOwnerId(2);
const TICKET = 'a'.repeat(26) as TicketId;
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
const wanted = {
  host: BEN,
  sizeBytes: GB,
  durationS: 86_400,
  set: 'photos',
  plot: undefined,
} as const;
const pends = (why: 'queue' | 'owner-approval' = 'queue'): Answer => ({
  type: 'pending',
  ticket: TICKET,
  pollAfter: 600,
  why,
});
const denial = (code: DenialCode, final = false): Answer => ({
  type: 'denied',
  reasons: [{ code, ground: 'request', params: {} }],
  final,
  steps: [],
});
const grant: Answer = {
  type: 'granted',
  plot: testPlotId(1),
  size: GB,
  class: 'guaranteed',
  ttl: 86_400,
  expiresAt: '',
  serverTime: '',
  grace: 1,
  renewFrom: 1,
  share: { useBytes: 0n, mayAskBytes: 0n },
  steps: [],
  receipt: { signed: '', signature: '' },
};

/** Something of mine pends at Ben's; what he says next is up to the test. */
async function world() {
  const rows = new Map<TicketId, Wish>();
  const state = {
    nowMs: 0,
    polls: 0,
    says: ok(pends()) as Result<Answer, Fault>,
    kept: [] as PlotId[],
    released: [] as PlotId[],
  };
  const keeper = createWishKeeper({
    book: {
      wishes: async () => [...rows.values()],
      keep: async (wish) => void rows.set(wish.ticket, wish),
      drop: async (ticket) => void rows.delete(ticket),
    },
    peers: {
      poll: async () => {
        state.polls += 1;
        return state.says;
      },
      withdraw: async () => ok(undefined),
      release: async (_host, plot) => {
        state.released.push(plot);
        return ok({ leavesInS: undefined });
      },
    },
    friends: { person: () => ben },
    holdings: { keep: async ({ granted }) => void state.kept.push(granted.plot) },
    clock: { nowMs: () => state.nowMs, monotonicMs: () => state.nowMs },
    onChange: () => undefined,
  });
  await keeper.note(pends(), wanted);
  return { state, rows, keeper };
}

describe('what pends at a friend’s', () => {
  it('is asked about when he said, and a yes becomes a plot of mine', async () => {
    const { state, rows, keeper } = await world();
    await keeper.askDue();
    expect(state.polls).toBe(0);
    state.nowMs = 600_000;
    state.says = ok(grant);
    await keeper.askDue();
    expect(state.kept).toEqual([testPlotId(1)]);
    expect(rows.size).toBe(0);
  });

  it.each(['rate-limited', 'shutting-down', 'volume-missing'] as const)(
    'waits on where his device says %s: that is no answer',
    async (code) => {
      const { state, rows, keeper } = await world();
      state.says = ok(denial(code));
      await keeper.askDue(true);
      expect(rows.size).toBe(1);
      state.says = ok(denial('owner-said-no', true));
      await keeper.askDue(true);
      expect(rows.size).toBe(0);
    },
  );

  it('waits on while he is not there', async () => {
    const { state, rows, keeper } = await world();
    state.says = failed(fault('unreachable', { friend: 'Ben', detail: 'off' }));
    await keeper.askDue(true);
    expect(rows.size).toBe(1);
  });

  it('is asked about at once when he has news, but not ten times a second', async () => {
    const { state, keeper } = await world();
    keeper.news(testOwnerId(3));
    keeper.news(BEN);
    await until(() => (state.polls > 0 ? true : undefined));
    keeper.news(BEN);
    keeper.news(BEN);
    expect(state.polls).toBe(1);
    // What he said in between is not forgotten, though his own word was to ask in ten minutes.
    await keeper.askDue(false);
    state.nowMs += 10_000;
    await until(async () => {
      await keeper.askDue();
      return state.polls === 2 ? true : undefined;
    });
  });

  it('is the same wish for the same purpose, and for no other', async () => {
    const { state, keeper } = await world();
    expect(await keeper.again({ ...wanted, set: 'letters' })).toBeUndefined();
    expect(await keeper.again(wanted)).toEqual(ok(pends()));
    state.says = ok(grant);
    expect(await keeper.again(wanted)).toEqual(ok(grant));
    expect(state.kept).toHaveLength(1);
    expect(await keeper.again(wanted)).toBeUndefined();
  });

  it('is let go when it was granted before it was withdrawn, and nobody had heard it', async () => {
    const { state, rows, keeper } = await world();
    state.says = ok(grant);
    expect(await keeper.withdraw(TICKET)).toBe(true);
    expect(rows.size).toBe(0);
    expect(state.released).toEqual([testPlotId(1)]);
    expect(await keeper.withdraw(TICKET)).toBe(false);
  });
});
