import type { OwnerId } from '../../../shared/ids.ts';

/**
 * Which friends are reading back what they keep here, in memory only. Nothing in the ledger says so, and
 * somebody's restore on the worst of days must not be cut off by a host who had no way to know.
 */
export type Readers = {
  /** A read of data begins; call what it returns when it ends, however. */
  readonly begin: (owner: OwnerId) => () => void;
  readonly reads: (owner: OwnerId) => boolean;
  readonly close: () => void;
};

/** A restore is thousands of small reads; between two of them nobody stops reading. */
const QUIET_MS = 3000;

export function createReaders(onChange: () => void): Readers {
  const open = new Map<OwnerId, number>();
  const quiet = new Map<OwnerId, NodeJS.Timeout>();
  let isClosed = false;

  function reads(owner: OwnerId): boolean {
    return open.has(owner) || quiet.has(owner);
  }

  function end(owner: OwnerId): void {
    const left = (open.get(owner) ?? 1) - 1;
    if (left > 0) {
      open.set(owner, left);
      return;
    }
    open.delete(owner);
    if (isClosed) return;
    const timer = setTimeout(() => {
      quiet.delete(owner);
      onChange();
    }, QUIET_MS);
    quiet.set(owner, timer.unref());
  }

  return {
    begin: (owner) => {
      const isNew = !reads(owner);
      clearTimeout(quiet.get(owner));
      quiet.delete(owner);
      open.set(owner, (open.get(owner) ?? 0) + 1);
      if (isNew) onChange();
      let isOver = false;
      return () => {
        if (!isOver) end(owner);
        isOver = true;
      };
    },
    reads,
    close: () => {
      isClosed = true;
      for (const timer of quiet.values()) clearTimeout(timer);
      quiet.clear();
    },
  };
}
