/**
 * What changes by itself is told to screen readers at most once in ten seconds, or it would talk over everything else:
 * the newest sentence waits, older ones are dropped.
 */
const EVERY_MS = 10_000;

export type Announcer = {
  readonly announce: (sentence: string) => void;
  readonly subscribe: (listener: (sentence: string) => void) => () => void;
};

export function createAnnouncer(
  nowMs: () => number,
  later: (run: () => void, afterMs: number) => void,
): Announcer {
  const listeners = new Set<(sentence: string) => void>();
  let waiting: string | undefined;
  let isPlanned = false;
  let lastMs = Number.NEGATIVE_INFINITY;

  function tell(): void {
    isPlanned = false;
    if (waiting === undefined) return;
    lastMs = nowMs();
    for (const listener of listeners) listener(waiting);
    waiting = undefined;
  }

  return {
    announce: (sentence) => {
      waiting = sentence;
      if (isPlanned) return;
      isPlanned = true;
      later(tell, Math.max(0, lastMs + EVERY_MS - nowMs()));
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

export const announcer = createAnnouncer(
  () => performance.now(),
  (run, afterMs) => void setTimeout(run, afterMs),
);
