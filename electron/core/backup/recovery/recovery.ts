import { isAbsolute } from 'node:path';
import type { RecoveryView } from '../../../../shared/contract/backup-views.ts';
import type { Sentence } from '../../../../shared/contract/views.ts';
import type { Async } from '../../../../shared/async.ts';
import { type Fault, fault } from '../../../../shared/fault.ts';
import type { DeviceId, OwnerId, PlotId } from '../../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { parseAddress } from '../../../../shared/address.ts';
import type { Holding, HoldingsBook } from '../../client/holdings/holdings-book.ts';
import type { Peers } from '../../client/peers.ts';
import { type PeerFault, toFault } from '../../client/connection/peer-fault.ts';
import type { Friend } from '../../friends/friend-book.ts';
import { type FriendRegistry, nameOf } from '../../friends/friend-registry.ts';
import type { PairingTable } from '../../friends/pairing-table.ts';
import type { Identity } from '../../identity/identity.ts';
import { readStatement } from '../../identity/statement.ts';
import { noFolder } from '../../is-folder.ts';
import type { Clock, Logger } from '../../ports.ts';
import type { AddressBook, BookProblem } from './address-book.ts';
import { createBookIntake } from './book-intake.ts';
import { knock, type Met } from './knock.ts';
import { asHoldings, asSet, otherSets, plotsOf } from './other-sets.ts';
import type { PlotPapers } from '../plot-papers.ts';
import { type LainBook, plotAt } from './read-books.ts';
import type { RecoveryBook } from './recovery-book.ts';
import { createFolderPapers } from '../repository/folder-papers.ts';
import type { BackupSet, SetBook } from '../set-book.ts';
import { createVisits } from './visits.ts';
import { whichComputer } from './which-computer.ts';

/**
 * How a device with nothing but its owner's words finds friends and backups again, and how this owner's devices learn of
 * each other's: by the address books that lie in the plots (design §5, "Recovery phrase").
 *
 *     searching ──a friend knows the owner, and a book opens──▶ found
 *
 * Whoever answers is nobody until a book has said who he is.
 */
