import { describe, expect, test } from 'vitest';
import { openHoldingsBook } from '../../../electron/core/client/holdings/holdings-book.ts';
import {
  openKeptBook,
  openReciprocalGround,
  VERIFIED_FOR_S,
} from '../../../electron/core/reciprocity/kept-book.ts';
import {
  createKeptKeeper,
  type Look,
  type MyPlot,
} from '../../../electron/core/reciprocity/kept-keeper.ts';
import type { AnyReason, Granted } from '../../../shared/model/allocate.ts';
import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import type { Policy } from '../../../shared/model/policy.ts';
import { DAY_S, GB } from '../../../shared/units.ts';
import { openTestLedger, testOwnerId, testPlotId } from '../../fakes/test-ledger.ts';

const BEN = testOwnerId(1);
const CLEO = testOwnerId(2);
const NOW_S = 100 * DAY_S;

/** Three plots of mine: two at Ben's, one at Cleo's, with what their keepers say is written. */
function books() {
  const { sql } = openTestLedger();
  const holdings = openHoldingsBook(sql);
  const hold = (number: number, host: OwnerId, writtenBytes: bigint) => {
    const plot = testPlotId(number);
    const granted = {
      plot,
      size: 100n * GB,
      class: 'guaranteed',
      ttl: 9,
      grace: 9,
      receipt: { signed: '', signature: '' },
    } as unknown as Granted;
    holdings.keep({ host, granted, askedAtMs: 0 });
    sql.prepare('UPDATE holdings SET written = ? WHERE plot = ?').run(writtenBytes, plot);
    return plot;
  };
  const plots = [hold(1, BEN, 10n * GB), hold(2, BEN, 20n * GB), hold(3, CLEO, 40n * GB)] as const;
  const kept = openKeptBook(sql);
  const ground = openReciprocalGround(sql);
  const held = (owner: OwnerId, { serviceS = NOW_S, why = [] as readonly AnyReason[] } = {}) =>
    ground.evidence({
      owner,
      request: undefined,
      plot: undefined,
      why,
      gathered: undefined,
      moment: { nowMs: 0, serviceS },
    });
  const look = (plot: PlotId, host: OwnerId, knownBytes: bigint, passed = true, serviceS = NOW_S) =>
    kept.noteLook({ plot, host, knownBytes, passed, serviceS });
  return { sql, holdings, kept, plots, held, look };
}

describe('what a friend keeps for me', () => {
  test('is what was verified: the lesser of what he says and what I know', () => {
    const { plots, held, look } = books();
    expect(held(BEN)).toEqual({ heldBytes: 0n });
    look(plots[0], BEN, 15n * GB);
    expect(held(BEN)).toEqual({ heldBytes: 10n * GB });
    look(plots[1], BEN, 7n * GB);
    expect(held(BEN)).toEqual({ heldBytes: 17n * GB });
    expect(held(CLEO)).toEqual({ heldBytes: 0n });
  });

  test('is never more than he has promised: old lists of packs make nothing of it', () => {
    const { sql, plots, held, look } = books();
    sql.prepare('UPDATE holdings SET written = ? WHERE plot = ?').run(900n * GB, plots[0]);
    look(plots[0], BEN, 900n * GB);
    expect(held(BEN)).toEqual({ heldBytes: 100n * GB });
  });

  test('counts for a week of service, and not a second longer', () => {
    const { plots, held, look } = books();
    look(plots[0], BEN, 10n * GB);
    expect(held(BEN, { serviceS: NOW_S + VERIFIED_FOR_S - 1 })).toEqual({ heldBytes: 10n * GB });
    expect(held(BEN, { serviceS: NOW_S + VERIFIED_FOR_S })).toEqual({ heldBytes: 0n });
  });

  test('is nothing once a look failed, until one succeeds again', () => {
    const { plots, held, look } = books();
    look(plots[0], BEN, 10n * GB);
    look(plots[0], BEN, 0n, false, NOW_S + 10);
    expect(held(BEN)).toEqual({ heldBytes: 0n });
    look(plots[0], BEN, 10n * GB, true, NOW_S + 20);
    expect(held(BEN)).toEqual({ heldBytes: 10n * GB });
  });

  test('is what he points at, of his own: others’ plots, and such as are nobody’s, add nothing', () => {
    const { plots, held, look } = books();
    look(plots[0], BEN, 10n * GB);
    look(plots[1], BEN, 20n * GB);
    look(plots[2], CLEO, 40n * GB);
    const claim = (...claimed: readonly PlotId[]) =>
      held(BEN, { why: [{ kind: 'reciprocal', plots: [...claimed] }] });
    expect(claim(plots[0])).toEqual({ heldBytes: 10n * GB });
    expect(claim(plots[2], testPlotId(99))).toEqual({ heldBytes: 0n });
    expect(claim(plots[0], plots[0], plots[1], plots[2])).toEqual({ heldBytes: 30n * GB });
  });

  test('is nothing where the plot is mine no longer, or somebody else keeps it', () => {
    const { plots, holdings, held, look } = books();
    look(plots[0], BEN, 10n * GB);
    look(plots[2], BEN, 40n * GB);
    expect(held(BEN)).toEqual({ heldBytes: 10n * GB });
    holdings.drop(plots[0]);
    expect(held(BEN)).toEqual({ heldBytes: 0n });
  });
});

