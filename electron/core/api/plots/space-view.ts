import { join } from 'node:path';
import type { SpaceView } from '../../../../shared/contract/space-views.ts';
import { positive } from '../../../../shared/policy/guards.ts';
import { objectPath } from '../../plots/object-file.ts';
import { type SpaceOnDisk, walkSpace } from '../../plots/space.ts';
import { plotFolder } from '../../plots/volume.ts';
import type { CoreParts } from '../core-parts.ts';

/**
 * "Where did my space go": the disk as it is, and beside it what is promised and not there yet. One walk at a
 * time; whoever asks during one hears what it finds, and one that took long is not begun again at once.
 */
export function createSpaceLook(parts: CoreParts): () => Promise<SpaceView> {
  let underWay: Promise<SpaceView> | undefined;
  let restUntilMs = Number.NEGATIVE_INFINITY;

  async function look(): Promise<SpaceView> {
    const sinceMs = parts.clock.monotonicMs();
    const view = await spaceView(parts);
    const tookMs = parts.clock.monotonicMs() - sinceMs;
    restUntilMs = tookMs < QUICK_MS ? Number.NEGATIVE_INFINITY : sinceMs + tookMs * (1 + RESTS);
    return view;
  }

  return () => {
    if (underWay !== undefined && parts.clock.monotonicMs() < restUntilMs) return underWay;
    const begun = look();
    underWay = begun;
    restUntilMs = Number.POSITIVE_INFINITY;
    // What failed is nothing to rest on.
    begun.catch(() => {
      restUntilMs = Number.NEGATIVE_INFINITY;
    });
    return begun;
  };
}

/** A walk through millions of files takes minutes, and nobody needs its figures by the second. */
const QUICK_MS = 1000;
const RESTS = 5;

const NOTHING: SpaceOnDisk = {
  dataBytes: 0n,
  arrivingBytes: 0n,
  leavingBytes: 0n,
  overheadBytes: 0n,
  onDiskBytes: 0n,
};

async function spaceView({ hosting, ledger, moment, clock }: CoreParts): Promise<SpaceView> {
  const offer = hosting.offer();
  const disk = await hosting.disk();
  const asOfMs = clock.nowMs();
  let found = NOTHING;
  if (offer !== undefined && disk.volumePresent) {
    const { folder } = offer;
    const [rows, { removals }] = await Promise.all([
      ledger.plots({ moment: moment() }),
      ledger.unsettled(),
    ]);
    const states = new Map<string, 'living' | 'leaving'>(
      rows.map(({ plot, state }) => [plot, state === 'released' ? 'leaving' : 'living']),
    );
    found = await walkSpace(folder, {
      stands: (plot) => states.get(plot),
      removals: new Set(
        removals.map(({ plot, type, name }) =>
          join(plotFolder(folder, plot), 'repository', objectPath(type, name)),
        ),
      ),
    });
  }
  const { capacityBytes, promisedBytes, writtenBytes, outstandingBytes } = await ledger.totals({
    disk,
  });
  // It lies among the rest; where a file system compresses, its files may hold less than the books say.
  const keptBytes = await ledger.trashBytes();
  const trashBytes = keptBytes < found.dataBytes ? keptBytes : found.dataBytes;
  return {
    dataBytes: `${found.dataBytes - trashBytes}`,
    trashBytes: `${trashBytes}`,
    arrivingBytes: `${found.arrivingBytes}`,
    leavingBytes: `${found.leavingBytes}`,
    overheadBytes: `${found.overheadBytes}`,
    onDiskBytes: `${found.onDiskBytes}`,
    promisedBytes: `${positive(promisedBytes - writtenBytes)}`,
    outstandingBytes: `${outstandingBytes}`,
    freeBytes: `${positive(capacityBytes - promisedBytes - outstandingBytes)}`,
    offerBytes: `${offer?.offerBytes ?? 0n}`,
    asOfMs,
  };
}
