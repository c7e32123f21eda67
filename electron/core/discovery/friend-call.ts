import type { DeviceId } from '../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { News } from '../../../shared/wire/messages.ts';
import type { PeerFault } from '../client/connection/peer-fault.ts';
import type { Friend } from '../friends/friend-book.ts';
import { type Contact, isNewToBook, learnAddresses } from './learn.ts';
import type { PresenceOptions } from './presence.ts';
import { meaningOf } from './presence-faults.ts';
import { type Seat, withCalled } from './seats.ts';

/** One call to a friend's device, with what is tried when it doesn't know us or isn't there any more. */
export type Calling = {
  readonly friend: Friend;
  readonly device: DeviceId;
  readonly seat: Seat;
  readonly signal: AbortSignal;
};

export type Answer = { readonly goes: boolean };

export type FriendCalls = {
  /** `goes`: it answered that it goes off. */
  readonly contact: (calling: Calling) => Promise<Result<Answer, PeerFault>>;
  /** Writes down what is new in a device's news. */
  readonly learn: (seat: Seat, device: DeviceId, news: News, contact: Contact) => Promise<void>;
  /** Tells those who are there that this device goes: all at once, and nobody is waited for long. */
  readonly sayGoodbye: (seats: ReadonlyMap<DeviceId, Seat>) => Promise<void>;
};

const NOT_THROUGH: PeerFault = { code: 'unreachable', detail: 'who we are did not come through' };

/** It may have been heard or not, or something is in the way just now. */
function isUndecided(said: PeerFault): boolean {
  if (said.code === 'refused') return !said.denied.final;
  return said.code === 'unreachable' || said.code === 'cancelled';
}

const RECOGNISE_EVERY_MS = 60_000;
const GOODBYE_MS = 1000;

export function createFriendCalls(
  options: Pick<
    PresenceOptions,
    'friends' | 'call' | 'introduce' | 'recognise' | 'newsFor' | 'onNews' | 'clock'
  >,
): FriendCalls {
  const { friends, newsFor, clock } = options;

  async function contact(calling: Calling): Promise<Result<Answer, PeerFault>> {
    const { friend, device, seat } = calling;
    const first = await tell(calling);
    if (first.ok) return first;
    const { trouble } = meaningOf(first.fault);
    if (trouble === 'not-friends' && !seat.introduced && options.introduce !== undefined) {
      const said = await options.introduce(friend, device);
      // Nobody has decided anything: else one answer that got lost would have been the end of a friendship.
      if (typeof said !== 'boolean' && isUndecided(said)) return failed(NOT_THROUGH);
      seat.introduced = true;
      if (said === true) return tell(calling);
      // There seem to be two of this device: that is worse than not to be friends.
      if (said !== false && meaningOf(said).trouble === 'revoked') return failed(said);
    }
    if (trouble === 'wrong-key') await recognise(calling);
    return first;
  }

  async function recognise({ friend, device, seat }: Calling): Promise<void> {
    const nowMs = clock.monotonicMs();
    if (options.recognise === undefined || nowMs - seat.recognisedMs < RECOGNISE_EVERY_MS) return;
    seat.recognisedMs = nowMs;
    const known = friends.knownDevice(device)?.device.addresses ?? [];
    // What it finds is in the friends' book then, and gets a seat of its own.
    await options.recognise(friend, [...new Set([...seat.sighted, ...known])]);
  }

  async function tell(calling: Calling): Promise<Result<Answer, PeerFault>> {
    const { friend, device, seat, signal } = calling;
    const news = withCalled(seat, await newsFor(friend), clock.monotonicMs());
    const told = await options.call(friend, device, news, { sighted: seat.sighted, signal });
    const nowMs = clock.monotonicMs();
    if (!told.ok) {
      // Its key refused, or said what we can't read: it is there, and that is what was asked.
      if (meaningOf(told.fault).type !== 'answered') return told;
      seat.told = { news, atMs: nowMs };
      return ok({ goes: false });
    }
    seat.told = { news, atMs: nowMs };
    seat.reachedMs = nowMs;
    seat.address = told.value.address;
    seat.introduced = false;
    seat.reaching = { atMs: nowMs, s: told.value.news.calledS };
    await learn(seat, device, told.value.news, { proved: told.value.address });
    return ok({ goes: told.value.news.goes === true });
  }

  async function learn(seat: Seat, device: DeviceId, news: News, how: Contact): Promise<void> {
    const known = friends.knownDevice(device);
    if (known === undefined) return;
    const atMs = clock.nowMs();
    const { name, kind, share, leavesInS } = news;
    const addresses = learnAddresses(known.device.addresses, news.addresses, how);
    const leavesMs = leavesInS === undefined ? undefined : atMs + leavesInS * 1000;
    if (isNewToBook(known, news, { addresses, leavesMs, atMs }))
      await friends.told({ device, name, kind, addresses, share, leavesMs, atMs });
    if (seat.plots === news.plots) return;
    seat.plots = news.plots;
    options.onNews(known.friend, news);
  }

  async function sayGoodbye(seats: ReadonlyMap<DeviceId, Seat>): Promise<void> {
    const ending = new AbortController();
    const timer = setTimeout(() => ending.abort(), GOODBYE_MS);
    const { signal } = ending;
    await Promise.all(
      [...seats].map(async ([device, { state, told, sighted }]) => {
        const friend = friends.byDevice(device);
        if (state.state !== 'online' || told === undefined || friend === undefined) return;
        await options.call(friend, device, { ...told.news, goes: true }, { sighted, signal });
      }),
    );
    clearTimeout(timer);
  }

  return { contact, learn, sayGoodbye };
}
