import type { Async } from '../../../shared/async.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import type { ShareState } from '../../../shared/model/allocate.ts';
import type { PlotState } from '../../../shared/model/plot.ts';
import type { FriendRegistry } from '../friends/friend-registry.ts';
import type { Clock } from '../ports.ts';
import type { Holding, HoldingsBook } from './holdings-book.ts';
import type { Peers } from './peers.ts';

/**
 * Asks the friends who keep something of mine how it stands, a few times a day. Without it a friend
 * would be taken for away only because there was nothing to send, and nobody would see a share fill up.
 */
export type LookIn = {
  readonly lookDue: () => Promise<void>;
  /** A friend said that something of mine there is not what it was: asks at the next look. */
  readonly news: (host: OwnerId) => void;
  /** What a friend said last of my share there. */
  readonly share: (host: OwnerId) => ShareState | undefined;
};

const EVERY_MS = 6 * 3_600_000;
/** A friend who doesn't answer is asked again sooner, but not every minute. */
const RETRY_MS = 3_600_000;
const LIVES: ReadonlySet<PlotState> = new Set(['active', 'grace', 'reclaimable']);

export function createLookIn({
  peers,
  friends,
  holdings,
  clock,
  onChange,
}: {
  readonly peers: Pick<Peers, 'plots' | 'share'>;
  readonly friends: Pick<FriendRegistry, 'friend'>;
  readonly holdings: Async<Pick<HoldingsBook, 'holdings' | 'noteWritten' | 'drop'>>;
  readonly clock: Clock;
  readonly onChange: () => void;
}): LookIn {
  const nextMs = new Map<OwnerId, number>();
  const shares = new Map<OwnerId, ShareState>();
  let isLooking = false;

  async function lookAt(owner: OwnerId, held: readonly Holding[]): Promise<boolean> {
    const host = friends.friend(owner);
    if (host === undefined || host.departed) return false;
    const [plots, share] = [await peers.plots(host), await peers.share(host)];
    if (!plots.ok || !share.ok) return false;
    for (const { plot, written } of plots.value)
      await holdings.noteWritten({ plot, writtenBytes: written });
    // Ended there (the friend let it go, or the friendship was over for a while): what I remember of it
    // would only keep a new plot from being asked for. What was granted since I asked is not among these.
    const there = new Set(
      plots.value.filter(({ state }) => LIVES.has(state)).map(({ plot }) => plot),
    );
    for (const { plot } of held) if (!there.has(plot)) await holdings.drop(plot);
    shares.set(owner, share.value);
    return true;
  }

  async function lookDue(): Promise<void> {
    const owners = new Set((await holdings.holdings()).map(({ host }) => host));
    for (const owner of owners) {
      const nowMs = clock.monotonicMs();
      if (nowMs < (nextMs.get(owner) ?? nowMs)) continue;
      // Read just before the friend is asked, so that the answer is no older.
      const held = (await holdings.holdings()).filter(({ host }) => host === owner);
      const isSeen = await lookAt(owner, held);
      nextMs.set(owner, nowMs + (isSeen ? EVERY_MS : RETRY_MS));
      if (isSeen) onChange();
    }
  }

  return {
    // A friend's device can take longer to not answer than the minute to the next look.
    lookDue: async () => {
      if (isLooking) return;
      isLooking = true;
      try {
        await lookDue();
      } finally {
        isLooking = false;
      }
    },
    news: (host) => void nextMs.delete(host),
    share: (host) => shares.get(host),
  };
}
