import type { Async } from '../../../shared/async.ts';
import { type Fault, fault } from '../../../shared/fault.ts';
import type { DeviceId, OwnerId } from '../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import { whoIsMeant } from '../../../shared/who-is-meant.ts';
import type { Statement } from '../identity/statement.ts';
import type { Friend, FriendBook, FriendDevice } from './friend-book.ts';
import { judgeStatement, type Unfit } from './judge-statement.ts';

/** Contacts are remembered at once and written down at most this often: a backup makes thousands. */
const CONTACT_WRITTEN_EVERY_MS = 60_000;

/** What changes the book: when it is answered, all that is read here shows it. */
type Writes = Pick<
  Async<FriendBook>,
  | 'add'
  | 'addAll'
  | 'rename'
  | 'setBlocked'
  | 'holdBack'
  | 'told'
  | 'setGivenAddress'
  | 'setLeaving'
  | 'setLeaves'
  | 'depart'
>;

/** All friends in memory, so that every request can be checked without waiting (design §5). */
export type FriendRegistry = Writes & {
  readonly friends: () => readonly Friend[];
  readonly friend: (owner: OwnerId) => Friend | undefined;
  /** The owner's word about each device that counts, as it was signed. */
  readonly statements: Async<FriendBook>['statements'];
  readonly heldBack: Async<FriendBook>['heldBack'];
  /** The friend behind a device that counts: known, not revoked, not departed. */
  readonly byDevice: (device: DeviceId) => Friend | undefined;
  /** People that are no friends: guests here, and hosts who keep something of mine as their guest's. */
  readonly others: () => readonly Friend[];
  /** A friend, a guest or a host: for whatever is about plots alone. */
  readonly person: (owner: OwnerId) => Friend | undefined;
  /** Whoever is behind a device that counts, friend or not. */
  readonly personByDevice: (device: DeviceId) => Friend | undefined;
  /** A guest or a host, as `find` finds friends. */
  readonly findOther: (text: string) => Result<Friend, Fault>;
  /** Somebody else has written into the book. */
  readonly refresh: () => Promise<void>;
  /** By pet name, name, or the beginning of the owner's id; nobody who is a friend no longer. */
  readonly find: (text: string) => Result<Friend, Fault>;
  /** The same where it is about the past: a former friend too, if no present one is meant. */
  readonly findEver: (text: string) => Result<Friend, Fault>;
  /** Why a device would not count although its owner signed for it; `undefined`: it would. */
  readonly judge: (statement: Statement) => Unfit['code'] | undefined;
  /** Any device ever written down, struck off or of a friend no longer. */
  readonly knownDevice: (device: DeviceId) => KnownDevice | undefined;
  /** Notes that a device was heard of; `address` is one at which it answered. */
  readonly contacted: (device: DeviceId, address?: string) => void;
  readonly subscribe: (listener: () => void) => () => void;
};

export type KnownDevice = { readonly friend: Friend; readonly device: FriendDevice };

