import type { Clock } from '../ports.ts';

/**
 * Whoever sits in between has one guess in a million per pairing, so pairings that come to this device
 * are counted: so many from one network address, and so many in all, in any ten minutes. Those that
 * this device's owner begins are not; what was paired is given back, since two people have compared it.
 */
export type PairingAttempts = {
  /** Counts one; `undefined` if there were too many. What comes back takes the count back. */
  readonly begin: (address: string) => (() => void) | undefined;
};

export const ATTEMPTS_PER_ADDRESS = 5;
export const ATTEMPTS_IN_ALL = 20;
export const ATTEMPTS_WINDOW_MS = 600_000;

export function createPairingAttempts(clock: Pick<Clock, 'monotonicMs'>): PairingAttempts {
  // Never longer than there may be attempts in all.
  let lately: readonly { readonly address: string; readonly atMs: number }[] = [];

  return {
    begin: (address) => {
      const nowMs = clock.monotonicMs();
      lately = lately.filter(({ atMs }) => nowMs - atMs < ATTEMPTS_WINDOW_MS);
      const fromThere = lately.filter((each) => each.address === address).length;
      if (fromThere >= ATTEMPTS_PER_ADDRESS || lately.length >= ATTEMPTS_IN_ALL) return undefined;
      const attempt = { address, atMs: nowMs };
      lately = [...lately, attempt];
      return () => {
        lately = lately.filter((each) => each !== attempt);
      };
    },
  };
}
