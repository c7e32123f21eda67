import type { OwnerId, PlotId } from '../../../../shared/ids.ts';
import type { AddressBook, BookFriend, BookSet } from './address-book.ts';

/**
 * Which address books a machine that comes back believes (design §5). Whoever has a lost computer's keys can write any book he
 * likes, with a valid seal; in a protected plot he can't take away what lay there before. So older versions are heard too:
 * what they name is never lost because a newer one lacks it, and from the moment on that one does lack something, or from
 * when the person says that the computer was stolen, what only newer ones name waits for the person's word. Pure.
 */
export type SeenBook = {
  readonly plot: PlotId;
  readonly book: AddressBook;
  /** Since when it has lain there, by the word of whoever keeps the plot. */
  readonly fromMs: number;
  /** It was there when this machine looked into that plot for the first time; later ones came before its eyes. */
  readonly isFirst: boolean;
};

export type Judged = {
  /** One of each installation, with what only its earlier ones name. */
  readonly books: readonly AddressBook[];
  /** Friends whom the person knows after all. */
  readonly known: readonly BookFriend[];
  /** Named only by books that are not believed. */
  readonly doubtful: readonly DoubtfulFriend[];
};

export type DoubtfulFriend = {
  readonly friend: BookFriend;
  /** Since when such a book has lain there. */
  readonly sinceMs: number;
  /** Whose book it says it is: what the computer calls itself. */
  readonly host: string;
};

const ADDRESSES_MAX = 8;

export function judgeBooks(
  seen: readonly SeenBook[],
  {
    stolenMs,
    believed,
  }: {
    /** The person's word; undefined: nothing was said. */
    readonly stolenMs: number | undefined;
    /** Friends that the person knows after all; `all`: whatever books say. */
    readonly believed: ReadonlySet<OwnerId> | 'all';
  },
): Judged {
  const inOrder = seen.toSorted(
    (one, other) => one.fromMs - other.fromMs || one.book.sequence - other.book.sequence,
  );
  const untilMs = believed === 'all' ? Infinity : (stolenMs ?? Infinity);
  const before = believed === 'all' ? inOrder : inOrder.slice(0, breakAt(inOrder));
  const good = new Set(before.filter(({ fromMs }) => fromMs < untilMs));
  const rest = inOrder.filter((each) => !good.has(each));
  const books = [...Map.groupBy(good, ({ book }) => book.instance).values()].map(together);
  const named = new Set(books.flatMap((book) => book.friends.map(({ owner }) => owner)));
  const doubtful = new Map<OwnerId, DoubtfulFriend>();
  for (const { book, fromMs } of rest)
    for (const friend of book.friends)
      if (!named.has(friend.owner) && !(believed !== 'all' && believed.has(friend.owner))) {
        const { sinceMs = fromMs, host = book.host } = doubtful.get(friend.owner) ?? {};
        doubtful.set(friend.owner, { friend, sinceMs, host });
      }
  const known = [...(believed === 'all' ? [] : believed)].flatMap(
    (owner) =>
      rest.flatMap(({ book }) => book.friends.filter((each) => each.owner === owner)).at(-1) ?? [],
  );
  return { books: withMore(books, rest), known, doubtful: [...doubtful.values()] };
}

/**
 * Which is the first book that lacks a friend or a set with backups which an earlier one names; no person's program does that but to
 * end something. Plots come and go, and with them those who are no friends.
 */
function breakAt(inOrder: readonly SeenBook[]): number {
  for (const [index, later] of inOrder.entries()) {
    if (!later.isFirst) continue;
    const isBreak = inOrder
      .slice(0, index)
      .some((earlier) => comesBefore(earlier, later) && lacks(later.book, earlier.book));
    if (isBreak) return index;
  }
  return inOrder.length;
}

/** In the same plot, whoever wrote them; or of the same installation, whose books are written in their order. */
function comesBefore(earlier: SeenBook, later: SeenBook): boolean {
  if (earlier.fromMs > later.fromMs) return false;
  // Hosts count in seconds, and more than one may have been left in one.
  if (earlier.plot === later.plot && earlier.fromMs < later.fromMs) return true;
  const isSame = earlier.book.instance === later.book.instance;
  return isSame && earlier.book.sequence < later.book.sequence;
}

