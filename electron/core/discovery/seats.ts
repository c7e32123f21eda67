import type { DeviceId, OwnerId } from '../../../shared/ids.ts';
import type { Result } from '../../../shared/result.ts';
import type { News } from '../../../shared/wire/messages.ts';
import type { PeerFault } from '../client/connection/peer-fault.ts';
import type { Friend } from '../friends/friend-book.ts';
import type { DeviceState } from './presence-state.ts';

/** What is known about one device of a friend while this core runs. */
export type Seat = {
  readonly owner: OwnerId;
  state: DeviceState;
  /** Wall clock: since when the state is what it is. */
  sinceMs: number;
  address: string | undefined;
  /** Where the book says that it is, to see when that changes. */
  known: string;
  sighted: readonly string[];
  told: { readonly news: News; readonly atMs: number } | undefined;
  /** The digest of my plots there that was heard last. */
  plots: string | undefined;
  /** Once per absence: who doesn't know us after that has decided so. */
  introduced: boolean;
  recognisedMs: number;
  /** An address its call came from that a call of ours has tried. */
  triedFrom: string | undefined;
  /** When our last call reached it. */
  reachedMs: number | undefined;
  /** When it last said how long ago it reached us, and how long; undefined: never. */
  reaching: { readonly atMs: number; readonly s: number | undefined } | undefined;
  readonly waiters: Set<(result: Result<undefined, PeerFault>) => void>;
};

/** Seats by their devices, and those of one owner without a walk through all. */
export type Seats = ReadonlyMap<DeviceId, Seat> & {
  readonly of: (owner: OwnerId) => readonly Seat[];
  readonly add: (device: DeviceId, seat: Seat) => void;
  readonly remove: (device: DeviceId) => void;
};

export function createSeats(): Seats {
  const seats = new Map<DeviceId, Seat>();
  const owners = new Map<OwnerId, Set<Seat>>();
  return Object.assign(seats, {
    of: (owner: OwnerId) => [...(owners.get(owner) ?? [])],
    add: (device: DeviceId, seat: Seat) => {
      seats.set(device, seat);
      const own = owners.get(seat.owner) ?? new Set();
      owners.set(seat.owner, own.add(seat));
    },
    remove: (device: DeviceId) => {
      const seat = seats.get(device);
      seats.delete(device);
      const own = seat && owners.get(seat.owner);
      if (seat !== undefined && own?.delete(seat) === true && own.size === 0)
        owners.delete(seat.owner);
    },
  });
}

/** There is nowhere to call: not in the book, and it was not sighted. */
export function isNowhere({ known, sighted }: Seat): boolean {
  return known === '' && sighted.length === 0;
}

export function takeSeat(owner: OwnerId, state: DeviceState, sinceMs: number): Seat {
  return {
    owner,
    state,
    sinceMs,
    address: undefined,
    known: '',
    sighted: [],
    told: undefined,
    plots: undefined,
    introduced: false,
    recognisedMs: Number.NEGATIVE_INFINITY,
    triedFrom: undefined,
    reachedMs: undefined,
    reaching: undefined,
    waiters: new Set(),
  };
}

/** Whoever waits for a call to this device hears how it ended. */
export function settle(seat: Seat, result: Result<undefined, PeerFault>): void {
  for (const waiter of seat.waiters) waiter(result);
  seat.waiters.clear();
}

/** All places where the book says that a device may be; empty: none. */
export function placesOf({ givenAddress, devices }: Friend, device: DeviceId): string {
  const known = devices.find((each) => each.device === device);
  return [...(known?.addresses ?? []), ...(givenAddress === undefined ? [] : [givenAddress])]
    .sort()
    .join(' ');
}

/** News with how long ago this device was last reached, which only its seat knows. */
export function withCalled({ reachedMs }: Seat, news: News, nowMs: number): News {
  if (reachedMs === undefined) return news;
  return { ...news, calledS: Math.max(0, Math.round((nowMs - reachedMs) / 1000)) };
}

/** Seconds since each friend's last call reached this device; those who said so. */
export function calledSeconds(
  seats: Iterable<Seat>,
  nowMs: number,
): ReadonlyMap<OwnerId, number | undefined> {
  const latest = new Map<OwnerId, number | undefined>();
  for (const { owner, reaching } of seats) {
    if (reaching === undefined) continue;
    const s =
      reaching.s === undefined
        ? undefined
        : reaching.s + Math.round((nowMs - reaching.atMs) / 1000);
    const before = latest.get(owner);
    const both = before !== undefined && s !== undefined;
    latest.set(owner, both ? Math.min(before, s) : (before ?? s));
  }
  return latest;
}
