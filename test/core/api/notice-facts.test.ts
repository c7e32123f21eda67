import { expect, test } from 'vitest';
import { plotFacts } from '../../../electron/core/api/notice-facts.ts';
import type { Holding } from '../../../electron/core/client/holdings/holdings-book.ts';
import { judgeNotices } from '../../../shared/notices/judge.ts';
import { NOON_MS, nothingTold, quiet } from '../../fakes/notice-facts.ts';
import { testOwnerId, testPlotId } from '../../fakes/test-ledger.ts';

const BOOK_BYTES = 2048n;
const spare: Holding = {
  plot: testPlotId(1),
  host: testOwnerId(2),
  class: 'guaranteed',
  sizeBytes: 1_000_000n,
  writtenBytes: BOOK_BYTES,
  untilMs: NOON_MS + 1000,
  graceS: 0,
  set: undefined,
  leavesMs: undefined,
};

test('a lease that ends is an alarm where something is kept, and none where only an address book lies', () => {
  const told = (holding: Holding) => {
    const mine = [{ ...plotFacts(holding, BOOK_BYTES), name: 'Ben' }];
    return judgeNotices(nothingTold, quiet({ mine }), NOON_MS).notices.map(({ kind }) => kind);
  };
  expect(told(spare)).toEqual([]);
  // The one that lies there is older.
  expect(told({ ...spare, writtenBytes: BOOK_BYTES - 1024n })).toEqual([]);
  expect(told({ ...spare, writtenBytes: BOOK_BYTES + 1024n })).toEqual([]);
  expect(told({ ...spare, writtenBytes: BOOK_BYTES + 1n })).toEqual(['lease-ends']);
  expect(told({ ...spare, writtenBytes: 100n * BOOK_BYTES })).toEqual(['lease-ends']);
  expect(told({ ...spare, set: 'letters' })).toEqual(['lease-ends']);
});
