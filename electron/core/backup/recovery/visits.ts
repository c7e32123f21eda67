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
import { plotAt, PLOTS_MAX, readPlots } from './read-books.ts';
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
/** Whoever is slow is left for the next time, and keeps nobody else waiting for longer. */
const VISIT_MS = 600_000;
const AT_ONCE = 2;
/** Of so many plots at one friend's it is kept that all of them was seen; he may list others each time. */
const MARKED_MAX = 1000;
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
  /** Since the start. */
  const marked = new Map<OwnerId, number>();
  let visiting: Promise<void> | undefined;
  let isWanted = false;

  /** Earlier versions called a plot by its own name, whoever said that he keeps it. */
  async function hasSeenAll(host: OwnerId, plot: PlotId): Promise<boolean> {
    return (await book.hasSeenAll(plotAt(host, plot))) || (await book.hasSeenAll(plot));
  }

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
    const whole: PlotId[] = [];
    const due = [];
    for (const status of listed.value.plots.filter(({ state }) => LIVES.has(state))) {
      if (due.length === PLOTS_MAX) break;
      const plot = plotAt(owner, status.plot);
      // A plot of this machine's own too, if it was another one's: what its book was before is still there.
      const withEarlier = fromWords && !(await hasSeenAll(owner, status.plot));
      if (!places.has(status.plot) || withEarlier)
        due.push({ plot, status, withEarlier, papers: options.papersAt(host, status.plot) });
    }
    await readPlots(due, {
      clock,
      withinMs: VISIT_MS,
      signal,
      onRead: async ({ plot, status, withEarlier }, read) => {
        if (read?.present.ok !== true && read?.present.fault.code !== 'not-found') isWhole = false;
        if (read?.isWhole === true && withEarlier) whole.push(plot);
        const isTaken =
          !fromWords && read?.present.ok === true && (await intake.take(read.present.value)).ok;
        // On a machine from words also where a book is read: if it is not believed, the plot can be looked into all the same.
        if (!isTaken) unread.push(strayPlot(host, status));
        return fromWords ? (read?.books ?? []) : [];
      },
      take: async (books) => {
        await intake.takeSeen(books);
      },
    });
    const before = marked.get(owner) ?? 0;
    const kept = whole.slice(0, MARKED_MAX - before);
    marked.set(owner, before + kept.length);
    for (const plot of kept) await book.sawAll(plot);
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
    const waiting = people.values();
    const work = async () => {
      for (const person of waiting) {
        if (signal.aborted) return;
        await visit(person);
      }
    };
    // One who takes all the time there is keeps nobody from being heard.
    await Promise.all(Array.from({ length: AT_ONCE }, work));
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
