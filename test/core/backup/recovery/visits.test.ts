import { expect, test } from 'vitest';
import { EARLIER_BYTES_MAX, plotAt } from '../../../../electron/core/backup/recovery/read-books.ts';
import { createVisits } from '../../../../electron/core/backup/recovery/visits.ts';
import type { OwnerId, PlotId } from '../../../../shared/ids.ts';
import { PAPER_BYTES_MAX } from '../../../../shared/model/plot.ts';
import { failed, ok } from '../../../../shared/result.ts';
import { testOwnerId, testPlotId } from '../../../fakes/test-ledger.ts';

const earlier = (count: number) =>
  Array.from({ length: count }, (_, version) => ({
    version,
    bytes: BigInt(PAPER_BYTES_MAX),
    fromAgoS: 9,
    untilAgoS: 5,
    goesInS: 99,
  }));

/** Of which plots books are taken in, each time, from a friend who keeps so many with so many earlier books in each. */
async function plotsTaken(
  count: number,
  versionsAt: (plot: PlotId) => number,
): Promise<readonly (readonly PlotId[])[]> {
  const content = new Uint8Array(PAPER_BYTES_MAX);
  const taken: (readonly PlotId[])[] = [];
  const ben = { owner: testOwnerId(1), name: 'Ben', departed: false, devices: [] };
  const plots = Array.from({ length: count }, (_, at) => ({
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
    papersAt: (_host, plot) => ({
      read: async () => ok(content),
      write: async () => ok(undefined),
      versions: async () => ok({ versions: earlier(versionsAt(plot)) }),
      readVersion: async () => ok(content),
    }),
    isOnline: () => true,
    intake: {
      take: async () => ok('known'),
      takeSeen: async (books) => {
        taken.push(books.map(({ plot }) => plot));
        return [];
      },
    },
    ask: async () => undefined,
    clock: { nowMs: () => 1, monotonicMs: () => 1 },
    signal: new AbortController().signal,
  });
  await visits.look();
  return taken;
}

/** How many books each time. */
async function takenFrom(count: number, versions: number): Promise<readonly number[]> {
  return (await plotsTaken(count, () => versions)).map(({ length }) => length);
}

const sumOf = (taken: readonly number[]) => taken.reduce((sum, each) => sum + each, 0);

test('a friend who says that he keeps very many plots with large books fills no memory with them', async () => {
  const taken = await takenFrom(60, 0);
  // Each of them is looked at all the same.
  expect(sumOf(taken)).toBe(60);
  expect(Math.max(...taken) * PAPER_BYTES_MAX).toBeLessThanOrEqual(3 * EARLIER_BYTES_MAX);
});

test('a friend who says that he keeps thousands of plots is asked for some, and for no more of what lay there before than if it were one', async () => {
  expect(sumOf(await takenFrom(2000, 0))).toBe(256);
  const earlierFit = EARLIER_BYTES_MAX / PAPER_BYTES_MAX;
  expect(sumOf(await takenFrom(20, 64))).toBe(20 + earlierFit);
});

test('whoever fills some plots with large books keeps nothing out that lay in another before', async () => {
  const [quiet, versions] = [testPlotId(4), 64];
  const taken = await plotsTaken(4, (plot) => (plot === quiet ? 1 : versions));
  const at = plotAt(testOwnerId(1), quiet);
  // The one that lies there, and the one before it.
  expect(taken.flat().filter((plot) => plot === at)).toHaveLength(2);
});

test('what one friend says of a plot keeps nobody from hearing what lay in it at the one who keeps it', async () => {
  const people = [1, 2].map((at) => ({
    owner: testOwnerId(at),
    name: `Friend ${at}`,
    departed: false,
    devices: [],
  }));
  const [liar, keeper] = [testOwnerId(1), testOwnerId(2)];
  const status = { plot: testPlotId(1), state: 'active', class: 'guaranteed', size: 1n, grace: 0 };
  const seen = new Set<PlotId>();
  const taken: (readonly PlotId[])[] = [];
  const visits = createVisits({
    identity: { replaces: undefined, fromWords: true },
    friends: { friends: () => people, others: () => [] } as never,
    holdings: { holdings: async () => [] },
    book: {
      places: async () => new Map(),
      hasSeenAll: async (plot: PlotId) => seen.has(plot),
      sawAll: async (plot: PlotId) => void seen.add(plot),
    } as never,
    peers: { plots: async () => ok({ plots: [status], isWhole: true }) } as never,
    papersAt: ({ owner }) => ({
      read: async () => ok(new Uint8Array(1)),
      write: async () => ok(undefined),
      versions: async () => ok({ versions: owner === keeper ? earlier(3) : [] }),
      readVersion: async () => ok(new Uint8Array(1)),
    }),
    isOnline: (owner) => owner === liar || seen.size > 0,
    intake: {
      take: async () => ok('known'),
      takeSeen: async (books) => {
        taken.push(books.map(({ plot }) => plot));
        return [];
      },
    },
    ask: async () => undefined,
    clock: { nowMs: () => 1, monotonicMs: () => 1 },
    signal: new AbortController().signal,
  });
  await visits.look();
  await visits.look();
  const there = plotAt(keeper, status.plot);
  expect(taken).toEqual([[plotAt(liar, status.plot)], [there, there, there, there]]);
});

test('what was seen of a plot by an earlier version was seen', async () => {
  const plots = [1, 2].map((at) => ({
    plot: testPlotId(at),
    state: 'active',
    class: 'guaranteed',
    size: 1n,
    grace: 0,
  }));
  const ben = { owner: testOwnerId(1), name: 'Ben', departed: false, devices: [] };
  const first: unknown[] = [];
  const visits = createVisits({
    identity: { replaces: undefined, fromWords: true },
    friends: { friends: () => [ben], others: () => [] } as never,
    holdings: { holdings: async () => [] },
    book: {
      places: async () => new Map(),
      hasSeenAll: async (plot: PlotId) => plot === testPlotId(1),
      sawAll: async () => undefined,
    } as never,
    peers: { plots: async () => ok({ plots, isWhole: true }) } as never,
    papersAt: () => ({
      read: async () => ok(new Uint8Array(1)),
      write: async () => ok(undefined),
      versions: async () => ok({ versions: [] }),
      readVersion: async () => ok(new Uint8Array(1)),
    }),
    isOnline: () => true,
    intake: {
      take: async () => ok('known'),
      takeSeen: async (books) => {
        first.push(...books.map(({ plot, isFirst }) => [plot, isFirst]));
        return [];
      },
    },
    ask: async () => undefined,
    clock: { nowMs: () => 1, monotonicMs: () => 1 },
    signal: new AbortController().signal,
  });
  await visits.look();
  // Else what came before this machine's eyes would make others doubtful.
  const at = (plot: number) => plotAt(ben.owner, testPlotId(plot));
  expect(first).toEqual([
    [at(1), false],
    [at(2), true],
  ]);
});

test('a friend who lists other plots each time fills no books with them', async () => {
  const ben = { owner: testOwnerId(1), name: 'Ben', departed: false, devices: [] };
  let nowMs = 1;
  let listed = 0;
  let marked = 0;
  const visits = createVisits({
    identity: { replaces: undefined, fromWords: true },
    friends: { friends: () => [ben], others: () => [] } as never,
    holdings: { holdings: async () => [] },
    book: {
      places: async () => new Map(),
      hasSeenAll: async () => false,
      sawAll: async () => {
        marked += 1;
      },
    } as never,
    peers: {
      plots: async () => {
        const plots = Array.from({ length: 256 }, () => {
          listed += 1;
          const [state, plot] = ['active', testPlotId(listed)];
          return { plot, state, class: 'guaranteed', size: 1n, grace: 0 };
        });
        return ok({ plots, isWhole: false });
      },
    } as never,
    papersAt: () => ({
      read: async () => failed({ code: 'not-found' }),
      write: async () => ok(undefined),
      versions: async () => ok({ versions: [] }),
      readVersion: async () => failed({ code: 'not-found' }),
    }),
    isOnline: () => true,
    intake: { take: async () => ok('known'), takeSeen: async () => [] },
    ask: async () => undefined,
    clock: { nowMs: () => nowMs, monotonicMs: () => nowMs },
    signal: new AbortController().signal,
  });
  for (let visit = 0; visit < 8; visit += 1) {
    await visits.look();
    nowMs += 300_000;
  }
  expect(listed).toBe(8 * 256);
  expect(marked).toBe(1000);
});

test('a friend who gives no answer keeps nobody else from being heard', async () => {
  const people = [1, 2].map((at) => ({ owner: testOwnerId(at), departed: false, devices: [] }));
  const [mute] = people;
  let give: (said: ReturnType<typeof ok<{ plots: never[]; isWhole: boolean }>>) => void = () =>
    undefined;
  const heard: OwnerId[] = [];
  const visits = createVisits({
    identity: { replaces: undefined, fromWords: true },
    friends: { friends: () => people, others: () => [] } as never,
    holdings: { holdings: async () => [{ host: testOwnerId(2) }] } as never,
    book: { places: async () => new Map() } as never,
    peers: {
      plots: (host: { readonly owner: OwnerId }) =>
        host.owner === mute?.owner
          ? new Promise((resolve) => {
              give = resolve;
            })
          : Promise.resolve(ok({ plots: [], isWhole: true })),
    } as never,
    papersAt: () => undefined,
    isOnline: () => true,
    intake: { take: async () => ok('known'), takeSeen: async () => [] },
    ask: async (owner) => void heard.push(owner),
    clock: { nowMs: () => 1, monotonicMs: () => 1 },
    signal: new AbortController().signal,
  });
  const looked = visits.look();
  await expect.poll(() => heard).toEqual([testOwnerId(2)]);
  give(ok({ plots: [], isWhole: true }));
  await looked;
});
