import { expect, test } from 'vitest';
import { EARLIER_BYTES_MAX } from '../../../../electron/core/backup/recovery/read-books.ts';
import { createVisits } from '../../../../electron/core/backup/recovery/visits.ts';
import { PAPER_BYTES_MAX } from '../../../../shared/model/plot.ts';
import { failed, ok } from '../../../../shared/result.ts';
import { testOwnerId, testPlotId } from '../../../fakes/test-ledger.ts';

test('a friend who says that he keeps very many plots with large books fills no memory with them', async () => {
  const content = new Uint8Array(PAPER_BYTES_MAX);
  const taken: number[] = [];
  const ben = { owner: testOwnerId(1), name: 'Ben', departed: false, devices: [] };
  const plots = Array.from({ length: 60 }, (_, at) => ({
    plot: testPlotId(at + 1),
    state: 'active',
    class: 'guaranteed',
    size: 1n,
    grace: 0,
  }));
  const visits = createVisits({
    identity: { replaces: undefined, fromWords: true },
    friends: { friends: () => [ben], others: () => [] } as never,
    holdings: { holdings: async () => [] },
    book: {
      places: async () => new Map(),
      hasSeenAll: async () => false,
      sawAll: async () => undefined,
    } as never,
    peers: { plots: async () => ok({ plots, isWhole: true }) } as never,
    papersAt: () => ({
      read: async () => ok(content),
      write: async () => ok(undefined),
      versions: async () => failed({ code: 'not-found' }),
      readVersion: async () => failed({ code: 'not-found' }),
    }),
    isOnline: () => true,
    intake: {
      take: async () => ok('known'),
      takeSeen: async (books) => {
        taken.push(books.length);
        return [];
      },
    },
    ask: async () => undefined,
    clock: { nowMs: () => 1, monotonicMs: () => 1 },
    signal: new AbortController().signal,
  });
  await visits.look();
  // Each of them is looked at all the same.
  expect(taken.reduce((sum, each) => sum + each, 0)).toBe(plots.length);
  expect(Math.max(...taken) * content.length).toBeLessThanOrEqual(3 * EARLIER_BYTES_MAX);
});