function lacks(later: AddressBook, earlier: AddressBook): boolean {
  const friends = new Set(later.friends.map(({ owner }) => owner));
  return (
    earlier.friends.some(
      ({ owner, relation }) =>
        relation === 'friend' && !friends.has(owner) && owner !== later.owner,
    ) ||
    earlier.sets.some(
      (set) => set.repository !== null && !later.sets.some((each) => isSameSet(each, set)),
    )
  );
}

function isSameSet(one: BookSet, other: BookSet): boolean {
  return one.repository === null || other.repository === null
    ? one.name === other.name
    : one.repository === other.repository;
}

/** The newest, with what only earlier ones name. One that came before this machine's eyes may have ended something. */
function together(seen: readonly SeenBook[]): AddressBook {
  const [newest, ...older] = seen.toSorted((one, other) => other.book.sequence - one.book.sequence);
  if (newest === undefined) throw new RangeError('Cannot put no books together');
  return newest.isFirst
    ? older.reduce((book, { book: earlier }) => added(book, earlier), newest.book)
    : newest.book;
}

function added(book: AddressBook, earlier: AddressBook): AddressBook {
  const friends = new Set(book.friends.map(({ owner }) => owner));
  const plots = new Set(book.plots.map(({ plot }) => plot));
  const names = new Set(book.sets.map(({ name }) => name));
  return {
    ...book,
    before: [...new Set([...book.before, ...earlier.before])],
    friends: [...book.friends, ...earlier.friends.filter(({ owner }) => !friends.has(owner))],
    plots: [...book.plots, ...earlier.plots.filter(({ plot }) => !plots.has(plot))],
    sets: [
      ...book.sets,
      ...earlier.sets.filter(
        (set) => !names.has(set.name) && !book.sets.some((each) => isSameSet(each, set)),
      ),
    ],
  };
}

/**
 * Of those who are known, what other books say as well: further addresses, which prove nothing; further devices, for which a
 * friend's own root has signed; and plots at friends', which are there or not, with the sets in them.
 */
function withMore(
  books: readonly AddressBook[],
  rest: readonly SeenBook[],
): readonly AddressBook[] {
  const owners = new Set(books.flatMap((book) => book.friends.map(({ owner }) => owner)));
  const friends = Map.groupBy(
    rest.flatMap(({ book }) => book.friends),
    ({ owner }) => owner,
  );
  const later = Map.groupBy(rest, ({ book }) => book.instance);
  return books.map((book) => ({
    ...(later.get(book.instance) ?? []).reduce(
      (known, { book: other }) => withPlots(known, other, owners),
      book,
    ),
    friends: book.friends.map((friend) => (friends.get(friend.owner) ?? []).reduce(joined, friend)),
  }));
}

function withPlots(
  book: AddressBook,
  other: AddressBook,
  friends: ReadonlySet<OwnerId>,
): AddressBook {
  const known = new Set(book.plots.map(({ plot }) => plot));
  const plots = other.plots.filter(({ plot, host }) => !known.has(plot) && friends.has(host));
  const hostsOf = (name: string) => plots.filter(({ set }) => set === name).map(({ host }) => host);
  const names = new Set(book.sets.map(({ name }) => name));
  const sets = other.sets
    .filter((set) => !names.has(set.name) && hostsOf(set.name).length > 0)
    .map((set) => ({ ...set, hosts: hostsOf(set.name) }));
  return {
    ...book,
    plots: [...book.plots, ...plots],
    sets: [
      ...book.sets.map((set) => ({
        ...set,
        hosts: [...new Set([...set.hosts, ...hostsOf(set.name)])],
      })),
      ...sets.filter((set) => !book.sets.some((each) => isSameSet(each, set))),
    ],
  };
}

function joined(friend: BookFriend, other: BookFriend): BookFriend {
  const devices = friend.devices.map((device) => {
    const also = other.devices.find((each) => each.device === device.device)?.addresses ?? [];
    const addresses = [...new Set([...device.addresses, ...also])].slice(0, ADDRESSES_MAX);
    return { ...device, addresses };
  });
  const known = new Set(devices.map(({ device }) => device));
  return {
    ...friend,
    devices: [...devices, ...other.devices.filter((each) => !known.has(each.device))],
  };
}
