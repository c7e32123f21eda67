import { expect, it } from 'vitest';
import { openHoldingsBook } from '../../../../electron/core/client/holdings/holdings-book.ts';
import { openDatabase } from '../../../../electron/core/database/open-database.ts';
import type { Granted } from '../../../../shared/model/allocate.ts';
import { testOwnerId, testPlotId } from '../../../fakes/test-ledger.ts';

const [BEN, CARL] = [testOwnerId(1), testOwnerId(2)];

function granted(size: bigint, ttl: number): Granted {
  return {
    type: 'granted',
    plot: testPlotId(1),
    size,
    class: 'guaranteed',
    ttl,
    expiresAt: '',
    serverTime: '',
    grace: 10,
    renewFrom: 1,
    share: { useBytes: 0n, mayAskBytes: 0n },
    steps: [],
    receipt: { signed: '', signature: '' },
  };
}

it('writes down nothing of what a friend grants of a plot that lies at another’s', () => {
  const opened = openDatabase(':memory:');
  if (!opened.ok) throw new Error(opened.fault.code);
  const book = openHoldingsBook(opened.value);
  book.keep({ host: BEN, granted: granted(1000n, 50), askedAtMs: 0 });
  // Its lease would not be renewed any more, and another size would be counted on.
  book.keep({ host: CARL, granted: granted(1n, 1_000_000), askedAtMs: 0, set: 'Photos' });
  const before = { host: BEN, sizeBytes: 1000n, untilMs: 50_000, set: undefined };
  expect(book.holdings()).toEqual([expect.objectContaining(before)]);
  book.keep({ host: BEN, granted: granted(2000n, 60), askedAtMs: 0, set: 'Music' });
  expect(book.holdings()).toEqual([
    expect.objectContaining({ host: BEN, sizeBytes: 2000n, untilMs: 60_000 }),
  ]);
});