export async function openFriendRegistry(
  book: Async<FriendBook>,
  nowMs: () => number,
): Promise<FriendRegistry> {
  const listeners = new Set<() => void>();
  const writtenAtMs = new Map<DeviceId, number>();
  let everybody: readonly Friend[] = [];
  let all: readonly Friend[] = [];
  let owners = new Map<OwnerId, Friend>();
  let devices = new Map<DeviceId, Friend>();
  let everyDevice = new Map<DeviceId, KnownDevice>();

  async function reload(): Promise<void> {
    everybody = await book.friends();
    all = everybody.filter(isFriend);
    owners = new Map(everybody.map((friend) => [friend.owner, friend]));
    devices = new Map();
    everyDevice = new Map();
    for (const friend of everybody) {
      for (const device of friend.devices) everyDevice.set(device.device, { friend, device });
      if (friend.departed) continue;
      for (const { device, revoked } of friend.devices) if (!revoked) devices.set(device, friend);
    }
    for (const listener of listeners) listener();
  }

  async function note(device: DeviceId, address: string | undefined): Promise<void> {
    const known = devices.get(device)?.devices.find((each) => each.device === device);
    const isNew = address !== undefined && known?.addresses[0] !== address;
    const sinceMs = nowMs() - (writtenAtMs.get(device) ?? 0);
    // What was written in the future was written by a clock that was wrong.
    const isWritten = sinceMs >= 0 && sinceMs < CONTACT_WRITTEN_EVERY_MS;
    if (known === undefined || (!isNew && isWritten)) return;
    writtenAtMs.set(device, nowMs());
    const addresses = isNew ? [address, ...without(known.addresses, address)] : undefined;
    await book.contacted({ device, atMs: nowMs(), addresses });
    await reload();
  }

  function written<C, R>(write: (call: C) => Promise<R>): (call: C) => Promise<R> {
    return async (call) => {
      const result = await write(call);
      await reload();
      return result;
    };
  }

  const present = () => all.filter(({ departed }) => !departed);
  const others = () => everybody.filter((each) => !isFriend(each) && !each.departed);
  const onlyFriend = (person: Friend | undefined) =>
    person !== undefined && isFriend(person) ? person : undefined;

  await reload();
  return {
    friends: () => all,
    friend: (owner) => onlyFriend(owners.get(owner)),
    statements: () => book.statements(),
    heldBack: () => book.heldBack(),
    byDevice: (device) => onlyFriend(devices.get(device)),
    others,
    person: (owner) => owners.get(owner),
    personByDevice: (device) => devices.get(device),
    findOther: (text) => find(others(), text),
    refresh: reload,
    find: (text) => find(present(), text),
    findEver: (text) => {
      const found = find(present(), text);
      return !found.ok && found.fault.code === 'friend-unknown' ? find(all, text) : found;
    },
    add: written(book.add),
    addAll: written(book.addAll),
    rename: written(book.rename),
    setBlocked: written(book.setBlocked),
    holdBack: written(book.holdBack),
    told: written(book.told),
    setGivenAddress: written(book.setGivenAddress),
    setLeaving: written(book.setLeaving),
    setLeaves: written(book.setLeaves),
    depart: written(book.depart),
    judge: (statement) => {
      const own = owners.get(statement.owner)?.devices ?? [];
      const same = everyDevice.get(statement.device);
      const written = own.map((device) => ({ ...device, owner: statement.owner }));
      if (same !== undefined && same.friend.owner !== statement.owner)
        written.push({ ...same.device, owner: same.friend.owner });
      return judgeStatement(statement, written)?.code;
    },
    knownDevice: (device) => everyDevice.get(device),
    contacted: (device, address) => {
      // Only the closing of the books can reject this, and then nobody needs the note.
      note(device, address).catch(() => undefined);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** Of one device: enough for a cable, a wireless and a VPN address, each in two families. */
export const ADDRESSES_MAX = 6;

function without(addresses: readonly string[], address: string): readonly string[] {
  return addresses.filter((each) => each !== address).slice(0, ADDRESSES_MAX - 1);
}

/**
 * One of a friend's devices was brought by the friend's word alone and has never been heard, such as a
 * new machine in the place of one that died: that it doesn't know this one says nothing about the friendship.
 */
export function hasNewcomer({ devices }: Friend): boolean {
  return devices.some(({ revoked, came }) => !revoked && came === 'introduced');
}

function isFriend({ relation }: Friend): boolean {
  return relation === undefined;
}

/** What the owner calls this friend. */
export function nameOf(friend: Pick<Friend, 'name' | 'petName'>): string {
  return friend.petName ?? friend.name;
}

function find(all: readonly Friend[], text: string): Result<Friend, Fault> {
  const named = all.map((friend) => ({ owner: friend.owner, name: nameOf(friend), friend }));
  const [first, second] = whoIsMeant(named, text);
  if (first === undefined) return failed(fault('friend-unknown', { friend: text }));
  if (second !== undefined) return failed(fault('friend-ambiguous', { friend: text }));
  return ok(first.friend);
}