export type Recovery = {
  readonly view: () => Promise<Omit<RecoveryView, 'possible'>>;
  /** Looks for a friend there; `device` is his key, where it is known. */
  readonly call: (
    address: string,
    device: DeviceId | undefined,
  ) => Promise<Result<undefined, Fault>>;
  /** Somebody was heard nearby, or a friend came. */
  readonly look: () => void;
  /** Once a minute. */
  readonly tick: () => Promise<void>;
  /** A book that lies in a plot of this owner's. */
  readonly takeAt: (content: Uint8Array, plot: PlotId, host: OwnerId) => Promise<unknown>;
  /** Another installation's set, by the name it has here. */
  readonly otherSet: (name: string) => Promise<BackupSet | undefined>;
  readonly otherHoldings: () => Promise<readonly Holding[]>;
  /** Another installation's set goes on here from now on, as soon as it is told to run. */
  readonly takeOver: (name: string) => Promise<BackupSet | undefined>;
  /** The installation that is meant (`which-computer.ts`). */
  readonly instanceOf: (text: string) => Promise<string | undefined>;
  /** Friends that only books name which are not believed, and of whom the person has not said anything. */
  readonly doubtful: () => Promise<
    readonly (RecoveryView['doubtful'][number] & { readonly owner: OwnerId })[]
  >;
  /** A friend is one after all, though only doubtful books name him; without one: all that books say is so. */
  readonly believe: (owner: OwnerId | undefined) => Promise<void>;
  /** Since then another computer of this owner's is in somebody else's hands. */
  readonly suspect: (atMs: number | undefined) => Promise<void>;
  /** What was that installation's own is this one's. */
  readonly takeAll: (instance: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

export type RecoveryOptions = {
  readonly identity: Pick<
    Identity,
    | 'owner'
    | 'instance'
    | 'replaces'
    | 'fromWords'
    | 'addressBookKey'
    | 'keyPem'
    | 'certificatePem'
    | 'statement'
  >;
  readonly friends: FriendRegistry;
  readonly holdings: Async<Pick<HoldingsBook, 'holdings'>>;
  readonly sets: Async<Pick<SetBook, 'sets' | 'set'>>;
  readonly book: Async<RecoveryBook>;
  readonly peers: Pick<Peers, 'plots' | 'introduce' | 'devices'>;
  readonly pairings: Pick<PairingTable, 'subscribe'>;
  readonly papersAt: (host: Friend, plot: PlotId) => PlotPapers | undefined;
  readonly isOnline: (owner: OwnerId) => boolean;
  /** Strangers on networks called home. */
  readonly nearby: () => readonly {
    readonly id: string;
    readonly addresses: readonly string[];
  }[];
  /** How what a friend keeps of mine stands is asked for anew. */
  readonly ask: (owner: OwnerId) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly onChange: () => void;
};

type Door = {
  readonly id: string;
  readonly addresses: readonly string[];
  readonly device?: DeviceId | undefined;
};

/** A stranger who said no is asked again after this long: he may have become another one at the same name. */
const KNOCK_AGAIN_MS = 60_000;
const KNOCKS_AT_ONCE = 2;
/**
 * Whoever answers first may be anybody, and his book may name nobody that is right: the others nearby are still asked for as
 * long, once. Whoever could not be reached, or whose books did not all come through, is asked again: what a forged one lacks
 * may be in those.
 */
const GO_ON_MS = 600_000;

export function createRecovery(options: RecoveryOptions): Recovery {
  const { identity, friends, holdings, sets, book, clock, onChange } = options;
  const knocked = new Map<string, { readonly atMs: number; readonly isDone: boolean }>();
  /** Where the person called, and not all came through. */
  const called = new Map<string, Door>();
  const closing = new AbortController();
  const intake = createBookIntake(options);
  const { take, takeSeen, judgeAgain, takeAll, settled } = intake;
  const visits = createVisits({ ...options, intake, signal: closing.signal });
  let trouble: Sentence | null = null;
  let searching: Promise<void> | undefined;
  let isWanted = false;
  let searchedMs: number | undefined;

  async function others(): Promise<readonly AddressBook[]> {
    return (await book.books()).filter(({ instance }) => instance !== identity.instance);
  }

  async function isSearching(): Promise<boolean> {
    return identity.fromWords && (await others()).length === 0;
  }

  function say(next: Sentence | null): void {
    if (JSON.stringify(next) === JSON.stringify(trouble)) return;
    trouble = next;
    onChange();
  }

  /** The least that can be said: what a person's own call, or somebody who knows the owner, has brought stands. */
  function sayNobody(): void {
    if (trouble === null) say({ key: 'recovery.nobody-knows', params: {} });
  }

  async function meet(to: Omit<Door, 'id'>): Promise<Result<Met, PeerFault>> {
    const taken: Result<unknown, BookProblem>[] = [];
    const met = await knock(identity, {
      ...to,
      clock,
      signal: closing.signal,
      take: async (books) => {
        taken.push(...(await takeMet(books)));
      },
    });
    if (!met.ok) return met;
    await learnDevice(met.value);
    const { name } = met.value.hello;
    const isAny = taken.some((each) => each.ok);
    if (isAny) say(null);
    else if (await isSearching()) say(whyNothing(met.value, taken, name));
    return met;
  }

  async function takeMet(
    books: readonly LainBook[],
  ): Promise<readonly Result<unknown, BookProblem>[]> {
    if (identity.fromWords) return takeSeen(books);
    const taken = [];
    for (const { content } of books) taken.push(await take(content));
    return taken;
  }

  async function doubtful(): ReturnType<Recovery['doubtful']> {
    if (!identity.fromWords) return [];
    return (await intake.doubtful()).flatMap(
      ({ friend: { owner, name, petName }, sinceMs, host, isSteady }) => {
        const person = friends.person(owner);
        // Whom nothing holds back is asked about as well: a plot that names him all along may be a thief's.
        const isOpen = person === undefined || (!person.departed && (person.blocked || isSteady));
        const shown = { owner, name: petName ?? name, sinceMs, host };
        return owner !== identity.owner && isOpen ? [shown] : [];
      },
    );
  }

  /** Whoever answered may be a device of a friend's that the book does not know yet. */
  async function learnDevice({ device, address, hello: said }: Met): Promise<void> {
    if (friends.personByDevice(device) !== undefined) return friends.contacted(device, address);
    const signed = said.statement;
    const statement = signed === undefined ? undefined : readStatement(signed);
    if (signed === undefined || statement?.device !== device) return;
    const person = friends.person(statement.owner);
    if (person === undefined || person.departed) return;
    const { name, kind } = said;
    const atMs = clock.nowMs();
    const common = { name, kind, statement, signed, addresses: [address], atMs };
    await friends.add({ ...common, isIntroduced: true });
  }

  async function searchNearby(): Promise<void> {
    const nowMs = clock.monotonicMs();
    const isFirst = await isSearching();
    if (isFirst) searchedMs = nowMs;
    else if (searchedMs === undefined || nowMs - searchedMs >= GO_ON_MS) return;
    for (const [id, { atMs, isDone }] of knocked)
      if (nowMs - atMs >= KNOCK_AGAIN_MS && (isFirst || !isDone)) knocked.delete(id);
    const doors: readonly Door[] = [...options.nearby(), ...called.values()];
    const waiting = doors.filter(({ id, addresses }) => !knocked.has(id) && addresses.length > 0);
    const work = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const atMs = clock.monotonicMs();
        knocked.set(next.id, { atMs, isDone: true });
        const met = await meet(next);
        if (met.ok ? !met.value.isWhole : isAway(met.fault))
          knocked.set(next.id, { atMs, isDone: false });
        else called.delete(next.id);
        if (!met.ok && isUnknown(met.fault) && (await isSearching())) sayNobody();
        if (closing.signal.aborted) return;
      }
    };
    await Promise.all(Array.from({ length: KNOCKS_AT_ONCE }, work));
  }

  /** Whoever is heard while others are asked has his turn after them. */
  async function searchAll(): Promise<void> {
    do {
      isWanted = false;
      await searchNearby();
    } while (isWanted && !closing.signal.aborted);
  }

  function search(): Promise<void> {
    isWanted = true;
    searching ??= searchAll().finally(() => {
      searching = undefined;
    });
    return searching;
  }

  async function otherList() {
    const { instance, replaces } = identity;
    const [books, own, held] = await Promise.all([book.books(), sets.sets(), holdings.holdings()]);
    const known = otherSets(books, { instance, replaces, sets: own, holdings: held });
    const plots = new Set(
      [...held, ...books.flatMap((each) => each.plots)].map(({ plot }) => plot),
    );
    const stray = visits.strays();
    return [
      ...known,
      ...stray.filter(({ from }) => !from.plots.some((each) => plots.has(each.plot))),
    ];
  }

  function friendNames(owners: readonly OwnerId[]): readonly string[] {
    return owners.flatMap((owner) => {
      const person = friends.person(owner);
      return person === undefined ? [] : [nameOf(person)];
    });
  }

  /** Sets of the installation whose place this one took, by the names they have here. */
  async function takenSets(found: readonly AddressBook[]): Promise<RecoveryView['sets']> {
    const from = found.find(({ instance }) => instance === identity.replaces);
    if (from === undefined) return [];
    const [own, held] = await Promise.all([sets.sets(), holdings.holdings()]);
    return from.sets.flatMap((set) => {
      const plots = new Set(plotsOf({ from, set }).map(({ plot }) => plot));
      // It may have got another name here.
      const name = held.find(({ plot }) => plots.has(plot))?.set ?? set.name;
      const here = own.find((each) => each.name === name);
      if (here === undefined) return [];
      const { folders, hosts } = here;
      return [{ name: here.name, folders, host: from.host, friends: friendNames(hosts) }];
    });
  }

  /** Not an address of a device: a disk with a repository on it has an address book too. */
  async function fromDisk(folder: string): Promise<Result<undefined, Fault>> {
    if (!isAbsolute(folder)) return failed(fault('bad-address', { address: folder }));
    const wrong = await noFolder(folder);
    if (wrong !== undefined) return failed(wrong);
    const read = await createFolderPapers(folder).read('address-book');
    if (!read.ok) return failed(fault('no-repository', { folder }));
    const taken = await take(read.value);
    if (taken.ok) say(null);
    else if (await isSearching()) say({ key: 'recovery.disk-unread', params: { folder } });
    return ok(undefined);
  }

  async function believe(owner: OwnerId | undefined): Promise<void> {
    const held = await intake.doubtful();
    await book.believe({ owner });
    await judgeAgain();
    for (const { friend } of held)
      if ((owner ?? friend.owner) === friend.owner && friends.person(friend.owner)?.blocked)
        await friends.setBlocked({ owner: friend.owner, blocked: friend.blocked });
    visits.look().catch(() => undefined);
  }

  // Whom the person has compared digits with he knows, whatever is thought of the books that name him too.
  const stop = options.pairings.subscribe(({ state, other }) => {
    // Only the closing of the books can reject this.
    if (identity.fromWords && state === 'paired')
      believe(other.statement.owner).catch(() => undefined);
  });

  return {
    view: async () => {
      const found = await others();
      const doubted = await doubtful();
      const waiting = new Set(doubted.map(({ owner }) => owner));
      const owners = new Set(found.flatMap((each) => each.friends.map(({ owner }) => owner)));
      const people = [...owners].flatMap((owner) => {
        const person = friends.person(owner);
        return person === undefined || person.departed || waiting.has(owner) ? [] : [person];
      });
      const more = await otherList();
      const hasFriends = friends.friends().some(({ departed }) => !departed);
      // Paired by hand instead of found: there is nothing to wait for.
      const without = identity.fromWords && !hasFriends ? 'searching' : 'none';
      const isFound = found.length > 0 || more.length > 0;
      return {
        state: identity.fromWords && isFound ? 'found' : without,
        friends: people.map((person) => ({
          owner: person.owner,
          name: nameOf(person),
          online: options.isOnline(person.owner),
        })),
        sets: [
          ...(await takenSets(found)),
          ...more.map((other) => {
            const { name, folders, hosts } = asSet(other);
            return { name, folders, host: other.from.host, friends: friendNames(hosts) };
          }),
        ],
        doubtful: doubted,
        fault: trouble,
      };
    },
    call: async (address, device) => {
      if (parseAddress(address) === undefined) return fromDisk(address);
      const atMs = clock.monotonicMs();
      // It may bring the first book before anybody has been looked for.
      if (await isSearching()) searchedMs = atMs;
      const door: Door = { id: address, addresses: [address], device };
      const met = await meet(door);
      if (met.ok && !met.value.isWhole) {
        called.set(address, door);
        knocked.set(address, { atMs, isDone: false });
      }
      if (met.ok) return ok(undefined);
      if (!isUnknown(met.fault)) return failed(toFault(met.fault, address));
      if (await isSearching()) say({ key: 'recovery.unknown-there', params: { address } });
      return ok(undefined);
    },
    look: () => {
      // Only the closing of the books can reject these; the next minute tries again.
      search().catch(() => undefined);
      visits.look().catch(() => undefined);
    },
    tick: async () => {
      await Promise.all([search(), visits.look()]);
    },
    takeAt: (content, plot, host) =>
      identity.fromWords
        ? takeSeen([{ content, plot: plotAt(host, plot), fromMs: clock.nowMs(), isFirst: true }])
        : take(content),
    otherSet: async (name) => {
      const other = (await otherList()).find((each) => each.name === name);
      return other === undefined ? undefined : asSet(other);
    },
    otherHoldings: async () => (await otherList()).flatMap(asHoldings),
    takeOver: async (name) => {
      const other = (await otherList()).find((each) => each.name === name);
      const from = (await others()).find(({ instance }) => instance === other?.from.instance);
      if (other === undefined || from === undefined) return undefined;
      const { set } = other;
      const here = await book.takeOver({ from, set, atMs: clock.nowMs() });
      const hosts = new Set(plotsOf({ from, set }).map(({ host }) => host));
      // How long its plots are kept, and how much is in them, only their hosts know.
      for (const host of hosts) await options.ask(host);
      onChange();
      return sets.set(here);
    },
    instanceOf: async (text) => whichComputer(text, await others(), identity.owner),
    takeAll,
    doubtful,
    believe,
    suspect: async (atMs) => {
      await book.setStolen({ atMs });
      if (identity.fromWords) await judgeAgain();
    },
    close: async () => {
      stop();
      closing.abort();
      await Promise.allSettled([searching, visits.settled(), settled()]);
    },
  };
}

/** It answers, and knows nothing of this owner. */
function isUnknown(said: PeerFault): boolean {
  return said.code === 'refused' && said.denied.reasons[0]?.code === 'unknown-peer';
}

/** Another time he may answer: nobody is there, or somebody asks him too much. */
function isAway(said: PeerFault): boolean {
  if (said.code !== 'refused') return said.code === 'unreachable';
  return said.denied.reasons[0]?.code === 'rate-limited';
}

/** He knows the owner, so the words are right, whatever is wrong with the book. */
function whyNothing(
  { plots, missed }: Met,
  taken: readonly Result<unknown, BookProblem>[],
  name: string,
): Sentence {
  const isNewer = taken.some((each) => !each.ok && each.fault === 'newer');
  if (isNewer) return { key: 'recovery.book-newer', params: { friend: name } };
  if (taken.length > 0 || missed > 0)
    return { key: 'recovery.book-damaged', params: { friend: name } };
  const key = plots.length > 0 ? 'recovery.no-book' : 'recovery.no-plots';
  return { key, params: { friend: name } };
}
