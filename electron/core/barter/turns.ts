/**
 * Mathematics that takes milliseconds a piece, on the thread that serves everybody: one piece in each turn of the event
 * loop, whoever wants how many at once, so that nobody else waits longer than for one.
 */
export type Turns = {
  readonly take: <T>(work: () => T) => Promise<T>;
};

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
  return {
    take: (work) => {
      const mine = last.then(nextTurn).then(work);
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}
