import type { OwnerId, PlotId } from '../../../../shared/ids.ts';
import type { AddressBook, BookFriend, BookSet } from './address-book.ts';

/**
 * Which address books a machine that comes back believes (design §5). Whoever has a lost computer's keys can write any book he
 * likes, with a valid seal; in a protected plot he can't take away what lay there before. So older versions are heard too:
 * what they name is never lost because a newer one lacks it, and from the moment on that one does lack something, or from
 * when the person says that the computer was stolen, what only newer ones name waits for the person's word. Pure.
 */
export type SeenBook = {
  /** Which plot, and at whose. */
  readonly plot: PlotId;
  readonly book: AddressBook;
  /** Of all that it says; undefined: of one that an earlier version saw. */
  readonly digest?: string | undefined;
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
  /** Only what another host says of the time speaks against him. */
  readonly isSteady: boolean;
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
  // Of such as came before this machine's eyes none makes others doubtful, nor is it believed itself.
  const second = believed === 'all' ? NONE : secondIn(inOrder);
  const good = new Set(before.filter((each) => each.fromMs < untilMs && !second.has(each)));
  const rest = inOrder.filter((each) => !good.has(each));
  const books = [...Map.groupBy(good, ({ book }) => book.instance).values()].map(together);
  const named = new Set(books.flatMap((book) => book.friends.map(({ owner }) => owner)));
  const steady = steadyIn(inOrder.filter(({ fromMs }) => fromMs < untilMs));
  const doubtful = new Map<OwnerId, DoubtfulFriend>();
  for (const { book, fromMs } of rest)
    for (const friend of book.friends)
      if (!named.has(friend.owner) && !(believed !== 'all' && believed.has(friend.owner))) {
        const { sinceMs = fromMs, host = book.host } = doubtful.get(friend.owner) ?? {};
        const isSteady = steady.has(friend.owner);
        doubtful.set(friend.owner, { friend, sinceMs, host, isSteady });
      }
  const known = [...(believed === 'all' ? [] : believed)].flatMap(
    (owner) =>
      rest.flatMap(({ book }) => book.friends.filter((each) => each.owner === owner)).at(-1) ?? [],
  );
  const friends = new Set([...named, ...steady, ...known.map(({ owner }) => owner)]);
  return { books: withMore(books, rest, friends), known, doubtful: [...doubtful.values()] };
}

/**
 * Which is the first book that lacks a friend or a set with backups which an earlier one names; no person's program does that but to
 * end something. Plots come and go, and with them those who are no friends. Earlier is one in the same plot, whoever wrote
 * them, or one of the same installation, whose books are written in their order. Nor does a person's program write two that
 * bear one number: the second is as good as one that lacks something.
 */
function breakAt(inOrder: readonly SeenBook[]): number {
  const known = new Map<string, Named>();
  const second = secondIn(inOrder);
  for (const [index, each] of inOrder.entries()) {
    const { plot, book, fromMs, isFirst } = each;
    const before = [
      // Of what came at the same time it is not known which was first.
      { named: namedIn(known, plot), at: fromMs },
      { named: namedIn(known, book.instance), at: book.sequence },
    ];
    const isSecond = second.has(each);
    if (isFirst && (isSecond || before.some(({ named, at }) => lacks(book, named, at))))
      return index;
    if (!isSecond) for (const { named, at } of before) note(named, book, at);
  }
  return inOrder.length;
}

/**
 * Those that bear the number of one before them and name others. One of the two is forged, and which, nobody can tell: the one
 * that lay there first may have been written before there was a thief.
 */
function secondIn(inOrder: readonly SeenBook[]): ReadonlySet<SeenBook> {
  const firsts = new Map<string, SeenBook>();
  const second = new Set<SeenBook>();
  for (const each of inOrder) {
    const number = `${each.book.instance} ${each.book.sequence}`;
    const first = firsts.get(number) ?? each;
    firsts.set(number, first);
    // Two of one digest are one book, though an earlier version may have read less of it.
    const isSame = each.digest !== undefined && each.digest === first.digest;
    if (!isSame && first !== each && namesOf(each.book) !== namesOf(first.book)) second.add(each);
  }
  return second;
}

const NONE: ReadonlySet<SeenBook> = new Set();

/** Friends, and sets with backups. Where a clock was put back, earlier versions gave two one number that differ in less. */
function namesOf(book: AddressBook): string {
  const named: Named = { friends: new Map(), sets: new Map() };
  note(named, book, 0);
  return [...named.friends.keys(), ...named.sets.keys()].toSorted().join('\n');
}

/** What earlier books name, and since when. Together, so that each book is looked at once however many there are. */
type Named = {
  readonly friends: Map<OwnerId, number>;
  readonly sets: Map<string, { readonly set: BookSet; readonly since: number }>;
};

function namedIn(known: Map<string, Named>, where: string): Named {
  const named = known.get(where) ?? { friends: new Map(), sets: new Map() };
  known.set(where, named);
  return named;
}

function note({ friends, sets }: Named, book: AddressBook, at: number): void {
  for (const { owner, relation } of book.friends)
    if (relation === 'friend' && owner !== book.owner)
      friends.set(owner, Math.min(at, friends.get(owner) ?? at));
  for (const set of book.sets) {
    if (set.repository === null) continue;
    const key = `${set.repository} ${set.name}`;
    sets.set(key, { set, since: Math.min(at, sets.get(key)?.since ?? at) });
  }
}

function lacks(book: AddressBook, { friends, sets }: Named, at: number): boolean {
  const has = new Set(book.friends.map(({ owner }) => owner));
  for (const [owner, since] of friends) if (since < at && !has.has(owner)) return true;
  for (const { set, since } of sets.values())
    if (since < at && !book.sets.some((each) => isSameSet(each, set))) return true;
  return false;
}

/**
 * Whom a plot that kept what lay before names until something is lacking there. A host's word about time puts in order what
 * lies at his own place; that something else came before it at another's is that other's word alone.
 */
function steadyIn(before: readonly SeenBook[]): ReadonlySet<OwnerId> {
  const plots = Map.groupBy(
    before.filter(({ isFirst }) => isFirst),
    ({ plot }) => plot,
  );
  const steady = [...plots.values()].flatMap((ofPlot) =>
    ofPlot.at(0)?.fromMs === ofPlot.at(-1)?.fromMs ? [] : ofPlot.slice(0, breakAt(ofPlot)),
  );
  return new Set(steady.flatMap(({ book }) => book.friends.map(({ owner }) => owner)));
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
    statement: book.statement ?? earlier.statement,
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
  owners: ReadonlySet<OwnerId>,
): readonly AddressBook[] {
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
