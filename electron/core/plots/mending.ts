import type { Async } from '../../../shared/async.ts';
import type { PlotId } from '../../../shared/ids.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import { dropStrays } from '../database/durable-file.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Logger } from '../ports.ts';
import { despiteDisk, isDiskError } from './disk-faults.ts';
import { adoptLost, type MendOptions, reconcile, settle, type Unsettled } from './mend.ts';
import { areBooksOlder, booksMark, takeNothingForOver, writeBooksMark } from './older-books.ts';
import type { PaperSeal } from './plot-paper.ts';
import type { PlotStore } from './plot-store.ts';

/** When `mend.ts` does what: how far the books and the volume of the offer are known to say the same. */
export type Mending = {
  /** Another volume: nobody has looked yet at what lies there, nor for which books. */
  readonly begin: () => Promise<void>;
  /**
   * What a crash left, what older books don't know, and, if it `compares`, one plot in turn: that takes as long as there is data in it. Once a
   * minute. Throws what the disk says.
   */
  readonly mend: (folder: string, how: { readonly compares: boolean }) => Promise<void>;
  /** Writes down on the volume how far the books have come. */
  readonly mark: (folder: string) => Promise<void>;
  /** It is known whether these books are the newest. */
  readonly isTrusted: () => boolean;
  /** Since this start: they came from a copy, or had to be begun anew; 'perhaps': nobody knows. */
  readonly wereBooksOlder: () => boolean | 'perhaps';
};

/** A disk that fails for a moment is asked again with the next chores; a mark that it never gives back is lost. */
const MARK_READS_MAX = 3;
/** Books that come from a copy of an hour ago are known for it; a drive that sleeps is not woken for more. */
const MARKED_EVERY_S = 600;

type VolumeState = {
  /** How far the books had come when they met it first. */
  readonly sinceS: number;
  /** How far, by the mark that was written there last. */
  markedS: number | undefined;
  /** Plots that the books did not know are known now. */
  isAdopted: boolean;
  /** It is known whether these books are the newest. */
  isTrusted: boolean;
  /** It is newer than these books; 'perhaps': nobody knows, and nothing is taken for over either. */
  isNewer: boolean | 'perhaps';
  /** How often the disk has not let its mark be read. */
  unread: number;
};

