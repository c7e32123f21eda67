import type { Async } from '../../../../shared/async.ts';
import type { OwnerId, PlotId } from '../../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { DAY_MS } from '../../../../shared/units.ts';
import type { FriendRegistry } from '../../friends/friend-registry.ts';
import type { Identity } from '../../identity/identity.ts';
import type { Clock, Logger } from '../../ports.ts';
import {
  type AddressBook,
  type BookFriend,
  bookText,
  bounded,
  type BookProblem,
  openBook,
  openWhole,
} from './address-book.ts';
import { befriendAgain } from './befriend-again.ts';
import { fitting } from './kept-books.ts';
import { judgeBooks, type Judged, type SeenBook } from './judge-books.ts';
import type { LainBook } from './read-books.ts';
import type { RecoveryBook } from './recovery-book.ts';

/** Takes in address books, wherever they lay: what they say of friends and sets is so here too from then on. */
export type BookIntake = {
  /** `known`: this one, or a newer of the same installation, was read before; or there are more than can be kept. */
  readonly take: (content: Uint8Array) => Promise<Result<'own' | 'known' | 'new', BookProblem>>;
  /**
   * The same of books that lay in plots, on a machine that came from words: those that are believed together say what is so,
   * whichever came first.
   */
  readonly takeSeen: (
    books: readonly LainBook[],
  ) => Promise<readonly Result<'seen', BookProblem>[]>;
  /** Friends whom only books name that are not believed. */
  readonly doubtful: () => Promise<Judged['doubtful']>;
  /** What was said of them is heard anew. */
  readonly judgeAgain: () => Promise<void>;
  /** An installation whose book is known is no more: what was its own is this one's. */
  readonly takeAll: (instance: string) => Promise<void>;
  /** What is being taken in is done. */
  readonly settled: () => Promise<unknown>;
};

const AHEAD_MS = DAY_MS;

