/** One after the other, for each set: what writes to its copies, completes or repairs them. */
export type Turns = {
  /** Waits for its turn; undefined: the signal came first. */
  readonly take: <T>(
    set: string,
    signal: AbortSignal,
    work: () => Promise<T>,
  ) => Promise<T | undefined>;
  readonly isTaken: (set: string) => boolean;
};

export function createTurns(): Turns {
  const last = new Map<string, Promise<void>>();

  return {
    isTaken: (set) => last.has(set),
    take: async (set, signal, work) => {
      const before = last.get(set);
      let end: () => void = () => undefined;
      const mine = new Promise<void>((resolve) => {
        end = resolve;
      });
      // Whoever comes next waits for everybody before him, also for one who gives up waiting.
      const all = Promise.all([before, mine]).then(() => undefined);
      last.set(set, all);
      void all.then(() => {
        if (last.get(set) === all) last.delete(set);
      });
      try {
        if (before !== undefined) await endOf(before, signal);
        return signal.aborted ? undefined : await work();
      } finally {
        end();
      }
    },
  };
}

function endOf(before: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const onAbort = () => resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    void before.then(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
  });
}