export async function openMending({
  ledger,
  plots,
  moment,
  seal,
  logger,
  isVolumeThere,
  onOlderBooks,
}: {
  readonly ledger: Async<Ledger>;
  readonly plots: Pick<PlotStore, 'ifAlone' | 'ifPaperAlone' | 'forget' | 'takeUnsettled'>;
  readonly moment: () => Moment;
  readonly seal: PaperSeal;
  readonly logger: Logger;
  readonly isVolumeThere: () => Promise<boolean>;
  readonly onOlderBooks: (() => Promise<void>) | undefined;
}): Promise<Mending> {
  // Read before anything is served: later there are uploads of this run among them.
  const [halfDone, papers] = await Promise.all([ledger.unsettled(), ledger.unsettledPapers()]);
  let unsettled: Unsettled | undefined = { ...halfDone, papers };
  const options: MendOptions = {
    ledger,
    moment,
    logger,
    plots,
    isVolumeThere,
  };
  let checkedLast: PlotId | undefined;
  let isComparing = false;
  let volume = await newVolume();
  let wereOlder: VolumeState['isNewer'] = false;

  /** What is known of the volume of the offer, before anybody has looked at it. */
  async function newVolume(): Promise<VolumeState> {
    const sinceS = await ledger.serviceS();
    return {
      sinceS,
      markedS: undefined,
      isAdopted: false,
      isTrusted: false,
      isNewer: false,
      unread: 0,
    };
  }

  /** One plot per minute is compared with the disk, in turn. */
  async function reconcileNext(folder: string): Promise<void> {
    // A large plot on a slow drive takes longer than a minute; more of them at once would take longer still.
    if (isComparing) return;
    isComparing = true;
    try {
      const next = await ledger.nextPlot({ after: checkedLast, moment: moment() });
      checkedLast = next?.plot;
      if (next !== undefined && next.state !== 'released')
        await reconcile(next.plot, folder, options);
    } finally {
      isComparing = false;
    }
  }

  /** The very first thing on a volume: whether the books are older than what lies there. */
  async function areOlder(folder: string, here: VolumeState): Promise<VolumeState['isNewer']> {
    if (here.markedS !== undefined) return false;
    // What the disk did not let us end goes on; but what was deleted since then is meant.
    if (here.isNewer !== false) return here.isNewer;
    const isNewer = await doesMarkSayOlder(folder, here);
    // What was pulled out while it was looked at has no mark either, and nobody knows what its mark says.
    if (isNewer === false && !(await isVolumeThere()))
      throw Object.assign(new Error('the volume is gone'), { code: 'ENODEV' });
    if (isNewer === false) return false;
    logger.error(
      isNewer === 'perhaps'
        ? 'how far the books had come can’t be read: nothing is taken for over'
        : 'the books are older than the plots, from a copy or begun anew: nothing is taken for over',
    );
    wereOlder = wereOlder === true || isNewer;
    await takeNothingForOver(ledger, moment);
    await onOlderBooks?.();
    here.isNewer = isNewer;
    if (unsettled !== undefined) unsettled = { ...unsettled, removals: [] };
    return isNewer;
  }

  async function doesMarkSayOlder(
    folder: string,
    here: VolumeState,
  ): Promise<VolumeState['isNewer']> {
    try {
      return await areBooksOlder(folder, here.sinceS, seal);
    } catch (error) {
      here.unread += 1;
      if (!isDiskError(error) || here.unread < MARK_READS_MAX) throw error;
      return 'perhaps';
    }
  }

  /** After it was taken for what it is, and then as service time goes on. */
  async function markBooks(folder: string): Promise<void> {
    const serviceS = await ledger.serviceS();
    const here = volume;
    const { markedS } = here;
    if (markedS !== undefined && serviceS < markedS + MARKED_EVERY_S) return;
    if (markedS === undefined) await dropStrays(booksMark(folder));
    await writeBooksMark(folder, serviceS, seal);
    here.markedS = serviceS;
  }

  /** Before anybody can ask: else he would hear that what has come since the copy is not there. */
  async function reconcileAll(folder: string, isNewer: true | 'perhaps'): Promise<void> {
    // A disk that has lost its mark may have lost what is missing too, and then whose it was has to hear so.
    const how = { ...options, areOlder: isNewer === true };
    for (const { plot, state } of await ledger.plots({ owner: undefined, moment: moment() }))
      if (state !== 'released')
        await despiteDisk(logger, 'a plot could not be compared with the disk', () =>
          reconcile(plot, folder, how),
        );
  }

  async function mend(folder: string, { compares }: { readonly compares: boolean }): Promise<void> {
    const here = volume;
    const isNewer = await areOlder(folder, here);
    const late = plots.takeUnsettled();
    if (unsettled !== undefined || late.length > 0) {
      const { uploads = [], removals = [], papers: ofPapers = [] } = unsettled ?? {};
      unsettled = undefined;
      // What the disk would not let us look at is looked at again.
      unsettled = await settle(
        { uploads: [...uploads, ...late], removals, papers: ofPapers },
        folder,
        options,
      );
    }
    if (!here.isAdopted)
      here.isAdopted = (await adoptLost(folder, { ...options, seal })) && (await isVolumeThere());
    if (isNewer !== false) await reconcileAll(folder, isNewer);
    here.isTrusted = true;
    if (compares) await reconcileNext(folder);
  }

  return {
    begin: async () => {
      volume = await newVolume();
    },
    mend,
    mark: markBooks,
    isTrusted: () => volume.isTrusted,
    wereBooksOlder: () => wereOlder,
  };
}
