import { releaseAll } from '../../memory.ts';

/**
 * Memory of packs that have arrived, for the next ones. New memory for each would cost the system as much as sealing
 * what goes into it, and comes back late.
 */
export type Shelf = {
  readonly put: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly take: () => Uint8Array<ArrayBuffer> | undefined;
};

const KEPT_MAX = 2;

export function createShelf(): Shelf {
  const kept: Uint8Array<ArrayBuffer>[] = [];
  return {
    put: (bytes) => {
      if (kept.length < KEPT_MAX) kept.push(bytes);
      else releaseAll(bytes);
    },
    take: () => kept.pop(),
  };
}
