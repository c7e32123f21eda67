import type { Async } from '../../shared/async.ts';
import type { OwnerId, PlotId } from '../../shared/ids.ts';
import { DAY_S } from '../../shared/units.ts';
import type { SetBook } from './backup/set-book.ts';
import type { HoldingsBook } from './client/holdings/holdings-book.ts';
import type { Peers } from './client/peers.ts';
import type { Presence } from './discovery/presence.ts';
import type { Friend } from './friends/friend-book.ts';
import { type FriendRegistry, hasNewcomer } from './friends/friend-registry.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Clock, Logger } from './ports.ts';
import { QUIET_AFTER_START_S, type ServiceClock } from './service-clock.ts';

/**
 * How a friendship ends, by this side's wish:
 *
 *     goes on ──leave──▶ ends at a date ──the date, or "at once"──▶ is told, departs ──▶ settled
 *        ▲──────stay──────────┘
 *
 * `friends.depart` is the one moment at which it is over: the friend and all that he has here end in
 * one transaction. What follows (files off the disk, my plots there forgotten, my sets without that
 * friend) is worked out from what the books say, so whatever a crash left is done by the next tick.
 */
export type Parting = {
  /** In so many days of service; 0: at once. */
  readonly leave: (friend: Friend, days: number) => Promise<void>;
  readonly stay: (friend: Friend) => Promise<void>;
  /** What is due, and what was left half done. Once a minute, and at the start. */
  readonly tick: () => Promise<void>;
  /** Hurries what is under way, and waits for it. */
  readonly close: () => Promise<void>;
};

/**
 * The date of what was ended at once. It lies before every other, and so a crash on the way doesn't
 * turn somebody's word into something that goes by time.
 */
const AT_ONCE_SERVICE_S = 0;
/** Telling the friend and letting go of what lies there is a courtesy; a device that is off gets no more. */
const COURTESY_MS = 5000;

export function createParting({
  friends,
  ledger,
  holdings,
  sets,
  peers,
  presence,
  tell,
  released,
  service,
  clock,
  logger,
}: {
  readonly friends: FriendRegistry;
  readonly ledger: Pick<Async<Ledger>, 'plots'>;
  readonly holdings: Async<HoldingsBook>;
  readonly sets: Async<SetBook>;
  readonly peers: Pick<Peers, 'release'>;
  readonly presence: Pick<Presence, 'of' | 'touch'>;
  /** Tells a friend how things stand now; false: nobody heard it. */
  readonly tell: (friend: Friend, signal: AbortSignal) => Promise<boolean>;
  /** A plot was let go: its bytes can come off the disk. */
  readonly released: (plot: PlotId) => void;
  readonly service: Pick<ServiceClock, 'moment' | 'sinceStartS'>;
  readonly clock: Clock;
  readonly logger: Logger;
}): Parting {
  const { moment } = service;
  const ending = new Map<OwnerId, Promise<void>>();
  const hurry = new AbortController();

  async function holdingsAt(owner: OwnerId): Promise<readonly PlotId[]> {
    const all = await holdings.holdings();
    return all.filter(({ host }) => host === owner).map(({ plot }) => plot);
  }

  /** He hears it from us first, and need not keep what we will never fetch. */
  async function takeLeave(friend: Friend, signal: AbortSignal): Promise<void> {
    // Whoever did not answer now does not answer the next call either.
    if (!(await tell(friend, signal))) return;
    for (const plot of await holdingsAt(friend.owner)) {
      const gone = await peers.release(friend, plot);
      if (!gone.ok) return;
    }
  }

  async function end({ owner }: Friend): Promise<void> {
    const friend = friends.friend(owner);
    if (friend === undefined) return;
    const signal = AbortSignal.any([hurry.signal, AbortSignal.timeout(COURTESY_MS)]);
    await unlessAborted(signal, takeLeave(friend, signal)).catch((error: unknown) =>
      logger.warn('no leave was taken', { error: String(error) }),
    );
    // Taken back meanwhile, or put off.
    const present = friends.friend(owner);
    if (present === undefined || !isDue(present)) return;
    await friends.depart({ owner, moment: moment() });
    await settle(owner);
  }

  /** What is left to do about somebody who has departed; doing it again is harmless. */
  async function settle(owner: OwnerId): Promise<void> {
    await sets.forgetHost({ host: owner });
    for (const plot of await holdingsAt(owner)) await holdings.drop(plot);
    for (const { plot, state } of await ledger.plots({ owner, moment: moment() }))
      if (state === 'released') released(plot);
  }

  function endOnce(friend: Friend): Promise<void> {
    const begun = ending.get(friend.owner);
    if (begun !== undefined) return begun;
    const ended = end(friend).finally(() => ending.delete(friend.owner));
    ending.set(friend.owner, ended);
    return ended;
  }

  function isDue({ leavingServiceS }: Friend): boolean {
    if (leavingServiceS === undefined || leavingServiceS > moment().serviceS) return false;
    return leavingServiceS === AT_ONCE_SERVICE_S || service.sinceStartS() >= QUIET_AFTER_START_S;
  }

  /** He ended it while nobody here could be told: then his device does not know this one any more. */
  async function noteLeft(friend: Friend): Promise<void> {
    const { owner, leavesMs } = friend;
    if (leavesMs !== undefined || hasNewcomer(friend)) return;
    if (presence.of(owner).trouble === 'not-friends')
      await friends.setLeaves({ owner, leavesMs: clock.nowMs() });
  }

  /** After a crash between a departure and its end. */
  async function settleDeparted(): Promise<void> {
    const departed = new Set(
      friends.friends().flatMap(({ owner, departed: isGone }) => (isGone ? [owner] : [])),
    );
    if (departed.size === 0) return;
    const hosts = [
      ...(await holdings.holdings()).map(({ host }) => host),
      ...(await sets.sets()).flatMap((set) => set.hosts),
    ];
    for (const owner of new Set(hosts)) if (departed.has(owner)) await settle(owner);
  }

  return {
    leave: async (friend, days) => {
      const { owner } = friend;
      const atServiceS = days === 0 ? AT_ONCE_SERVICE_S : moment().serviceS + days * DAY_S;
      await friends.setLeaving({ owner, atServiceS });
      if (days === 0) await endOnce(friend);
      else presence.touch();
    },
    stay: async ({ owner }) => {
      await friends.setLeaving({ owner, atServiceS: undefined });
      presence.touch();
    },
    tick: async () => {
      for (const friend of friends.friends().filter(({ departed }) => !departed)) {
        await noteLeft(friend);
        if (isDue(friend)) await endOnce(friend);
      }
      await settleDeparted();
    },
    close: async () => {
      hurry.abort();
      await Promise.allSettled(ending.values());
    },
  };
}

/** Waits for something as long as there is time; what is still on its way then ends by itself. */
async function unlessAborted(signal: AbortSignal, work: Promise<void>): Promise<void> {
  const over = Promise.withResolvers<undefined>();
  const stop = () => over.resolve(undefined);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    await Promise.race([work, over.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
    work.catch(() => undefined);
  }
}