export function createBookIntake({
  identity,
  friends,
  book,
  clock,
  logger,
  onChange,
}: {
  readonly identity: Pick<
    Identity,
    'owner' | 'instance' | 'replaces' | 'fromWords' | 'addressBookKey'
  >;
  readonly friends: FriendRegistry;
  readonly book: Async<RecoveryBook>;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly logger: Pick<Logger, 'info'>;
  readonly onChange: () => void;
}): BookIntake {
  let taking: Promise<unknown> = Promise.resolve();
  let doubts: Judged['doubtful'] | undefined;
  /** What came of the last judging stands in the books; before a first one that is not known. */
  let isDone = false;

  /** One after the other: the newest of an installation wins, whoever comes first. */
  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const taken = taking.then(act);
    taking = taken.catch(() => undefined);
    return taken;
  }

  function isAhead({ sequence }: AddressBook): boolean {
    return sequence > clock.nowMs() + AHEAD_MS;
  }

  /**
   * Sequences are times. Whoever has a lost computer's keys can write one that no clock will reach; what the right computer
   * writes afterwards counts all the same. Among those that are ahead, as of a clock that is wrong, the highest counts.
   */
  function isNewer(found: AddressBook, known: AddressBook): boolean {
    return isAhead(found) === isAhead(known) ? found.sequence > known.sequence : isAhead(known);
  }

  async function takeOne(content: Uint8Array): ReturnType<BookIntake['take']> {
    const opened = openBook(identity.addressBookKey, content);
    if (!opened.ok) return opened;
    const found = opened.value;
    if (found.owner !== identity.owner) return failed('damaged');
    const all = await book.books();
    const known = all.find(({ instance }) => instance === found.instance);
    const isOwn = found.instance === identity.instance;
    if (known !== undefined && !isNewer(found, known)) return ok('known');
    // This machine would count on from it, and whoever knows an earlier one of its books would hear nothing more of it.
    if (isOwn && isAhead(found)) return ok('known');
    // Those that lie in plots say more, and what of it is believed.
    const seen = identity.fromWords ? await book.seen() : [];
    if (seen.some((each) => each.book.instance === found.instance)) return ok('known');
    const others = all.filter((each) => each !== known && each.instance !== identity.instance);
    if (!isOwn && !fitting([...others, found]).includes(found)) return ok('known');
    const atMs = clock.nowMs();
    // Applied before it is written down as known: after a crash in between it is applied again, which is harmless.
    if (!isOwn) await apply(found, atMs);
    if (!isOwn) await letIn(new Map(found.friends.map((friend) => [friend.owner, friend])));
    if (isOwn) await book.note({ book: found, atMs });
    else {
      // Else who has a lost computer's keys could make one of it that nobody can name.
      const statement = found.statement ?? known?.statement;
      await book.put({ books: [{ ...found, statement }], without: [], atMs });
    }
    if (!isOwn) logger.info('an address book of this owner was read', { at: found.sequence });
    onChange();
    return ok(isOwn ? 'own' : 'new');
  }

  async function seeAll(
    books: readonly LainBook[],
  ): Promise<readonly Result<'seen', BookProblem>[]> {
    const results: Result<'seen', BookProblem>[] = [];
    /** Plots of which something can't be read, and when what came last lay there. */
    const behind = new Map<PlotId, number>();
    let isNew = false;
    for (const { content, plot, fromMs, isFirst } of books) {
      const opened = openWhole(identity.addressBookKey, content);
      const isMine = opened.ok && opened.value.book.owner === identity.owner;
      if (!opened.ok) results.push(opened);
      else results.push(isMine ? ok('seen') : failed('damaged'));
      const last = behind.get(plot);
      // Nothing shows what it lacks, as where one did not come through: it is taken at its latest.
      const whenMs = last === undefined ? fromMs : Math.max(last + 1, fromMs, clock.nowMs());
      if (!isMine || last !== undefined) behind.set(plot, whenMs);
      if (!isMine || opened.value.book.instance === identity.instance) continue;
      if (await book.saw({ ...opened.value, plot, fromMs: whenMs, isFirst })) isNew = true;
    }
    // Judging reads all there are, tens of megabytes where an owner has many plots, while whoever asks for room waits.
    if (isNew || !isDone) await judgeSeen();
    return results;
  }

  /** Reading all of them takes a while, and nothing changes them but what is taken in here. */
  async function judge(): Promise<{ readonly seen: readonly SeenBook[]; readonly judged: Judged }> {
    const seen = await book.seen();
    const judged = judgeBooks(seen, await book.doubts());
    doubts = judged.doubtful;
    return { seen, judged };
  }

  /**
   * Whom only a book has made a friend that is not believed any more, since another one came or the person said something,
   * gets nothing until the person says that he knows him. Once: what the person says of him afterwards stands. How his devices
   * came says nothing, for the book names as many as its writer likes; whom the person has paired with is believed already.
   */
  async function holdBack(
    judged: Judged,
    noted: readonly AddressBook[],
    isJudged: (book: AddressBook) => boolean,
  ): Promise<void> {
    const byJudged = ownersIn(noted.filter(isJudged));
    // A book from a disk in the person's hand stands, whatever lies in plots.
    const byOthers = ownersIn(noted.filter((each) => !isJudged(each)));
    for (const { friend, isSteady } of judged.doubtful) {
      // Else whoever has a lost computer's keys and a host who lies about the time could have anybody held back.
      if (isSteady) continue;
      const person = friends.person(friend.owner);
      if (person === undefined || person.departed) continue;
      if (!byJudged.has(friend.owner) || byOthers.has(friend.owner)) continue;
      await friends.holdBack({ owner: friend.owner });
      await book.holdBack({ owner: friend.owner });
    }
  }

  /**
   * Whom a part of the books has held back, or a word that was taken back, and one that is believed names after all. The person may
   * have blocked him on the computer that wrote it.
   */
  async function letIn(named: ReadonlyMap<OwnerId, BookFriend>): Promise<void> {
    for (const owner of await friends.heldBack()) {
      const blocked = named.get(owner)?.blocked;
      if (blocked !== undefined) await friends.setBlocked({ owner, blocked });
    }
  }

  async function judgeSeen(): Promise<void> {
    isDone = false;
    const before = JSON.stringify(doubts?.map(({ friend }) => friend.owner));
    const { seen, judged } = await judge();
    const atMs = clock.nowMs();
    const noted = (await book.books()).filter(({ instance }) => instance !== identity.instance);
    const known = new Set(noted.map(bookText));
    const judgedOf = new Set(seen.map((each) => each.book.instance));
    const isJudged = ({ instance }: AddressBook) => judgedOf.has(instance);
    const notedOf = new Set(noted.map(({ instance }) => instance));
    const isNoted = ({ instance }: AddressBook) => notedOf.has(instance);
    const found = withSteady(judged, noted.filter(isJudged));
    const unjudged = noted.filter((each) => !isJudged(each));
    // What was kept before comes first: whom it has made a friend is known by it.
    const inOrder = [...found.filter(isNoted), ...found.filter((each) => !isNoted(each))];
    const books = fitting([...unjudged, ...inOrder]).filter((each) => !unjudged.includes(each));
    const news = books.map(bounded).filter((each) => !known.has(bookText(each)));
    const good = new Set(books.map(({ instance }) => instance));
    const without = noted.flatMap((each) =>
      isJudged(each) && !good.has(each.instance) ? [each.instance] : [],
    );
    await holdBack(judged, noted, isJudged);
    await letIn(namedBy(judged));
    // Applied before it is written down as known, as above.
    for (const each of news) await apply(each, atMs);
    await befriendAgain(friends, { friends: [...judged.known] }, { self: identity.owner, atMs });
    await book.put({ books: news, without, atMs });
    isDone = true;
    if (news.length > 0) logger.info('address books were judged', { books: news.length });
    const after = JSON.stringify(judged.doubtful.map(({ friend }) => friend.owner));
    if (news.length > 0 || after !== before) onChange();
  }

  async function apply(found: AddressBook, atMs: number): Promise<void> {
    await befriendAgain(friends, found, { self: identity.owner, atMs });
    if (found.instance === identity.replaces) await takeFrom(found, atMs);
  }

  async function takeFrom(found: AddressBook, atMs: number): Promise<void> {
    for (const set of found.sets) await book.takeOver({ from: found, set, atMs });
    await book.takePlots({ from: found, atMs });
  }

  return {
    take: (content) => inTurn(() => takeOne(content)),
    takeSeen: (books) => inTurn(() => seeAll(books)),
    doubtful: async () => doubts ?? (await inTurn(judge)).judged.doubtful,
    judgeAgain: () => inTurn(judgeSeen),
    takeAll: async (instance) => {
      const found = (await book.books()).find((each) => each.instance === instance);
      if (found !== undefined) await takeFrom(found, clock.nowMs());
    },
    settled: () => taking,
  };
}

