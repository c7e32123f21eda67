import type { Async } from '../../../shared/async.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import type { ShareState } from '../../../shared/model/allocate.ts';
import type { FriendRegistry } from '../friends/friend-registry.ts';
import type { Clock } from '../ports.ts';
import type { HoldingsBook } from './holdings-book.ts';
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

export function createLookIn({
  peers,
  friends,
  holdings,
  clock,
  onChange,
}: {
  readonly peers: Pick<Peers, 'plots' | 'share'>;
  readonly friends: Pick<FriendRegistry, 'friend'>;
  readonly holdings: Async<Pick<HoldingsBook, 'holdings' | 'noteWritten'>>;
  readonly clock: Clock;
  readonly onChange: () => void;
}): LookIn {
  const nextMs = new Map<OwnerId, number>();
  const shares = new Map<OwnerId, ShareState>();
  let isLooking = false;

  async function lookAt(owner: OwnerId): Promise<boolean> {
    const host = friends.friend(owner);
    if (host === undefined || host.departed) return false;
    const [plots, share] = [await peers.plots(host), await peers.share(host)];
    if (!plots.ok || !share.ok) return false;
    for (const { plot, written } of plots.value)
      await holdings.noteWritten({ plot, writtenBytes: written });
    shares.set(owner, share.value);
    return true;
  }

  async function lookDue(): Promise<void> {
    const owners = new Set((await holdings.holdings()).map(({ host }) => host));
    for (const owner of owners) {
      const nowMs = clock.monotonicMs();
      if (nowMs < (nextMs.get(owner) ?? nowMs)) continue;
      const isSeen = await lookAt(owner);
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
