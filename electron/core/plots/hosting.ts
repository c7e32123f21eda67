import { rmdir } from 'node:fs/promises';
import type { Async } from '../../../shared/async.ts';
import { type Fault, fault } from '../../../shared/fault.ts';
import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import { shortName } from '../../../shared/words/short-name.ts';
import type { DiskFacts, Ledger, Offer } from '../ledger/ledger.ts';
import type { DiskSpace, Logger } from '../ports.ts';
import { QUIET_AFTER_START_S, type ServiceClock } from '../service-clock.ts';
import { openMending } from './mending.ts';
import { type Carry, createCarry } from './carry.ts';
import { createDiskFacts } from './disk-facts.ts';
import { despiteDisk } from './disk-faults.ts';
import { createExamine, type Examine } from './examine.ts';
import { bearable, findPlace, isTooLong, makeFolder } from './offer-place.ts';
import { type PaperSeal, readPaper } from './plot-paper.ts';
import { openPlotStore, type PlotStore } from './plot-store.ts';
import { plotFolder, prepareVolume, volumeOf } from './volume.ts';

/** This device as a host: its offer, the volume behind it, and the chores of every minute. */
export type Hosting = {
  readonly offer: () => Offer | undefined;
  /** What decisions rest on; at most a second old. */
  readonly disk: () => Promise<DiskFacts>;
  /** Since this start: they came from a copy, or had to be begun anew; 'perhaps': nobody knows. */
  readonly wereBooksOlder: () => boolean | 'perhaps';
  readonly diskSize: () => Promise<{ readonly freeBytes: bigint; readonly totalBytes: bigint }>;
  /** What a folder's disk can bear, before anything is offered there. */
  readonly look: (folder: string) => Promise<Result<OfferLook, Fault>>;
  readonly setOffer: (wish: OfferWish) => Promise<Result<Offer, Fault>>;
  readonly plots: PlotStore;
  /** Plots on disks that are carried. */
  readonly carry: Carry;
  /** Objects that their guest found damaged are read again. */
  readonly examine: Examine;
  /** Its guest has let go: unlike what the machine finds by itself, this needs no waiting. */
  readonly released: (plot: PlotId) => void;
  /** Counts service time, sweeps leases, mends, takes released plots off the disk. Once a minute. */
  readonly chores: () => Promise<void>;
  /** The same before anybody can ask, who would wait while a plot is compared with the disk. */
  readonly begin: () => Promise<void>;
};

export type OfferWish = Pick<Offer, 'folder' | 'offerBytes' | 'keepFreeBytes'> & {
  /** Makes the folder if the one above it is there. */
  readonly make?: boolean | undefined;
};
export type OfferLook = ReturnType<typeof bearable> & {
  readonly exists: boolean;
  readonly freeBytes: bigint;
  readonly totalBytes: bigint;
};

/** A friend reads it in a sentence. */
const DRIVE_CHARS = 32;
/** As many share a flush of the books; a few hundred files of somebody's keep no upload waiting for long. */
const PURGED_AT_ONCE = 64;
/** The rest waits for the next minute: a million files of somebody's stop neither leases nor the count of service time. */
const EMPTIES_FOR_MS = 20_000;

type HostingOptions = {
  readonly ledger: Async<Ledger>;
  readonly serviceClock: ServiceClock;
  readonly space: DiskSpace;
  readonly seal: PaperSeal;
  readonly logger: Logger;
  readonly onDiskFull?: ((owner: OwnerId) => void) | undefined;
  /** The books were older, and what they said of ends was struck out: whoever knows it from them reads it again. */
  readonly onOlderBooks?: (() => Promise<void>) | undefined;
};

