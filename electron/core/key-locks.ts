/** Work on one key happens one after the other, on different keys at the same time. */
export type KeyLocks = {
  readonly run: <T>(key: string, work: () => Promise<T>) => Promise<T>;
  /** `undefined`: somebody is at it. For whoever must not wait for as long as a friend takes to send something. */
  readonly runIfFree: <T>(key: string, work: () => Promise<T>) => Promise<T> | undefined;
};

export function createKeyLocks(): KeyLocks {
  const tails = new Map<string, Promise<unknown>>();

  async function run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = tails.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    tails.set(key, mine);
    try {
      return await mine;
    } finally {
      if (tails.get(key) === mine) tails.delete(key);
    }
  }

  return {
    run,
    runIfFree: (key, work) => (tails.has(key) ? undefined : run(key, work)),
  };
}
