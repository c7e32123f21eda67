import { describe, expect, it } from 'vitest';
import { isClosed } from '../../../electron/core/accounts/charge-book.ts';
import { GB } from '../../../shared/units.ts';
import { testOwnerId, testPlotId, testRequestId } from '../../fakes/test-ledger.ts';
import {
  ACCOUNT,
  chargedOf,
  deviceOfOwner,
  DORA,
  NOW_MS,
  openKeeper,
  testPromise,
} from './world.ts';

const BEN = testOwnerId(2);
const from = { owner: BEN, device: deviceOfOwner(BEN) };

function world() {
  const keeper = openKeeper();
  const { book } = keeper;
  book.setAccount({ account: ACCOUNT, planBytes: 100n * GB, members: [DORA], hosts: [BEN] });
  let promises = 0;
  const ask = { v: 1, account: ACCOUNT, bytes: GB } as const;
  return {
    keeper,
    end: (untilMs: number | null) => book.setAccount({ account: ACCOUNT, untilMs }),
    reserve: (atMs: number) => {
      promises += 1;
      const reservation = testPromise(`${promises}`);
      const reserved = book.reserve({ ...ask, reservation, member: DORA, from, atMs });
      return reserved.ok ? 'reserved' : reserved.fault.code;
    },
    ticket: (atMs: number) => {
      const issued = book.issue({
        ...ask,
        requestId: testRequestId(1),
        host: BEN,
        device: from.device,
        durationS: 3600,
        requestHash: 'h'.repeat(43),
        keeper: deviceOfOwner(BEN),
        member: DORA,
        newJti: testPromise('j'),
        atMs,
      });
      return issued.ok ? 'issued' : issued.fault.code;
    },
    uncovered: (atMs: number) => {
      const plots = [{ plot: testPlotId(1), account: ACCOUNT, member: DORA, bytes: GB }];
      return book.compare({ v: 1, seq: 5, after: null, upTo: null, plots, from, atMs }).uncovered;
    },
  };
}

describe('a plan with an end', () => {
  it('grants until then and nothing from then on, by ticket neither, and renews nothing', () => {
    const { end, reserve, ticket, uncovered } = world();
    end(NOW_MS + 1000);
    expect(reserve(NOW_MS + 999)).toBe('reserved');
    expect(uncovered(NOW_MS + 999)).toEqual([]);
    expect(reserve(NOW_MS + 1000)).toBe('account-closed');
    expect(ticket(NOW_MS + 1000)).toBe('account-closed');
    expect(uncovered(NOW_MS + 1000)).toEqual([testPlotId(1)]);
  });

  it('keeps charging what lies there, and gives again once it ends later, never, or the clock was wrong', () => {
    const { keeper, end, reserve, uncovered } = world();
    end(NOW_MS + 1000);
    uncovered(NOW_MS);
    const aYearMs = 365 * 86_400_000;
    expect(reserve(NOW_MS + aYearMs)).toBe('account-closed');
    expect(chargedOf(keeper)).toBe(GB);
    expect(reserve(NOW_MS)).toBe('reserved');
    for (const untilMs of [NOW_MS + 2 * aYearMs, null]) {
      end(untilMs);
      expect(reserve(NOW_MS + aYearMs)).toBe('reserved');
      expect(uncovered(NOW_MS + aYearMs)).toEqual([]);
    }
  });

  it('is closed when its keeper says so, whatever its end is', () => {
    expect(isClosed({ closed: true, untilMs: NOW_MS + 1 }, NOW_MS)).toBe(true);
    expect(isClosed({ closed: false, untilMs: undefined }, NOW_MS)).toBe(false);
  });
});
