import { expect, test } from 'vitest';
import type { PlotPapers } from '../../../../electron/core/backup/plot-papers.ts';
import {
  EARLIER_BYTES_MAX,
  readBooks,
} from '../../../../electron/core/backup/recovery/read-books.ts';
import { failed, ok } from '../../../../shared/result.ts';
import { PAPER_VERSIONS_MAX } from '../../../../shared/model/plot.ts';
import { testPlotId } from '../../../fakes/test-ledger.ts';

/** Whoever keeps a plot, or pretends to, says how long the books are that lay there, and gives whatever he likes. */
const plot = testPlotId(1);

function papersOf(saidBytes: bigint, content: Uint8Array): PlotPapers {
  return {
    read: async () => failed({ code: 'not-found' }),
    write: async () => ok(undefined),
    versions: async () =>
      ok({
        versions: Array.from({ length: PAPER_VERSIONS_MAX }, (_, at) => ({
          version: at + 1,
          bytes: saidBytes,
          untilAgoS: 0,
          goesInS: 9,
        })),
      }),
    readVersion: async () => ok(content),
  };
}

const wish = { nowMs: 1, withEarlier: true };

test('books that are longer than was said take no more memory than others', async () => {
  const content = new Uint8Array(4 * 1024 * 1024);
  const read = await readBooks(papersOf(0n, content), plot, wish);
  const bytes = read.books.reduce((sum, each) => sum + each.content.length, 0);
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThanOrEqual(EARLIER_BYTES_MAX + content.length);
});

test('books that would be longer than there is room for are not fetched', async () => {
  const content = new Uint8Array(1000);
  const read = await readBooks(papersOf(1000n, content), plot, { ...wish, bytesMax: 2500 });
  expect(read.books).toHaveLength(2);
  const none = await readBooks(papersOf(1000n, content), plot, { ...wish, bytesMax: -1 });
  expect(none.books).toHaveLength(0);
});
