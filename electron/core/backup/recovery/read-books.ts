import type { PlotId } from '../../../../shared/ids.ts';
import { PAPER_VERSIONS_MAX } from '../../../../shared/model/plot.ts';
import type { PlotPapers } from '../plot-papers.ts';
import type { StoreOptions, StoreResult } from '../repository/repository-store.ts';

/** An address book as it lies in a plot, or lay there. Untrusted bytes. */
export type LainBook = {
  readonly plot: PlotId;
  readonly content: Uint8Array;
  /** Since when, by the word of whoever keeps it; one who does not say is taken at his latest. */
  readonly fromMs: number;
  readonly isFirst: boolean;
};

/** What books that lay in plots may take of this machine's memory at once, beside those that lie there now. */
export const EARLIER_BYTES_MAX = 24 * 1024 * 1024;

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
): Promise<{
  /** The present one; its fault is whether there seems to be one. */
  readonly present: StoreResult<Uint8Array>;
  readonly books: readonly LainBook[];
  /** Nothing of what lies there is left out because it could not be read now. */
  readonly isWhole: boolean;
}> {
  const name = 'address-book';
  const present = await papers.read(name, options);
  const listed = withEarlier ? await papers.versions(name, options) : undefined;
  const list = listed?.ok === true ? listed.value : { versions: [], present: undefined };
  const at = (agoS: number | undefined) => nowMs - (agoS ?? 0) * 1000;
  const books: LainBook[] = [];
  let bytes = 0;
  let isWhole = isRead(present) && (listed === undefined || isRead(listed));
  for (const { version, bytes: size, fromAgoS, untilAgoS } of list.versions.slice(
    0,
    PAPER_VERSIONS_MAX,
  )) {
    if (bytes + Number(size) > bytesMax) break;
    const read = await papers.readVersion(name, version, options);
    isWhole &&= isRead(read);
    if (!read.ok) continue;
    // By what came: what was said of its length is anybody's word.
    bytes += read.value.length;
    books.push({ plot, content: read.value, fromMs: at(fromAgoS ?? untilAgoS), isFirst: true });
  }
  if (present.ok) {
    const fromMs = at(list.present?.fromAgoS);
    books.push({ plot, content: present.value, fromMs, isFirst: withEarlier });
  }
  return { present, books, isWhole };
}

/** Also what is damaged, or gone meanwhile: asking again would change nothing. */
function isRead(read: StoreResult<unknown>): boolean {
  return read.ok || read.fault.code === 'not-found' || read.fault.code === 'damaged';
}
