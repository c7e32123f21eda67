import type { Readable } from 'node:stream';
import type { PlotId } from '../../../shared/ids.ts';

/**
 * Uploads under way, by plot. A plot that is taken off the disk may still be written to by somebody
 * who began before it ended; what he wrote after that would lie there for good, on nobody's account.
 */
export type Arrivals = {
  /** `take` is given the body, which may be broken off while it is read. */
  readonly during: <T>(
    plot: PlotId,
    upload: (take: (body: Readable) => Readable) => Promise<T>,
  ) => Promise<T>;
  /** Breaks off what is arriving for a plot; resolves when none of it is written any more. */
  readonly stop: (plot: PlotId) => Promise<void>;
};

type Arrival = { readonly breakOff: () => void; readonly ended: Promise<unknown> };

export function createArrivals(): Arrivals {
  const arriving = new Map<PlotId, Set<Arrival>>();

  function begin(plot: PlotId, arrival: Arrival): () => void {
    const others = arriving.get(plot) ?? new Set();
    arriving.set(plot, others.add(arrival));
    return () => {
      others.delete(arrival);
      if (others.size === 0) arriving.delete(plot);
    };
  }

  return {
    during: async (plot, upload) => {
      let body: Readable | undefined;
      let isBroken = false;
      const breakOff = () => {
        isBroken = true;
        body?.destroy();
      };
      const ended = upload((taken) => {
        body = taken;
        // Room had been set aside, and the plot ended before the first byte was asked for.
        if (isBroken) taken.destroy();
        return taken;
      });
      const end = begin(plot, { breakOff, ended });
      try {
        return await ended;
      } finally {
        end();
      }
    },
    stop: async (plot) => {
      const now = [...(arriving.get(plot) ?? [])];
      for (const { breakOff } of now) breakOff();
      await Promise.allSettled(now.map(({ ended }) => ended));
    },
  };
}
