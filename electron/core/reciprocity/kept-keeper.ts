import type { Async } from '../../../shared/async.ts';
import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import { DAY_MS, HOUR_MS } from '../../../shared/units.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { KeptBook } from './kept-book.ts';

/**
 * Once a day a few random objects of each plot of mine are fetched whole, wherever what is kept there would count
 * for its keeper. Whoever holds a fraction d of them passes c looks with d to the power of c.
 */
export type KeptKeeper = { readonly lookDue: () => Promise<void> };

/** A plot of mine at a friend's. */
export type MyPlot = {
  readonly plot: PlotId;
  readonly host: OwnerId;
  readonly writtenBytes: bigint;
};

/** What a look found; undefined: the friend could not be asked, which says nothing. */
export type Look = { readonly knownBytes: bigint; readonly passed: boolean } | undefined;

const EVERY_MS = DAY_MS;
/** Nobody answered, something was missing, or there was nothing yet. */
const AGAIN_MS = HOUR_MS;

export function createKeptKeeper({
  book,
  ledger,
  plots,
  look,
  serviceS,
  monotonicMs,
}: {
  readonly book: Async<KeptBook>;
  readonly ledger: Pick<Async<Ledger>, 'policy'>;
  readonly plots: () => Promise<readonly MyPlot[]>;
  /** Fetches a few objects of the plot and compares them with what I know of it. */
  readonly look: (plot: MyPlot) => Promise<Look>;
  readonly serviceS: () => number;
  readonly monotonicMs: () => number;
}): KeptKeeper {
  const nextMs = new Map<PlotId, number>();
  const seenBytes = new Map<PlotId, bigint>();
  const lookedMs = new Map<PlotId, number>();
  let isLooking = false;

  async function doesCount(host: OwnerId): Promise<boolean> {
    const { policy } = await ledger.policy({ owner: host });
    return policy.grounds.some(({ kind }) => kind === 'reciprocal');
  }

  /**
   * Much came to lie there since: he need not wait a day until it counts. How much that is he says himself, so he
   * can't have this device fetch all day by saying more each minute.
   */
  function hasGrown({ plot, writtenBytes }: MyPlot): boolean {
    const before = seenBytes.get(plot);
    const sinceMs = monotonicMs() - (lookedMs.get(plot) ?? Number.NEGATIVE_INFINITY);
    return before !== undefined && writtenBytes > before + before / 10n && sinceMs >= AGAIN_MS;
  }

  async function lookAt(mine: MyPlot): Promise<void> {
    const { plot, host } = mine;
    nextMs.set(plot, monotonicMs() + AGAIN_MS);
    seenBytes.set(plot, mine.writtenBytes);
    lookedMs.set(plot, monotonicMs());
    const found = await look(mine);
    if (found === undefined) return;
    await book.noteLook({ plot, host, ...found, serviceS: serviceS() });
    if (found.passed && found.knownBytes > 0n) nextMs.set(plot, monotonicMs() + EVERY_MS);
  }

  async function lookDue(): Promise<void> {
    const mine = await plots();
    const there = new Set(mine.map(({ plot }) => plot));
    for (const { plot } of await book.kept()) if (!there.has(plot)) await book.forget(plot);
    for (const each of mine) {
      const nowMs = monotonicMs();
      const isDue = nowMs >= (nextMs.get(each.plot) ?? nowMs) || hasGrown(each);
      if (isDue && (await doesCount(each.host))) await lookAt(each);
    }
  }

  return {
    lookDue: async () => {
      // One after the other: it is a favour to nobody to fetch from all friends at once.
      if (isLooking) return;
      isLooking = true;
      try {
        await lookDue();
      } finally {
        isLooking = false;
      }
    },
  };
}
