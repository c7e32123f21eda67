import { afterEach, expect, test, vi } from 'vitest';
import type { PlotPapers } from '../../../../electron/core/backup/plot-papers.ts';
import {
  EARLIER_BYTES_MAX,
  PLOTS_MAX,
  readBooks,
  readPlots,
} from '../../../../electron/core/backup/recovery/read-books.ts';
import type {
  StoreOptions,
  StoreResult,
} from '../../../../electron/core/backup/repository/repository-store.ts';
import type { PlotId } from '../../../../shared/ids.ts';
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

afterEach(() => vi.restoreAllMocks());

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

test('whoever is slow with one plot keeps nothing out that lies in another', async () => {
  const content = new Uint8Array(1000);
  const quick = papersOf(1000n, content);
  // Says nothing until it is given up.
  const never = ({ signal }: StoreOptions = {}) =>
    new Promise<StoreResult<never>>((resolve) => {
      const give = () => resolve(failed({ code: 'cancelled' }));
      if (signal?.aborted === true) give();
      else signal?.addEventListener('abort', give, { once: true });
    });
  const slow: PlotPapers = {
    ...quick,
    read: (_name, options) => never(options),
    versions: (_name, options) => never(options),
  };
  const [first, second, third] = [testPlotId(1), testPlotId(2), testPlotId(3)];
  const missed: PlotId[] = [];
  const taken: PlotId[] = [];
  await readPlots(
    [
      { plot: first, papers: slow, withEarlier: true },
      { plot: second, papers: quick, withEarlier: true },
      { plot: third, papers: undefined, withEarlier: true },
    ],
    {
      clock: { nowMs: () => 1, monotonicMs: () => performance.now() },
      withinMs: 300,
      signal: new AbortController().signal,
      onRead: ({ plot: at }, found) => {
        if (found?.isWhole !== true) missed.push(at);
        return found?.books ?? [];
      },
      take: async (books) => void taken.push(...books.map(({ plot: at }) => at)),
    },
  );
  expect(missed).toEqual([first, third]);
  expect(taken).toEqual(Array.from({ length: PAPER_VERSIONS_MAX }, () => second));
});

test('a plot from which something was left out for lack of room is not read to its end, unless it had all the room there is', async () => {
  const content = new Uint8Array(1000);
  const some = await readBooks(papersOf(1000n, content), plot, { ...wish, bytesMax: 2500 });
  expect(some.isWhole).toBe(false);
  const large = new Uint8Array(4 * 1024 * 1024);
  const all = await readBooks(papersOf(BigInt(large.length), large), plot, wish);
  expect(all).toMatchObject({ isWhole: true });
  expect(all.books.length).toBeLessThan(PAPER_VERSIONS_MAX);
});

test('each plot has its part of the time that is left, and no more of them are read than anybody has', async () => {
  const given = vi.spyOn(AbortSignal, 'timeout');
  const papers = papersOf(1000n, new Uint8Array(1000));
  const read = async (count: number, elapsedMs: number) => {
    given.mockClear();
    let nowMs = 5000;
    let plots = 0;
    await readPlots(
      Array.from({ length: count }, () => ({ plot, papers, withEarlier: false })),
      {
        clock: { nowMs: () => 1, monotonicMs: () => nowMs },
        withinMs: 60_000,
        signal: new AbortController().signal,
        onRead: () => {
          plots += 1;
          nowMs += elapsedMs;
          return [];
        },
        take: async () => undefined,
      },
    );
    return { plots, given: given.mock.calls.map(([ms]) => ms) };
  };
  expect(await read(3, 0)).toEqual({ plots: 3, given: [20_000, 30_000, 60_000] });
  expect(await read(3, 20_000)).toEqual({ plots: 3, given: [20_000, 20_000, 20_000] });
  expect(await read(2, 70_000)).toEqual({ plots: 2, given: [30_000, 0] });
  expect(await read(PLOTS_MAX + 1, 0)).toMatchObject({ plots: PLOTS_MAX });
});
