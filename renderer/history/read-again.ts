/**
 * When a reading is repeated because something changed: at once if the last one is old enough, else
 * when it will be, and never while nobody can see it.
 */
export type ReadAgain = {
  /** Something changed; what was read may be out of date. */
  readonly changed: () => void;
  /** It can be seen (again), or not any more. */
  readonly seen: (isSeen: boolean) => void;
  readonly stop: () => void;
};

export function createReadAgain({
  everyMs,
  nowMs,
  later,
  read,
}: {
  readonly everyMs: number;
  readonly nowMs: () => number;
  /** Runs it after so long; returns how to think better of it. */
  readonly later: (run: () => void, afterMs: number) => () => void;
  readonly read: () => void;
}): ReadAgain {
  // Whoever makes this has just read.
  let lastMs = nowMs();
  let isStale = false;
  let isSeen = true;
  let cancel: (() => void) | undefined;

  function consider(): void {
    if (!isStale || !isSeen || cancel !== undefined) return;
    const waitMs = lastMs + everyMs - nowMs();
    if (waitMs > 0) {
      cancel = later(() => {
        cancel = undefined;
        consider();
      }, waitMs);
      return;
    }
    isStale = false;
    lastMs = nowMs();
    read();
  }

  return {
    changed: () => {
      isStale = true;
      consider();
    },
    seen: (now) => {
      isSeen = now;
      consider();
    },
    stop: () => {
      cancel?.();
      cancel = undefined;
      isSeen = false;
    },
  };
}
