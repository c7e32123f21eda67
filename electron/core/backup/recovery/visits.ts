import type { Async } from '../../../../shared/async.ts';
import type { OwnerId, PlotId } from '../../../../shared/ids.ts';
import type { PlotState } from '../../../../shared/model/plot.ts';
import type { HoldingsBook } from '../../client/holdings/holdings-book.ts';
import type { Peers } from '../../client/peers.ts';
import type { Friend } from '../../friends/friend-book.ts';
import type { FriendRegistry } from '../../friends/friend-registry.ts';
import type { Identity } from '../../identity/identity.ts';
import type { Clock } from '../../ports.ts';
import type { BookIntake } from './book-intake.ts';
import { type OtherSet, strayPlot } from './other-sets.ts';
import type { PlotPapers } from '../plot-papers.ts';
import { EARLIER_BYTES_MAX, type LainBook, readBooks } from './read-books.ts';
import type { RecoveryBook } from './recovery-book.ts';

/** Reads the address books of this owner's other installations at the friends who keep their plots. */
export type Visits = {
  /** Those who are there and were not looked at lately. */
  readonly look: () => Promise<void>;
  /** Plots beside which no book could be read. */
  readonly strays: () => readonly OtherSet[];
  /** What is under way is done. */
  readonly settled: () => Promise<void>;
};

/** Friends are looked at when they come, and then a few times a day. */
const EVERY_MS = 6 * 3_600_000;
const AGAIN_MS = 300_000;
/** However many plots a friend says he keeps, what lies in them is taken in before there is more of it than this. */
const TOGETHER_BYTES_MAX = 2 * EARLIER_BYTES_MAX;
/** All of one owner's at one friend's, and many more; a friend may list thousands. */
const PLOTS_MAX = 256;
const LIVES: ReadonlySet<PlotState> = new Set(['active', 'grace', 'reclaimable']);

export function createVisits(options: {
  readonly identity: Pick<Identity, 'replaces' | 'fromWords'>;
  readonly friends: FriendRegistry;
  readonly holdings: Async<Pick<HoldingsBook, 'holdings'>>;
  readonly book: Async<RecoveryBook>;
  readonly peers: Pick<Peers, 'plots' | 'introduce' | 'devices'>;
  readonly papersAt: (host: Friend, plot: PlotId) => PlotPapers | undefined;
  readonly isOnline: (owner: OwnerId) => boolean;
  readonly intake: Pick<BookIntake, 'take' | 'takeSeen'>;
  /** How what a friend keeps of mine stands is asked for anew. */
  readonly ask: (owner: OwnerId) => Promise<void>;
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
  readonly signal: AbortSignal;
}): Visits {
  const { friends, holdings, book, peers, intake, clock, signal } = options;
  const { fromWords } = options.identity;
  const nextMs = new Map<OwnerId, number>();
  const strays = new Map<OwnerId, readonly OtherSet[]>();
  let visiting: Promise<void> | undefined;
  let isWanted = false;

  /** What lies at a friend's in plots of this owner's that this device does not write to. */
  async function visit(host: Friend): Promise<void> {
    const { owner, relation } = host;
    nextMs.set(owner, clock.monotonicMs() + AGAIN_MS);
    // Friends hear of a new device when they are called, others only here; whom it replaces, all have to hear.
    if (relation === 'host' || options.identity.replaces !== undefined)
      for (const device of peers.devices(host)) await peers.introduce(device);
    const listed = await peers.plots(host);
    if (!listed.ok) return;
    const places = await book.places();
    let isWhole = listed.value.isWhole;
    const unread: OtherSet[] = [];
    const lain: LainBook[] = [];
    const whole: PlotId[] = [];
    let earlierBytes = 0;
    const living = listed.value.plots.filter(({ state }) => LIVES.has(state)).slice(0, PLOTS_MAX);
    for (const [index, status] of living.entries()) {
      const { plot } = status;
      // A plot of this machine's own too, if it was another one's: what its book was before is still there.
      const withEarlier = fromWords && !(await book.hasSeenAll(plot));
      const isOwn = places.has(plot) && !withEarlier;
      if (isOwn || signal.aborted) continue;
      const papers = options.papersAt(host, plot);
      const nowMs = clock.nowMs();
      // Of what lay there before, not more comes from all his plots than from one: there are as many as he says. Each has its part
      // of what is left, so that whoever fills one keeps nothing out that lies in another.
      const bytesMax = (EARLIER_BYTES_MAX - earlierBytes) / (living.length - index);
      const how = { nowMs, withEarlier, bytesMax, signal };
      const read = papers && (await readBooks(papers, plot, how));
      const presentBytes = read?.present.ok === true ? read.present.value.length : 0;
      earlierBytes += bytesOf(read?.books ?? []) - presentBytes;
      if (read?.present.ok !== true && read?.present.fault.code !== 'not-found') isWhole = false;
      if (fromWords) lain.push(...(read?.books ?? []));
      if (bytesOf(lain) > TOGETHER_BYTES_MAX) await intake.takeSeen(lain.splice(0));
      if (read?.isWhole === true && withEarlier) whole.push(plot);
      const isTaken =
        !fromWords && read?.present.ok === true && (await intake.take(read.present.value)).ok;
      // On a machine from words also where a book is read: if it is not believed, the plot can be looked into all the same.
      if (!isTaken) unread.push(strayPlot(host, status));
    }
    // Together: a book is told from a forged one by what lay there, and elsewhere, before.
    if (lain.length > 0) await intake.takeSeen(lain);
    for (const plot of whole) await book.sawAll(plot);
    strays.set(owner, unread);
    if (isWhole) nextMs.set(owner, clock.monotonicMs() + EVERY_MS);
    const held = await holdings.holdings();
    // What was taken over is as old as the book; the friend knows better.
    if (held.some((each) => each.host === owner)) await options.ask(owner);
  }

  async function visitDue(): Promise<void> {
    const nowMs = clock.monotonicMs();
    const people = [...friends.friends(), ...friends.others()].filter(
      ({ owner, departed, relation }) =>
        !departed &&
        relation !== 'guest' &&
        (relation === 'host' || options.isOnline(owner)) &&
        nowMs >= (nextMs.get(owner) ?? nowMs),
    );
    for (const person of people) if (!signal.aborted) await visit(person);
  }

  /** Whoever comes while others are being looked at has his turn after them. */
  async function visitAll(): Promise<void> {
    do {
      isWanted = false;
      await visitDue();
    } while (isWanted && !signal.aborted);
  }

  function look(): Promise<void> {
    isWanted = true;
    visiting ??= visitAll().finally(() => {
      visiting = undefined;
    });
    return visiting;
  }

  return {
    look,
    strays: () => [...strays.values()].flat(),
    settled: async () => visiting,
  };
}

function bytesOf(books: readonly LainBook[]): number {
  return books.reduce((sum, { content }) => sum + content.length, 0);
}
