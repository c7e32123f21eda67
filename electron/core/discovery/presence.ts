import type { PresenceView } from '../../../shared/contract/views.ts';
import type { Fault } from '../../../shared/fault.ts';
import type { DeviceId, OwnerId } from '../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { News } from '../../../shared/wire/messages.ts';
import { parseAddress } from '../../../shared/address.ts';
import { NO_ADDRESS, type PeerFault, toFault } from '../client/connection/peer-fault.ts';
import type { Friend } from '../friends/friend-book.ts';
import { type FriendRegistry, nameOf } from '../friends/friend-registry.ts';
import type { Clock, Logger, Randomness } from '../ports.ts';
import { createCallQueue } from './call-queue.ts';
import { chanceFrom } from './chance.ts';
import type { Sighting } from './discovery.ts';
import { createFriendCalls } from './friend-call.ts';
import { candidateOf, isNewToFriend } from './learn.ts';
import { meaningOf } from './presence-faults.ts';
import { nextState, type PresenceEvent, unknownDevice } from './presence-state.ts';
import { presenceView } from './presence-view.ts';
import {
  calledSeconds,
  createSeats,
  isNowhere,
  placesOf,
  type Seat,
  settle,
  takeSeat,
  withCalled,
} from './seats.ts';

/**
 * Who of the friends can be reached now, by what their pinned keys have proved, and what was told to
 * each of them last. Told when something changed, when somebody comes, and now and then.
 */
export type Presence = {
  readonly of: (owner: OwnerId) => PresenceView;
  /** Calls a friend now, at every address known. */
  readonly tryNow: (owner: OwnerId) => Promise<Result<undefined, Fault>>;
  /**
   * News came from a friend's device; the answer is mine for him, or why there is none: he may have
   * stopped being one while he spoke. `address`: where the call came from.
   */
  readonly heard: (device: DeviceId, news: News, address: string) => Promise<News | 'unknown-peer'>;
  readonly sighted: (sighting: Sighting) => void;
  /** Networks changed, or the computer woke: what was known about who is away no longer counts. */
  readonly lookAgain: () => void;
  /** Something that friends are told may have changed: shares, plots, names, addresses. */
  readonly touch: () => void;
  /** Seconds since each friend's last call reached this device, by friend; those who said so. */
  readonly calledS: () => ReadonlyMap<OwnerId, number | undefined>;
  /** Whether this device of a friend's is there. */
  readonly isOnline: (device: DeviceId) => boolean;
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
    how: {
      /** Where it was sighted: tried first, and not believed. */
      readonly sighted: readonly string[];
      readonly signal: AbortSignal;
    },
  ) => Promise<Result<{ readonly news: News; readonly address: string }, PeerFault>>;
  /**
   * Tells a friend's device that knows us by another device of ours who we are. True: it knows us now;
   * a fault may say more than that it doesn't.
   */
  readonly introduce?:
    | ((friend: Friend, device: DeviceId) => Promise<boolean | PeerFault>)
    | undefined;
  /** Another key answers at these addresses: whether it is the friend's new device, now written down. */
  readonly recognise?:
    | ((friend: Friend, addresses: readonly string[]) => Promise<boolean>)
    | undefined;
  /** What there is to tell a friend now, without what only this module knows (`goes`, `calledS`). */
  readonly newsFor: (friend: Friend) => Promise<News>;
  /** A friend's plots here or his word about mine there are not what they were. */
  readonly onNews: (friend: Friend, news: News) => void;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly onChange: () => void;
};

/** From the first change to the look at what friends should hear; several changes come together. */
const TOUCH_MS = 1000;
/** While a friend uploads, everything changes all the time. */
const TOUCH_EVERY_MS = 2000;
const SIGHTED_MAX = 3;