/**
 * Whom only a book has made a friend that is not believed any more stays in what is noted of it as long as nothing holds him
 * back: or nobody would know it when the plot that names him all along turns out not to, or was written after the theft.
 */
function withSteady(judged: Judged, noted: readonly AddressBook[]): readonly AddressBook[] {
  const steady = new Set(
    judged.doubtful.flatMap(({ friend, isSteady }) => (isSteady ? [friend.owner] : [])),
  );
  const kept = new Map(
    noted.flatMap((book) => {
      const friends = book.friends.filter(({ owner }) => steady.has(owner));
      return friends.length > 0 ? [[book.instance, { ...book, friends, plots: [], sets: [] }]] : [];
    }),
  );
  const books = judged.books.map((book) => {
    const friends = kept.get(book.instance)?.friends ?? [];
    kept.delete(book.instance);
    return friends.length > 0 ? { ...book, friends: [...book.friends, ...friends] } : book;
  });
  return [...books, ...kept.values()];
}

/** Whom these believe, and nobody who is doubted all the same. */
function namedBy({ books, known, doubtful }: Judged): ReadonlyMap<OwnerId, BookFriend> {
  const all = [...known, ...books.flatMap((each) => each.friends)];
  const named = new Map(all.map((friend) => [friend.owner, friend]));
  for (const { friend } of doubtful) named.delete(friend.owner);
  return named;
}

function ownersIn(books: readonly AddressBook[]): ReadonlySet<OwnerId> {
  return new Set(books.flatMap((each) => each.friends.map(({ owner }) => owner)));
}
