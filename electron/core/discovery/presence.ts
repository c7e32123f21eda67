import type { PresenceView } from '../../../shared/contract/views.ts';
import type { Fault } from '../../../shared/fault.ts';
import type { DeviceId, OwnerId } from '../../../shared/ids.ts';
import { ok, type Result } from '../../../shared/result.ts';
import type { News } from '../../../shared/wire/messages.ts';
import type { PeerFault } from '../client/peer-fault.ts';
import type { Friend } from '../friends/friend-book.ts';
import type { FriendRegistry } from '../friends/friend-registry.ts';
import type { Clock, Logger, Randomness } from '../ports.ts';
import type { Sighting } from './discovery.ts';

/**
 * Who of the friends can be reached now, by what their pinned keys have proved, and what was told to
 * each of them last. Told when something changed, when somebody comes, and now and then.
 */
export type Presence = {
  readonly of: (owner: OwnerId) => PresenceView;
  /** Calls a friend now, at every address known. */
  readonly tryNow: (owner: OwnerId) => Promise<Result<undefined, Fault>>;
  /** News came from a friend's device; the answer is mine for him. `address`: where the call came from. */
  readonly heard: (device: DeviceId, news: News, address: string) => Promise<News>;
  readonly sighted: (sighting: Sighting) => void;
  /** Networks changed, or the computer woke: what was known about who is away no longer counts. */
  readonly lookAgain: () => void;
  /** Something that friends are told may have changed: shares, plots, names, addresses. */
  readonly touch: () => void;
  /** Seconds since each friend's last call reached this device, by friend; those who said so. */
  readonly calledS: () => ReadonlyMap<OwnerId, number | undefined>;
  /** Tells those who are there that this device goes, and closes. */
  readonly close: () => Promise<void>;
};

export type PresenceOptions = {
  readonly friends: FriendRegistry;
  /** Tells a device the news and brings back its own, over a pinned connection. */
  readonly call: (
    friend: Friend,
    device: DeviceId,
    news: News,
  ) => Promise<Result<{ readonly news: News; readonly address: string }, PeerFault>>;
  /** What there is to tell a friend now, without what only this module knows (`goes`, `calledS`). */
  readonly newsFor: (friend: Friend) => Promise<News>;
  /** A friend's plots here or his word about mine there are not what they were. */
  readonly onNews: (friend: Friend, news: News) => void;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly onChange: () => void;
};

export function createPresence({ newsFor, friends }: PresenceOptions): Presence {
  return {
    of: () => ({ state: 'unknown', sinceMs: null, address: null, trouble: null }),
    tryNow: async () => ok(undefined),
    heard: async (device) => {
      const friend = friends.byDevice(device);
      if (friend === undefined) throw new Error('news of nobody we know');
      return newsFor(friend);
    },
    sighted: () => undefined,
    lookAgain: () => undefined,
    touch: () => undefined,
    calledS: () => new Map(),
    close: async () => undefined,
  };
}
