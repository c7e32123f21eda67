import type { DiskFacts, Offer } from '../ledger/ledger.ts';
import type { DiskSpace } from '../ports.ts';
import { isVolumePresent } from './volume.ts';

/** How the offer's disk stands: every decision rests on it, so it is looked at once for all that are made at the same time. */
export type LatestDisk = {
  readonly read: () => Promise<DiskFacts>;
  /** The next to ask looks at the disk itself. */
  readonly forget: () => void;
};

/** Free space changes with every upload; a decision may be this far behind it. */
const DISK_FACTS_MS = 1000;

export function createDiskFacts(offer: () => Offer | undefined, space: DiskSpace): LatestDisk {
  let readAtMs = 0;
  let facts: Promise<DiskFacts> | undefined;

  async function look(): Promise<DiskFacts> {
    const present = offer();
    if (present === undefined) return { volumePresent: false, freeBytes: 0n };
    const [isPresent, free] = await Promise.all([
      isVolumePresent(present.folder, present.volume),
      space.read(present.folder),
    ]);
    return isPresent && free !== undefined
      ? { volumePresent: true, freeBytes: free.freeBytes }
      : { volumePresent: false, freeBytes: 0n };
  }

  return {
    read: () => {
      if (facts === undefined || performance.now() - readAtMs > DISK_FACTS_MS) {
        readAtMs = performance.now();
        facts = look();
      }
      return facts;
    },
    forget: () => {
      facts = undefined;
    },
  };
}