export async function openHosting(options: HostingOptions): Promise<Hosting> {
  const { ledger, serviceClock, space, seal, logger } = options;
  const { moment } = serviceClock;
  let offer = await ledger.offer();
  const disk = createDiskFacts(() => offer, space);
  const plots = openPlotStore({
    ledger,
    offer: () => offer,
    disk: disk.read,
    moment,
    seal,
    logger,
    onDiskFull: options.onDiskFull,
  });
  const mending = await openMending({
    ledger,
    plots,
    moment,
    seal,
    logger,
    isVolumeThere,
    onOlderBooks: options.onOlderBooks,
  });

  /** Looked at now: a drive that was pulled out has lost nothing. */
  async function isVolumeThere(): Promise<boolean> {
    disk.forget();
    return (await disk.read()).volumePresent;
  }

  async function sweep(): Promise<void> {
    const isQuiet = serviceClock.sinceStartS() < QUIET_AFTER_START_S;
    const facts = await disk.read();
    const { toErase } = await ledger.sweep({
      moment: moment(),
      // Nor before it is known whether these books are the newest.
      mayEndOn: isQuiet || !mending.isTrusted() ? undefined : facts,
      disk: facts,
    });
    // Somebody let go of these; the hour's grace after a start (design §3.4) is for what goes by time.
    for (const plot of toErase)
      await despiteDisk(logger, 'a released plot is still on the disk', () => plots.erase(plot));
    if (!isQuiet && mending.isTrusted() && facts.volumePresent) await emptyTrash();
  }

  /** What has lain in the trash long enough; a whole prune of somebody's may come due at once. */
  async function emptyTrash(): Promise<void> {
    for (const paper of await ledger.duePaperVersions({ limit: PURGED_AT_ONCE, moment: moment() }))
      await despiteDisk(logger, 'what a paper was before is still on the disk', () =>
        plots.purgePaper(paper),
      );
    const untilMs = performance.now() + EMPTIES_FOR_MS;
    while (performance.now() < untilMs) {
      const due = await ledger.dueTrash({ limit: PURGED_AT_ONCE, moment: moment() });
      const purged = await Promise.all(due.map((key) => plots.purge(key)));
      if (due.length < PURGED_AT_ONCE || !purged.includes(true)) return;
    }
  }

  async function look(folder: string): Promise<Result<OfferLook, Fault>> {
    const place = await findPlace(folder);
    if (!place.ok) return place;
    const { exists, nearest } = place.value;
    const size = await space.read(nearest);
    if (size === undefined) return failed(fault('folder-unreadable', { folder }));
    const isOffered = offer !== undefined && exists && (await volumeOf(folder)) === offer.volume;
    const totals = isOffered ? await ledger.totals({ disk: await disk.read() }) : undefined;
    return ok({ exists, ...size, ...bearable(size, totals?.writtenBytes ?? 0n) });
  }

  /** Somebody took the marker away, or the disk lost it; what lies there is ours all the same, and by nothing else could anybody say so. */
  async function isMarkerLost(folder: string): Promise<boolean> {
    if (folder !== offer?.folder || (await volumeOf(folder)) !== undefined) return false;
    for (const { plot } of await ledger.plots({ owner: undefined, moment: moment() }))
      if ((await readPaper(plotFolder(folder, plot), seal))?.plot === plot) return true;
    return false;
  }

  async function setOffer({
    folder,
    offerBytes,
    keepFreeBytes,
    make = false,
  }: OfferWish): Promise<Result<Offer, Fault>> {
    if (isTooLong(folder)) return failed(fault('path-too-long', { folder }));
    let lost: string | undefined;
    if (offer !== undefined && (await volumeOf(folder)) !== offer.volume) {
      const held = await ledger.nextPlot({ after: undefined, moment: moment() });
      // Friends' data does not follow a setting by itself; moved by hand, its marker comes along.
      if (held !== undefined && !(await isMarkerLost(folder)))
        return failed(fault('plots-elsewhere', { folder: offer.folder }));
      if (held !== undefined) lost = offer.volume;
    }
    const made = make ? await makeFolder(folder) : ok(false);
    if (!made.ok) return made;
    const prepared = await prepareVolume(folder, lost);
    if (!prepared.ok) {
      // Nothing was offered, so nothing is left behind either.
      if (made.value) await rmdir(folder).catch(() => undefined);
      return prepared;
    }
    const next = { folder, offerBytes, keepFreeBytes, volume: prepared.value.volume };
    await ledger.setOffer(next);
    // Nobody has looked yet at what lies there, nor for which books.
    if (offer?.volume !== next.volume) await mending.begin();
    offer = next;
    disk.forget();
    return ok(next);
  }

  async function keep(how: { readonly compares: boolean }): Promise<void> {
    disk.forget();
    const { volumePresent } = await disk.read();
    serviceClock.tick(volumePresent);
    const folder = volumePresent ? offer?.folder : undefined;
    if (folder !== undefined)
      await despiteDisk(logger, 'plots could not be compared with the disk', () =>
        mending.mend(folder, how),
      );
    await sweep();
    if (folder !== undefined && mending.isTrusted())
      await despiteDisk(logger, 'the volume could not be marked', () => mending.mark(folder));
  }

  return {
    offer: () => offer,
    disk: disk.read,
    wereBooksOlder: mending.wereBooksOlder,
    diskSize: async () =>
      (offer && (await space.read(offer.folder))) ?? { freeBytes: 0n, totalBytes: 0n },
    look,
    setOffer,
    plots,
    carry: createCarry({ ledger, store: plots, ownFolder: () => offer?.folder ?? '' }),
    examine: createExamine({
      ledger,
      store: plots,
      driveName: async (folder) => {
        const label = await space.label?.(folder);
        return label === undefined ? undefined : shortName(label, DRIVE_CHARS);
      },
      isVolumeThere,
      moment,
      clock: { monotonicMs: () => performance.now() },
    }),
    released: (plot) => {
      plots.erase(plot).catch((error: unknown) =>
        // The sweep tries again.
        logger.warn('a released plot is still on the disk', { plot, error: String(error) }),
      );
    },
    chores: () => keep({ compares: true }),
    begin: () => keep({ compares: false }),
  };
}
