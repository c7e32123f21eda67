import type { Async } from '../../../../shared/async.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import type { PlotState } from '../../../../shared/model/plot.ts';
import type { PlotStatus } from '../../../../shared/wire/messages.ts';
import { HOUR_MS } from '../../../../shared/units.ts';
import type { ToldShare } from '../../friends/friend-book.ts';
import type { FriendRegistry } from '../../friends/friend-registry.ts';
import type { Clock } from '../../ports.ts';
import type { Holding, HoldingProtection, HoldingsBook } from './holdings-book.ts';
import type { Peers } from '../peers.ts';

/**
 * Asks the friends who keep something of mine how it stands when they say that it changed, and a few
 * times a day besides, should that word have been lost.
 */
export type LookIn = {
  readonly lookDue: () => Promise<void>;
  /** A friend said that something of mine there is not what it was: he is asked at once. */
  readonly news: (host: OwnerId) => void;
  /** Asks now, whenever it was done last: somebody found that what I remember is not so. */
  readonly ask: (host: OwnerId) => Promise<void>;
  /** What friends keep of mine that other devices of mine have asked for, as far as they were asked. */
  readonly elsewhere: () => readonly Elsewhere[];
  /** What a friend said last of my share there. */
  readonly share: (host: OwnerId) => ToldShare | undefined;
};

export type Elsewhere = Pick<Holding, 'host' | 'plot' | 'writtenBytes' | 'leavesMs' | 'protection'>;

const EVERY_MS = 6 * HOUR_MS;
/** A friend who doesn't answer is asked again sooner, but not every minute. */
const RETRY_MS = HOUR_MS;
/** A friend who says all the time that something changed is not asked all the time. */
const NEWS_GAP_MS = 10_000;
const LIVES: ReadonlySet<PlotState> = new Set(['active', 'grace', 'reclaimable']);

export function createLookIn({
  peers,
  friends,
  holdings,
  clock,
  onChange,
}: {
  readonly peers: Pick<Peers, 'plots' | 'share'>;
  readonly friends: Pick<FriendRegistry, 'friend' | 'person'>;
  readonly holdings: Async<Pick<HoldingsBook, 'holdings' | 'noteSeen' | 'drop'>>;
  readonly clock: Clock;
  readonly onChange: () => void;
}): LookIn {
  const nextMs = new Map<OwnerId, number>();
  const askedMs = new Map<OwnerId, number>();
  const shares = new Map<OwnerId, ToldShare>();
  /** Only what is kept for a while tells one device of what another one does. */
  const elsewhere = new Map<OwnerId, readonly Elsewhere[]>();
  const told = new Set<OwnerId>();
  let isLooking = false;
  let isWanted = false;

  async function lookAt(owner: OwnerId, held: readonly Holding[]): Promise<boolean> {
    const host = friends.person(owner);
    if (host === undefined || host.departed) return false;
    const askedAtMs = clock.nowMs();
    const plots = await peers.plots(host);
    if (!plots.ok) return false;
    // What he says by himself meanwhile is newer: he says it whenever it changes.
    const shareAskedMs = clock.nowMs();
    // A guest has no share.
    const share = host.relation === undefined ? await peers.share(host) : undefined;
    if (share?.ok === false) return false;
    const atMs = (inS: number) => askedAtMs + inS * 1000;
    const own = new Set(held.map(({ plot }) => plot));
    // Of what lies at others' he says nothing, whatever ids he knows: a long lease there would not be renewed any more.
    for (const status of plots.value.plots.filter(({ plot }) => own.has(plot)))
      await holdings.noteSeen({ ...seenIn(status, atMs), untilMs: atMs(status.ttl) });
    // Ended there (the friend let it go, or the friendship was over for a while): what I remember of it
    // would only keep a new plot from being asked for. What was granted since I asked is not among these.
    elsewhere.set(
      owner,
      plots.value.plots
        .filter(({ plot, state }) => LIVES.has(state) && !own.has(plot))
        .map((status) => ({ host: owner, ...seenIn(status, atMs) })),
    );
    const there = new Set(
      plots.value.plots.filter(({ state }) => LIVES.has(state)).map(({ plot }) => plot),
    );
    if (plots.value.isWhole)
      for (const { plot } of held) if (!there.has(plot)) await holdings.drop(plot);
    if (share !== undefined) shares.set(owner, { ...share.value, atMs: shareAskedMs });
    return true;
  }

  async function lookDue(): Promise<void> {
    const owners = new Set((await holdings.holdings()).map(({ host }) => host));
    // What another device of mine has there is told of here too.
    for (const host of told) owners.add(host);
    for (const owner of owners) {
      const nowMs = clock.monotonicMs();
      if (nowMs >= (nextMs.get(owner) ?? nowMs)) await ask(owner);
    }
  }

  async function ask(owner: OwnerId): Promise<void> {
    const nowMs = clock.monotonicMs();
    // Read just before the friend is asked, so that the answer is no older.
    const held = (await holdings.holdings()).filter(({ host }) => host === owner);
    askedMs.set(owner, nowMs);
    nextMs.set(owner, nowMs + RETRY_MS);
    const isSeen = await lookAt(owner, held);
    // What he said while he was being asked stands.
    if (isSeen && nextMs.get(owner) === nowMs + RETRY_MS) nextMs.set(owner, nowMs + EVERY_MS);
    if (isSeen) onChange();
  }

  // A friend's device can take longer to not answer than the minute to the next look.
  async function look(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    try {
      do {
        isWanted = false;
        await lookDue();
      } while (isWanted);
    } finally {
      isLooking = false;
    }
  }

  return {
    lookDue: look,
    news: (host) => {
      told.add(host);
      const asked = askedMs.get(host);
      nextMs.set(host, asked === undefined ? clock.monotonicMs() : asked + NEWS_GAP_MS);
      isWanted = true;
      // The minute's look says what is wrong with the books; this one only comes sooner.
      look().catch(() => undefined);
    },
    ask,
    elsewhere: () => [...elsewhere.values()].flat(),
    share: (host) => {
      const asked = shares.get(host);
      const told = friends.friend(host)?.told;
      if (asked === undefined || told === undefined) return asked ?? told;
      return told.atMs >= asked.atMs ? told : asked;
    },
  };
}

/** What a friend says of a plot, by this device's clock. */
function seenIn(status: PlotStatus, atMs: (inS: number) => number): Omit<Elsewhere, 'host'> {
  const { plot, written, leavesInS } = status;
  return {
    plot,
    writtenBytes: written,
    leavesMs: leavesInS === undefined ? undefined : atMs(leavesInS),
    protection: protectionIn(status, atMs),
  };
}

function protectionIn(
  { protectDays = 0, trash = 0n, fallsTo, fallsInS }: PlotStatus,
  atMs: (inS: number) => number,
): HoldingProtection | undefined {
  if (protectDays === 0 && trash === 0n) return undefined;
  const isFalling = fallsTo !== undefined && fallsInS !== undefined;
  const falls = isFalling ? { toDays: fallsTo, atMs: atMs(fallsInS) } : undefined;
  return { days: protectDays, trashBytes: trash, falls };
}
