import { createHash } from 'node:crypto';
import type { DeviceId, OwnerId, PlotId } from '../../../../shared/ids.ts';
import { PAPER_VERSIONS_MAX } from '../../../../shared/model/plot.ts';
import { toBase32 } from '../../identity/base32.ts';
import type { Clock } from '../../ports.ts';
import type { PlotPapers } from '../plot-papers.ts';
import type { StoreOptions, StoreResult } from '../repository/repository-store.ts';

/** An address book as it lies in a plot, or lay there. Untrusted bytes. */
export type LainBook = {
  /** Which plot, and at whose (`plotAt`). */
  readonly plot: PlotId;
  readonly content: Uint8Array;
  /**
   * Since when, by the word of whoever keeps it; one who does not say is taken at his latest. Of one look into a plot no two
   * have the same: in the order in which they are listed.
   */
  readonly fromMs: number;
  readonly isFirst: boolean;
};

/** What books that lay in plots may take of this machine's memory at once, beside those that lie there now. */
export const EARLIER_BYTES_MAX = 24 * 1024 * 1024;
/** However many plots somebody says he keeps, what lies in them is taken in before there is more of it than this. */
const TOGETHER_BYTES_MAX = 2 * EARLIER_BYTES_MAX;
/** All of one owner's at one place, and many more; whoever answers may list thousands. */
export const PLOTS_MAX = 256;

/**
 * Another name for a plot, of which each who says that he keeps it has his own: whatever a liar says lies in somebody else's, it
 * stands beside what lies there.
 */
export function plotAt(host: OwnerId | DeviceId, plot: PlotId): PlotId {
  const digest = createHash('sha256').update(`${host} ${plot}`).digest();
  return toBase32(digest.subarray(0, PLOT_BYTES)) as PlotId;
}

const PLOT_BYTES = 16;

export type ReadBooks = {
  /** The present one; its fault is whether there seems to be one. */
  readonly present: StoreResult<Uint8Array>;
  readonly books: readonly LainBook[];
  /** Nothing of what lies there is left out because it could not be read now, or for lack of room. */
  readonly isWhole: boolean;
};

/**
 * The books of all plots at one place. Of what lay there before not more comes from all of them than from one, for there are as many
 * as somebody says, and all together they take no longer than `withinMs`. Each has its part of what is left of both: so
 * whoever fills one plot, or is slow with it, keeps nothing out that lies in another.
 */
export async function readPlots<
  Place extends {
    readonly plot: PlotId;
    readonly papers: PlotPapers | undefined;
    readonly withEarlier: boolean;
  },
>(
  all: readonly Place[],
  {
    clock,
    withinMs,
    signal,
    onRead,
    take,
  }: {
    readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
    readonly withinMs: number;
    readonly signal: AbortSignal;
    /** Answers the books that are wanted of it. `undefined`: it can't be called now. */
    readonly onRead: (
      place: Place,
      read: ReadBooks | undefined,
    ) => readonly LainBook[] | Promise<readonly LainBook[]>;
    /** Together: a book is told from a forged one by what lay there, and elsewhere, before. */
    readonly take: (books: readonly LainBook[]) => Promise<void>;
  },
): Promise<void> {
  const places = all.slice(0, PLOTS_MAX);
  const untilMs = clock.monotonicMs() + withinMs;
  const lain: LainBook[] = [];
  let bytesLeft = EARLIER_BYTES_MAX;
  for (const [index, place] of places.entries()) {
    if (signal.aborted) break;
    const parts = places.length - index;
    const bytesMax = bytesLeft / parts;
    const { plot, papers, withEarlier } = place;
    const partMs = Math.max(0, untilMs - clock.monotonicMs()) / parts;
    const late = AbortSignal.timeout(Math.ceil(partMs));
    const how = { nowMs: clock.nowMs(), withEarlier, bytesMax };
    const read =
      papers &&
      (await readBooks(papers, plot, { ...how, signal: AbortSignal.any([signal, late]) }));
    const presentBytes = read?.present.ok === true ? read.present.value.length : 0;
    bytesLeft -= bytesOf(read?.books ?? []) - presentBytes;
    lain.push(...(await onRead(place, read)));
    if (bytesOf(lain) > TOGETHER_BYTES_MAX) await take(lain.splice(0));
  }
  if (lain.length > 0) await take(lain);
}

function bytesOf(books: readonly LainBook[]): number {
  return books.reduce((sum, { content }) => sum + content.length, 0);
}

/** The book that is there now, and, in a protected plot, what it was before: the oldest first, as far as they fit. */
export async function readBooks(
  papers: PlotPapers,
  plot: PlotId,
  {
    nowMs,
    withEarlier,
    bytesMax = EARLIER_BYTES_MAX,
    ...options
  }: StoreOptions & {
    readonly nowMs: number;
    readonly withEarlier: boolean;
    /** Of what lay there before. */
    readonly bytesMax?: number | undefined;
  },
): Promise<ReadBooks> {
  const name = 'address-book';
  const present = await papers.read(name, options);
  const listed = withEarlier ? await papers.versions(name, options) : undefined;
  const list = listed?.ok === true ? listed.value : { versions: [], present: undefined };
  const books: LainBook[] = [];
  let bytes = 0;
  let isWhole = isRead(present) && (listed === undefined || isRead(listed));
  let isBehind = false;
  let lastMs = -Infinity;
  /**
   * Whoever keeps them counts in seconds, and a forged one may have come in the second in which the right one did: after it is
   * what is listed after it. Where one before it is not to be had, nothing shows what it lacks: it is taken at its latest too.
   */
  const from = (agoS: number | undefined) => {
    lastMs = Math.max(lastMs + 1, isBehind ? nowMs : nowMs - (agoS ?? 0) * 1000);
    return lastMs;
  };
  for (const { version, bytes: size, fromAgoS, untilAgoS } of list.versions.slice(
    0,
    PAPER_VERSIONS_MAX,
  )) {
    if (bytes + Number(size) > bytesMax) {
      // With all the room there is for one, another time would bring no more.
      isWhole &&= bytesMax >= EARLIER_BYTES_MAX;
      isBehind = true;
      break;
    }
    const read = await papers.readVersion(name, version, options);
    isWhole &&= isRead(read);
    isBehind ||= !read.ok;
    if (!read.ok) continue;
    // By what came: what was said of its length is anybody's word.
    bytes += read.value.length;
    books.push({ plot, content: read.value, fromMs: from(fromAgoS ?? untilAgoS), isFirst: true });
  }
  if (present.ok) {
    const fromMs = from(list.present?.fromAgoS);
    books.push({ plot, content: present.value, fromMs, isFirst: withEarlier });
  }
  return { present, books, isWhole };
}

/** Also what is damaged, or gone meanwhile: asking again would change nothing. */
function isRead(read: StoreResult<unknown>): boolean {
  return read.ok || read.fault.code === 'not-found' || read.fault.code === 'damaged';
}