export function createPresence(options: PresenceOptions): Presence {
  const { friends, newsFor, clock, logger } = options;
  const seats = createSeats();
  const shown = new Map<OwnerId, string>();
  let toldFriendsMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let isClosing = false;

  const calls = createFriendCalls(options);
  const queue = createCallQueue({
    states: () => [...seats].map(([device, { state }]) => [device, state] as const),
    call,
    clock,
  });

  const at = () => ({ nowMs: clock.monotonicMs(), chance: chanceFrom(options.randomness) });

  /** A seat for each device that counts, none for others. */
  function sync(): void {
    for (const { owner, departed, devices } of friends.friends())
      for (const { device, revoked } of departed ? [] : devices)
        if (!revoked && !seats.has(device))
          seats.add(device, takeSeat(owner, unknownDevice(at()), clock.nowMs()));
    for (const [device, seat] of seats) {
      const friend = friends.byDevice(device);
      if (friend === undefined) {
        seats.remove(device);
        settle(seat, failed({ code: 'unreachable', detail: 'no friend any more' }));
        continue;
      }
      const places = placesOf(friend, device);
      const isLearnt = places !== seat.known && places !== '';
      seat.known = places;
      // Where there is nowhere to call, nobody need wait for his turn to be told so.
      if (seat.state.state === 'unknown' && !seat.state.calling && isNowhere(seat)) {
        const calling = nextState(seat.state, { type: 'calls' }, at());
        seat.state = nextState(calling, { type: 'failed', trouble: 'no-address' }, at());
      }
      // Somebody typed an address, or paired again.
      if (isLearnt && seat.state.state === 'away')
        seat.state = nextState(seat.state, { type: 'wanted' }, at());
    }
    show(friends.friends().map(({ owner }) => owner));
    queue.look();
  }

  function step(device: DeviceId, event: PresenceEvent): void {
    const seat = seats.get(device);
    if (seat === undefined) return;
    const before = seat.state.state;
    seat.state = nextState(seat.state, event, at());
    if (seat.state.state !== before) {
      seat.sinceMs = clock.nowMs();
      logger.debug('a device of a friend', { device, state: seat.state.state });
      // Only then: while it is away, a call may just be learning what the next presence begins with.
      if (seat.state.state === 'away') {
        seat.address = undefined;
        seat.told = undefined;
      }
    }
    show([seat.owner]);
    queue.look();
  }

  function show(owners: readonly OwnerId[]): void {
    let isNew = false;
    for (const owner of owners) {
      const view = JSON.stringify(of(owner));
      if (shown.get(owner) === view) continue;
      shown.set(owner, view);
      isNew = true;
    }
    if (isNew) options.onChange();
  }

  function of(owner: OwnerId): PresenceView {
    return presenceView(friends.friend(owner), seats.of(owner));
  }

  async function call(device: DeviceId, signal: AbortSignal): Promise<void> {
    const seat = seats.get(device);
    const friend = friends.byDevice(device);
    if (seat === undefined || friend === undefined) return sync();
    step(device, { type: 'calls' });
    try {
      if (placesOf(friend, device) === '' && seat.sighted.length === 0) {
        step(device, { type: 'failed', trouble: 'no-address' });
        return settle(seat, NO_ADDRESS);
      }
      const called = await calls.contact({ friend, device, seat, signal });
      if (signal.aborted && !called.ok) return step(device, { type: 'dropped' });
      step(
        device,
        called.ok ? { type: 'answered', goes: called.value.goes } : meaningOf(called.fault),
      );
      settle(seat, called.ok ? ok(undefined) : called);
    } catch (error) {
      // Only our own books can reject; they are looked after elsewhere.
      logger.warn('a friend could not be told', { error: String(error) });
      step(device, { type: 'failed', trouble: 'unreachable' });
      settle(seat, failed({ code: 'unreachable', detail: 'this device' }));
    }
  }

  async function heard(
    device: DeviceId,
    news: News,
    address: string,
  ): Promise<News | 'unknown-peer'> {
    sync();
    const friend = friends.byDevice(device);
    const seat = seats.get(device);
    if (friend === undefined || seat === undefined) return 'unknown-peer';
    if (news.goes === true) step(device, { type: 'goes' });
    else step(device, { type: 'heard', proved: !hasMoved(seat, news, address) });
    seat.reaching = { atMs: clock.monotonicMs(), s: 0 };
    await calls.learn(seat, device, news, { from: address });
    const answer = withCalled(
      seat,
      await newsFor(friends.byDevice(device) ?? friend),
      clock.monotonicMs(),
    );
    if (news.goes !== true) seat.told = { news: answer, atMs: clock.monotonicMs() };
    // Whoever calls to see whether the goodbye is meant must not take the answer for a presence.
    return isClosing ? { ...answer, goes: true } : answer;
  }

  /** It calls from where no call of ours has reached it yet. */
  function hasMoved(seat: Seat, news: News, from: string): boolean {
    // What can't be called by itself still says that the device is worth a call, if none has reached it.
    const candidate =
      candidateOf(news.addresses, from) ?? (seat.address === undefined ? from : undefined);
    if (candidate === undefined || candidate === '' || candidate === seat.triedFrom) return false;
    if (seat.address !== undefined && parseAddress(seat.address)?.host === from) return false;
    seat.triedFrom = candidate;
    return true;
  }

  function plan(): void {
    if (timer !== undefined || isClosing) return;
    const sinceMs = clock.monotonicMs() - toldFriendsMs;
    timer = setTimeout(
      () => {
        timer = undefined;
        toldFriendsMs = clock.monotonicMs();
        tellFriends().catch((error: unknown) =>
          logger.warn('what friends should hear is not known', { error: String(error) }),
        );
      },
      Math.max(TOUCH_MS, TOUCH_EVERY_MS - sinceMs),
    );
  }

  async function tellFriends(): Promise<void> {
    const online = [...seats].filter(([, { state }]) => state.state === 'online');
    for (const [owner, devices] of Map.groupBy(online, ([, seat]) => seat.owner)) {
      const friend = friends.friend(owner);
      if (friend === undefined || isClosing) continue;
      const news = await newsFor(friend);
      for (const [device, { told }] of devices) {
        const elapsedS = told === undefined ? 0 : (clock.monotonicMs() - told.atMs) / 1000;
        if (told === undefined || isNewToFriend(told.news, news, elapsedS))
          step(device, { type: 'news' });
      }
    }
  }

  async function tryNow(owner: OwnerId): Promise<Result<undefined, Fault>> {
    const friend = friends.friend(owner);
    const mine = [...seats].filter(([, seat]) => seat.owner === owner);
    const name = friend === undefined ? owner : nameOf(friend);
    if (mine.length === 0 || isClosing) return failed(toFault(NO_ADDRESS.fault, name));
    const results = await Promise.all(
      mine.map(
        ([device, seat]) =>
          new Promise<Result<undefined, PeerFault>>((resolve) => {
            seat.waiters.add(resolve);
            step(device, { type: 'wanted' });
          }),
      ),
    );
    const bad = results.find((result) => !result.ok);
    if (bad === undefined || bad.ok || results.some((result) => result.ok)) return ok(undefined);
    return failed(toFault(bad.fault, name));
  }

  const stop = friends.subscribe(sync);
  sync();
  return {
    of,
    tryNow,
    heard,
    sighted: (sighting) => {
      const seat = seats.get(sighting.device);
      if (seat === undefined) return;
      if (sighting.type === 'lost') return step(sighting.device, { type: 'lost' });
      const addresses = sighting.addresses.slice(0, SIGHTED_MAX);
      const isSame = addresses.join(' ') === seat.sighted.join(' ');
      const moved = !isSame && seat.address !== undefined && !addresses.includes(seat.address);
      seat.sighted = addresses;
      step(sighting.device, { type: 'sighted', moved });
    },
    lookAgain: () => {
      for (const [device, seat] of seats) if (!isNowhere(seat)) step(device, { type: 'look' });
    },
    touch: plan,
    calledS: () => calledSeconds(seats.values(), clock.monotonicMs()),
    isOnline: (device) => seats.get(device)?.state.state === 'online',
    close: async () => {
      isClosing = true;
      stop();
      clearTimeout(timer);
      await queue.close();
      await calls
        .sayGoodbye(seats)
        .catch((error: unknown) => logger.debug('somebody was not told', { error: String(error) }));
      for (const seat of seats.values())
        settle(seat, failed({ code: 'unreachable', detail: 'this device goes' }));
    },
  };
}