/** A keeper whose friends answer what a test says. */
function keeper() {
  const state = {
    nowMs: 0,
    found: { knownBytes: 10n * GB, passed: true } as Look,
    policy: { guards: {}, grounds: [{ kind: 'reciprocal', ratio: 1 }] } as Policy,
    plots: [{ plot: testPlotId(1), host: BEN, writtenBytes: 10n * GB }] as readonly MyPlot[],
    looks: 0,
    notes: [] as unknown[],
    forgotten: [] as PlotId[],
  };
  const keeps = createKeptKeeper({
    book: {
      noteLook: async (look) => void state.notes.push(look),
      kept: async () => [
        { plot: testPlotId(7), host: BEN, knownBytes: 1n, passedS: 1, failed: false },
      ],
      forget: async (plot) => void state.forgotten.push(plot),
    },
    ledger: { policy: async () => ({ policy: state.policy, own: true }) },
    plots: async () => state.plots,
    look: async () => {
      state.looks += 1;
      return state.found;
    },
    serviceS: () => 5,
    monotonicMs: () => state.nowMs,
  });
  return { state, lookDue: keeps.lookDue };
}
const HOUR_MS = 3_600_000;

describe('looking into plots of mine', () => {
  test('is done once a day where it counts, and written down', async () => {
    const { state, lookDue } = keeper();
    await lookDue();
    await lookDue();
    expect(state.looks).toBe(1);
    expect(state.notes).toEqual([
      { plot: testPlotId(1), host: BEN, knownBytes: 10n * GB, passed: true, serviceS: 5 },
    ]);
    state.nowMs += 24 * HOUR_MS;
    await lookDue();
    expect(state.looks).toBe(2);
  });

  test('is not done for friends to whom it makes no difference', async () => {
    const { state, lookDue } = keeper();
    state.policy = { guards: {}, grounds: [{ kind: 'always' }] };
    await lookDue();
    expect(state.looks).toBe(0);
  });

  test.each([
    ['nobody answered', undefined, 0],
    ['something was missing', { knownBytes: 0n, passed: false }, 1],
    ['there was nothing yet', { knownBytes: 0n, passed: true }, 1],
  ])('is done again within the hour when %s', async (_what, found, notes) => {
    const { state, lookDue } = keeper();
    state.found = found;
    await lookDue();
    expect(state.notes.length).toBe(notes);
    state.nowMs += HOUR_MS;
    await lookDue();
    expect(state.looks).toBe(2);
  });

  test('is done sooner when much came to lie there', async () => {
    const { state, lookDue } = keeper();
    await lookDue();
    state.plots = state.plots.map((each) => ({ ...each, writtenBytes: 10n * GB + 1n }));
    await lookDue();
    expect(state.looks).toBe(1);
    state.plots = state.plots.map((each) => ({ ...each, writtenBytes: 12n * GB }));
    state.nowMs += HOUR_MS;
    await lookDue();
    expect(state.looks).toBe(2);
  });

  test('is not done each minute because its keeper says more each minute', async () => {
    const { state, lookDue } = keeper();
    for (let minute = 0; minute < 180; minute += 1) {
      state.plots = state.plots.map((each) => ({ ...each, writtenBytes: each.writtenBytes * 2n }));
      await lookDue();
      state.nowMs += 60_000;
    }
    expect(state.looks).toBe(3);
  });

  test('forgets plots that are mine no longer', async () => {
    const { state, lookDue } = keeper();
    await lookDue();
    expect(state.forgotten).toEqual([testPlotId(7)]);
  });
});
