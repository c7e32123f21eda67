import type { Async } from '../../../shared/async.ts';
import type { DeviceId, OwnerId, PlotId } from '../../../shared/ids.ts';
import type { AllocateRequest, AnyReason } from '../../../shared/model/allocate.ts';
import { promisedBytes } from '../../../shared/model/plot.ts';
import { HOUR_MS } from '../../../shared/units.ts';
import type { TicketRequest } from '../../../shared/wire/accounts.ts';
import type { Friend } from '../friends/friend-book.ts';
import type { FriendRegistry } from '../friends/friend-registry.ts';
import type { Clock } from '../ports.ts';
import type { AccountBook } from './account-book.ts';
import type { CallFault, KeeperCalls } from './keeper-calls.ts';
import type { Membership, MembershipBook } from './membership-book.ts';
import { readTicket, requestHashOf, type Ticket } from './ticket.ts';

/** The member's side of accounts: what keepers say is left, and what to say to hosts (design §3.5). */
export type Memberships = {
  /** Asks every friend who can be asked; whoever does not answer keeps what was known of him. */
  readonly look: () => Promise<void>;
  /** A friend was heard of: he may keep accounts, or what is left may have changed. */
  readonly news: (owner: OwnerId) => void;
  /** Once a minute: whoever was not asked for hours. */
  readonly lookDue: () => Promise<void>;
  /** Why a keeper's word is not fresher; undefined: it is. */
  readonly problem: (device: DeviceId) => CallFault['code'] | undefined;
  /** Accounts that cover me at this host. */
  readonly reasons: (host: Friend) => Promise<readonly AnyReason[]>;
  /** The same after a no, if keepers who are there have more to say by now; undefined: they have not. */
  readonly fresher: (host: Friend) => Promise<readonly AnyReason[] | undefined>;
  /**
   * The same with a ticket in one of them, for a host who can't reach the keeper, of one whose ticket was not `tried` there
   * yet; undefined: there is none to be had.
   */
  readonly withTicket: (
    host: Friend,
    request: Pick<
      AllocateRequest,
      'requestId' | 'size' | 'minSize' | 'duration' | 'plot' | 'accept'
    >,
    tried?: readonly AnyReason[],
  ) => Promise<readonly AnyReason[] | undefined>;
};

/** More accounts than this would leave no place for other reasons. */
const REASONS_OF_ACCOUNTS = 4;
const EVERY_MS = 6 * HOUR_MS;
/** A friend who says all the time that something changed is not asked all the time. */
const NEWS_GAP_MS = 60_000;
/** Nor are all of them, or the same ones all the time, for every no that one hears. */
const AFTER_NO_MAX = 16;
const AFTER_NO_GAP_MS = 10_000;

