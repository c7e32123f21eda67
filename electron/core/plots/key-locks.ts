/** Work on one key happens one after the other, on different keys at the same time. */
export type KeyLocks = { readonly run: <T>(key: string, work: () => Promise<T>) => Promise<T> };

export function createKeyLocks(): KeyLocks {
  const tails = new Map<string, Promise<unknown>>();
  return {
    run: async (key, work) => {
      const before = tails.get(key) ?? Promise.resolve();
      const mine = before.then(work, work);
      tails.set(key, mine);
      try {
        return await mine;
      } finally {
        if (tails.get(key) === mine) tails.delete(key);
      }
    },
  };
}