export function createMemberships({
  me,
  own,
  book,
  friends,
  calls,
  deviceOf,
  isOnline,
  clock,
  onChange,
}: {
  readonly me: { readonly owner: OwnerId; readonly device: DeviceId };
  readonly own: Async<Pick<AccountBook, 'ofMember'>>;
  readonly book: Async<MembershipBook>;
  readonly friends: Pick<FriendRegistry, 'friends' | 'friend' | 'byDevice'>;
  readonly calls: Pick<KeeperCalls, 'look' | 'ticket'>;
  /** The device of a friend that decides about room for a new plot, or for this one. */
  readonly deviceOf: (host: Friend, plot: PlotId | undefined) => Promise<DeviceId | undefined>;
  readonly isOnline: (device: DeviceId) => boolean;
  readonly clock: Clock;
  readonly onChange: () => void;
}): Memberships {
  const problems = new Map<DeviceId, CallFault['code']>();
  const askedMs = new Map<OwnerId, number>();
  /** Heard of too soon after they were asked: the last word of several counts. */
  const missed = new Set<OwnerId>();
  const asking = new Map<OwnerId, Promise<void>>();

  async function lookAt({ owner, devices }: Friend): Promise<void> {
    askedMs.set(owner, clock.monotonicMs());
    missed.delete(owner);
    await Promise.all(
      devices
        .filter(({ revoked, addresses }) => !revoked && addresses.length > 0)
        .map(async ({ device }) => {
          const answered = await calls.look(device);
          if (answered.ok) {
            problems.delete(device);
            const heard = { keeper: owner, device, said: answered.value, atMs: clock.nowMs() };
            await book.heard(heard);
          } else problems.set(device, answered.fault.code);
        }),
    );
    onChange();
  }

  /** One question to a friend at a time; who comes meanwhile hears the same answer. */
  function ask(friend: Friend): Promise<void> {
    const under = asking.get(friend.owner);
    if (under !== undefined) return under;
    const asked = lookAt(friend).finally(() => asking.delete(friend.owner));
    asking.set(friend.owner, asked);
    return asked;
  }

  async function known(): Promise<readonly Membership[]> {
    const all = await book.memberships();
    const gone = all.filter(({ device }) => friends.byDevice(device) === undefined);
    for (const device of new Set(gone.map((each) => each.device))) await book.forget(device);
    return all.filter((each) => !gone.includes(each));
  }

  async function covering(host: Friend): Promise<readonly Omit<Membership, 'asOfMs'>[]> {
    const [mine, others] = await Promise.all([own.ofMember(me.owner), known()]);
    const kept = mine
      .filter(({ struck }) => !struck.includes(host.owner))
      .map((each) => ({
        ...each,
        keeper: me.owner,
        device: me.device,
        chargedBytes: each.openBytes + each.heldBytes,
      }));
    const all = [...others, ...kept].filter(
      ({ closed, hosts }) => !closed && (hosts.length === 0 || hosts.includes(host.owner)),
    );
    return inTurns(all).slice(0, REASONS_OF_ACCOUNTS);
  }

  return {
    look: async () => {
      await Promise.all(
        friends
          .friends()
          .filter(({ departed }) => !departed)
          .map(ask),
      );
    },
    news: (owner) => {
      const friend = friends.friend(owner);
      const sinceMs = clock.monotonicMs() - (askedMs.get(owner) ?? Number.NEGATIVE_INFINITY);
      if (friend === undefined || friend.departed) return;
      if (sinceMs < NEWS_GAP_MS) {
        missed.add(owner);
        return;
      }
      // Only the closing of the books can reject this, and then nobody needs the answer.
      ask(friend).catch(() => undefined);
    },
    lookDue: async () => {
      const keepers = new Set((await known()).map(({ keeper }) => keeper));
      const due = friends.friends().filter(({ owner, departed }) => {
        const sinceMs = clock.monotonicMs() - (askedMs.get(owner) ?? Number.NEGATIVE_INFINITY);
        const gapMs = missed.has(owner) ? NEWS_GAP_MS : EVERY_MS;
        return !departed && (keepers.has(owner) || missed.has(owner)) && sinceMs >= gapMs;
      });
      await Promise.all(due.map(ask));
    },
    problem: (device) => problems.get(device),
    reasons: async (host) => (await covering(host)).map((each) => reasonOf(each)),
    fresher: async (host) => {
      const names = (each: Pick<Membership, 'device' | 'account'>) =>
        `${each.device} ${each.account}`;
      const before = new Set((await covering(host)).map(names));
      const keepers = new Set((await known()).map(({ keeper }) => keeper));
      const likely = ({ owner }: Friend) => Number(missed.has(owner)) + Number(keepers.has(owner));
      const due = friends
        .friends()
        .filter(({ owner, departed, devices }) => {
          const sinceMs = clock.monotonicMs() - (askedMs.get(owner) ?? Number.NEGATIVE_INFINITY);
          const isThere = devices.some(({ device }) => isOnline(device));
          // Whoever is being asked just now is waited for, whatever brought that about.
          const isDue = asking.has(owner) || sinceMs >= AFTER_NO_GAP_MS;
          return !departed && isThere && isDue;
        })
        .toSorted((one, other) => likely(other) - likely(one))
        .slice(0, AFTER_NO_MAX);
      await Promise.all(due.map(ask));
      const now = await covering(host);
      return now.some((each) => !before.has(names(each)))
        ? now.map((each) => reasonOf(each))
        : undefined;
    },
    withTicket: async (host, request, tried = []) => {
      const device = await deviceOf(host, request.plot);
      if (device === undefined) return undefined;
      const all = await covering(host);
      for (const membership of all) {
        // My own device is where the host has just not reached anybody.
        if (membership.device === me.device || hasTicketOf(tried, membership)) continue;
        const ask = {
          requestId: request.requestId,
          account: membership.account,
          host: host.owner,
          device,
          // For a plot that grows this is a little more than is added, which is soon put right.
          bytes: promisedBytes(request.size),
          durationS: request.duration.want,
          requestHash: requestHashOf(request),
        };
        const answered = await calls.ticket(membership.device, ask);
        // A keeper whose ticket is none must not stand in the way of the next one's.
        if (!answered.ok || !isFor(readTicket(answered.value, membership.device), ask, me.owner))
          continue;
        const others = all.filter((each) => each !== membership).map((each) => reasonOf(each));
        return [reasonOf(membership, answered.value), ...others];
      }
      return undefined;
    },
  };
}

/** What was asked for, signed; the host looks at it in the same way, and at the time besides. */
function isFor(ticket: Ticket | undefined, ask: Omit<TicketRequest, 'v'>, me: OwnerId): boolean {
  return (
    ticket !== undefined &&
    ticket.member === me &&
    ticket.account === ask.account &&
    ticket.device === ask.device &&
    ticket.requestHash === ask.requestHash &&
    ticket.bytes >= ask.bytes &&
    ticket.durationS >= ask.durationS
  );
}

/** One of each keeper, then the next of each: whoever says that I am in a hundred of his accounts hides nobody else's. */
function inTurns<T extends Pick<Membership, 'keeper'>>(all: readonly T[]): readonly T[] {
  const turns = new Map<OwnerId, number>();
  return all
    .map((each) => {
      const turn = turns.get(each.keeper) ?? 0;
      turns.set(each.keeper, turn + 1);
      return { each, turn };
    })
    .toSorted((one, other) => one.turn - other.turn)
    .map(({ each }) => each);
}

function hasTicketOf(
  reasons: readonly AnyReason[],
  { device, account }: Pick<Membership, 'device' | 'account'>,
): boolean {
  return reasons.some(
    (reason) =>
      isOfAccount(reason) &&
      reason.ticket !== undefined &&
      reason.server.device === device &&
      reason.account === account,
  );
}

function isOfAccount(reason: AnyReason): reason is Extract<AnyReason, { kind: 'account' }> {
  return reason.kind === 'account';
}

/** Addresses are left out: hosts use their own, and ours of a friend are nobody's business. */
function reasonOf(
  { device, account }: Pick<Membership, 'device' | 'account'>,
  ticket?: string,
): AnyReason {
  const reason: AnyReason = { kind: 'account', server: { device, addresses: [] }, account };
  return ticket === undefined ? reason : { ...reason, ticket };
}
