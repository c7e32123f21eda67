import type { OwnerId, PlotId } from '../../../../shared/ids.ts';
import { PLAN_AT_FIRST } from '../../../../shared/model/backup-plan.ts';
import { PAPER_VERSIONS_MAX } from '../../../../shared/model/plot.ts';
import { UNTIL_TOLD_MS } from '../../../../shared/model/until-told.ts';
import type { HoldingsBook } from '../../client/holdings/holdings-book.ts';
import type { Sql } from '../../database/open-database.ts';
import { type AddressBook, type BookSet, bookText, readBookText } from './address-book.ts';
import { openOpeningBook, type OpeningBook } from '../copies/openings.ts';
import { type DiskStart, diskStart } from '../export/disk-start.ts';
import type { judgeBooks, SeenBook } from './judge-books.ts';
import type { BackupSet, SetBook } from '../set-book.ts';

/** The address books of this owner's installations, and what is taken over from them. */
export type RecoveryBook = {
  /** Of each installation the newest that was seen; this one's own among them. */
  readonly books: () => readonly AddressBook[];
  /** False: as new a one, or a newer, is known. */
  readonly note: (call: { readonly book: AddressBook; readonly atMs: number }) => boolean;
  /** Of each installation this one, whatever was known before; and of these none. */
  readonly put: (call: {
    readonly books: readonly AddressBook[];
    readonly without: readonly string[];
    readonly atMs: number;
  }) => void;
  /** Sets that wait for a word are not sent to him. */
  readonly holdBack: (call: { readonly owner: OwnerId }) => void;
  /** A book that lies in a plot of this owner's, or lay there. False: that was known. */
  readonly saw: (call: SeenBook & { readonly digest: string }) => boolean;
  readonly seen: () => readonly SeenBook[];
  /** All that lay in that plot was seen, also what its book was before. */
  readonly sawAll: (plot: PlotId) => void;
  readonly hasSeenAll: (plot: PlotId) => boolean;
  readonly doubts: () => Parameters<typeof judgeBooks>[1];
  /** Since then a computer of this owner's was not in his hands; `undefined`: that was not said after all. */
  readonly setStolen: (call: { readonly atMs: number | undefined }) => void;
  /** A friend that only doubtful books name; without one: all that they say. */
  readonly believe: (call: { readonly owner: OwnerId | undefined }) => void;
  /** What my own book was when it was written last, by plot. */
  readonly places: () => ReadonlyMap<PlotId, string>;
  readonly wrote: (call: { readonly plot: PlotId; readonly digest: string }) => void;
  readonly forgetPlace: (plot: PlotId) => void;
  /**
   * Another installation's set and its plots are this one's from now on, under a name that is free here. It waits until
   * it is told to run: its folders may not be here. One that was taken over before and has not run since is brought up to
   * date. Answers the name.
   */
  readonly takeOver: (call: {
    readonly from: AddressBook;
    readonly set: BookSet;
    readonly atMs: number;
  }) => string;
  /** Plots of an installation that is no more, apart from its sets. */
  readonly takePlots: (call: { readonly from: AddressBook; readonly atMs: number }) => void;
  /** A set began on a disk. */
  readonly keepStart: (call: { readonly set: string; readonly start: DiskStart }) => void;
  readonly startOf: (set: string) => DiskStart | undefined;
  /** What opens the sets: it lies in the address book, and comes with a set that is taken over. */
  readonly openings: OpeningBook['openings'];
};

type BookRecord = { readonly sequence: bigint; readonly book: string };

export function openRecoveryBook(
  sql: Sql,
  {
    sets,
    holdings,
    seenBytesMax = SEEN_TOGETHER_BYTES_MAX,
  }: {
    readonly sets: SetBook;
    readonly holdings: HoldingsBook;
    readonly seenBytesMax?: number;
  },
): RecoveryBook {
  const readAll = sql.prepare<[], BookRecord>('SELECT * FROM address_books ORDER BY instance');
  const read = sql.prepare<[string], BookRecord>('SELECT * FROM address_books WHERE instance = ?');
  const put = sql.prepare(
    `INSERT INTO address_books (instance, sequence, book, seen_ms) VALUES (?, ?, ?, ?)
     ON CONFLICT (instance) DO UPDATE SET sequence = excluded.sequence, book = excluded.book, seen_ms = excluded.seen_ms`,
  );
  const drop = sql.prepare('DELETE FROM address_books WHERE instance = ?');
  const readPlaces = sql.prepare<[], { plot: PlotId; digest: string }>(
    'SELECT plot, digest FROM address_places',
  );
  const setPlace = sql.prepare(
    'INSERT INTO address_places (plot, digest) VALUES (?, ?) ON CONFLICT (plot) DO UPDATE SET digest = excluded.digest',
  );
  const putStart = sql.prepare(
    'INSERT INTO disk_starts (set_name, start) VALUES (?, ?) ON CONFLICT (set_name) DO UPDATE SET start = excluded.start',
  );
  const readStart = sql.prepare<[string], { start: string }>(
    'SELECT start FROM disk_starts WHERE set_name = ?',
  );
  const insertSeen = sql.prepare(
    `INSERT INTO seen_books (plot, instance, sequence, digest, from_ms, first, book) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (plot, instance, sequence, digest) DO UPDATE SET from_ms = min(from_ms, excluded.from_ms)`,
  );
  const nameSeen = sql.prepare(
    "UPDATE OR IGNORE seen_books SET digest = ? WHERE plot = ? AND instance = ? AND sequence = ? AND digest = '' AND book = ?",
  );
  const readSeen = sql.prepare<
    [],
    { plot: PlotId; digest: string; from_ms: bigint; first: bigint; book: string }
  >('SELECT * FROM seen_books ORDER BY plot, from_ms');
  const countSeen = sql
    .prepare<[string], bigint>('SELECT count(*) FROM seen_books WHERE plot = ?')
    .pluck();
  const bytesSeen = sql
    .prepare<[string], bigint>(
      'SELECT coalesce(sum(octet_length(book)), 0) FROM seen_books WHERE plot = ?',
    )
    .pluck();
  const bytesTogether = sql
    .prepare<[], bigint>('SELECT coalesce(sum(octet_length(book)), 0) FROM seen_books')
    .pluck();
  const fullest = sql
    .prepare<[], string>(
      'SELECT plot FROM seen_books GROUP BY plot ORDER BY sum(octet_length(book)) DESC, plot LIMIT 1',
    )
    .pluck();
  const dropLatest = sql.prepare(
    `WITH there AS (SELECT instance, sequence, digest, from_ms, first, octet_length(book) AS bytes FROM seen_books WHERE plot = ?),
          present AS (SELECT instance, sequence, digest FROM there ORDER BY from_ms DESC, sequence DESC LIMIT 1)
     DELETE FROM seen_books WHERE plot = ? AND (instance, sequence, digest) IN (
       SELECT instance, sequence, digest FROM there
       ORDER BY (instance, sequence, digest) = (SELECT instance, sequence, digest FROM present) AND bytes <= ?,
         first, from_ms DESC, sequence DESC LIMIT 1)`,
  );
  const seenFrom = sql
    .prepare<[string, string, number, string], bigint>(
      'SELECT from_ms FROM seen_books WHERE plot = ? AND instance = ? AND sequence = ? AND digest = ?',
    )
    .pluck();
  const dropLater = sql.prepare(
    `DELETE FROM seen_books WHERE plot = ? AND (instance, sequence, digest) IN (
       SELECT instance, sequence, digest FROM seen_books WHERE plot = ? AND first = 0 ORDER BY from_ms LIMIT 1)`,
  );
  const insertWhole = sql.prepare(
    'INSERT INTO seen_plots (plot) VALUES (?) ON CONFLICT DO NOTHING',
  );
  const readWhole = sql.prepare<[string], unknown>('SELECT 1 FROM seen_plots WHERE plot = ?');
  const setStolen = sql.prepare(
    'INSERT INTO doubts (id, stolen_ms) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET stolen_ms = excluded.stolen_ms',
  );
  const readStolen = sql.prepare<[], bigint | null>('SELECT stolen_ms FROM doubts').pluck();
  const believe = sql.prepare('INSERT INTO believed (owner) VALUES (?) ON CONFLICT DO NOTHING');
  const readBelieved = sql.prepare<[], string>('SELECT owner FROM believed').pluck();
  const dropPlace = sql.prepare('DELETE FROM address_places WHERE plot = ?');

  const openings = openOpeningBook(sql);

  /** There is at least so much: all of them are counted only when it is used up. */
  let roomBytes = 0;

  function bytesLeft(): number {
    return seenBytesMax - Number(bytesTogether.get() ?? 0n);
  }

  /** The first that is free, or that is this very set, taken over before. */
  function nameFor({ host }: AddressBook, { name, repository }: BookSet): string {
    const isFree = (at: string) => {
      const there = sets.set(at);
      if (there === undefined) return true;
      if (repository !== null) return there.repository === repository;
      return there.repository === undefined && waits(there);
    };
    const names = [name, `${name} (${host})`.slice(0, NAME_MAX).replaceAll(/[/\\]/g, '-')];
    for (let count = 2; ; count += 1) {
      const free = names.find(isFree);
      if (free !== undefined) return free;
      names.push(`${name.slice(0, NAME_MAX - 6)} (${count})`);
    }
  }

  function putSet({ folders, hosts, ...set }: BookSet, name: string, atMs: number): void {
    const plan = set.plan ?? PLAN_AT_FIRST;
    const there = sets.set(name);
    // Somebody has said that it goes on here: from then on this is its place.
    if (there !== undefined && !waits(there)) return;
    if (there === undefined) sets.create({ name, folders, hosts, plan, atMs });
    else sets.edit({ name, folders, hosts, plan });
    sets.setSequence({ name, sequence: set.sequence });
    if (set.repository !== null) sets.setRepository({ name, repository: set.repository });
    // What opened it here is surer than what another computer has kept.
    if (set.repository !== null && set.opening !== undefined && !openings.opening(name))
      openings.keepOpening({
        set: name,
        repository: set.repository,
        config: Buffer.from(set.opening.config, 'base64'),
        keyName: set.opening.keyName,
        keyFile: Buffer.from(set.opening.keyFile, 'base64'),
      });
    sets.pause({ name, pause: { sinceMs: atMs, untilMs: UNTIL_TOLD_MS } });
  }

  function remember(
    from: AddressBook,
    atMs: number,
    wish: { readonly of: (set: string | null) => boolean; readonly set: string | undefined },
  ): void {
    for (const { plot, host, class: plotClass, size, graceS, set } of from.plots)
      if (wish.of(set))
        holdings.remember({
          plot,
          host,
          class: plotClass,
          sizeBytes: size,
          graceS,
          untilMs: atMs,
          set: wish.set,
        });
  }

  return {
    books: () => readAll.all().flatMap(({ book }) => readBookText(book) ?? []),
    note: ({ book, atMs }) => {
      const known = read.get(book.instance);
      if (known !== undefined && known.sequence >= BigInt(book.sequence)) return false;
      put.run(book.instance, book.sequence, bookText(book), atMs);
      return true;
    },
    put: ({ books, without, atMs }) => {
      for (const instance of without) drop.run(instance);
      for (const each of books) put.run(each.instance, each.sequence, bookText(each), atMs);
    },
    holdBack: ({ owner }) => {
      for (const set of sets.sets()) {
        const hosts = set.hosts.filter((host) => host !== owner);
        if (waits(set) && hosts.length < set.hosts.length) sets.edit({ name: set.name, hosts });
      }
    },
    saw: ({ plot, book, digest, fromMs, isFirst }) => {
      const text = bookText(book);
      const { instance, sequence } = book;
      // Of what was seen by an earlier version it is known from now on which it is.
      nameSeen.run(digest, plot, instance, sequence, text);
      const knownMs = seenFrom.get(plot, instance, sequence, digest);
      if (knownMs !== undefined && fromMs >= Number(knownMs)) return false;
      const isNew = knownMs === undefined;
      const isFull = () =>
        (countSeen.get(plot) ?? 0n) >= BigInt(SEEN_MAX) ||
        Number(bytesSeen.get(plot) ?? 0n) + Buffer.byteLength(text) > SEEN_BYTES_MAX;
      // What came before this machine's eyes makes room: its owner's other computers go on writing theirs.
      while (isNew && isFull()) if (dropLater.run(plot, plot).changes === 0) return false;
      insertSeen.run(plot, instance, sequence, digest, fromMs, isFirst ? 1 : 0, text);
      // What came last to the plot that has most goes first: so whoever fills many takes nothing from one that has little. What
      // lies there now stays if it is no larger than books are: an owner with many plots has filled them himself.
      roomBytes -= Buffer.byteLength(text);
      if (roomBytes >= 0) return true;
      while (bytesLeft() < 0) {
        const full = fullest.get() ?? plot;
        if (dropLatest.run(full, full, seenBytesMax / PRESENT_PARTS).changes === 0) return true;
      }
      roomBytes = bytesLeft();
      return true;
    },
    seen: () =>
      readSeen.all().flatMap(({ plot, digest, from_ms: fromMs, first, book: text }) => {
        const book = readBookText(text);
        const when = { fromMs: Number(fromMs), isFirst: first === 1n };
        return book === undefined ? [] : [{ plot, book, digest: digest || undefined, ...when }];
      }),
    sawAll: (plot) => void insertWhole.run(plot),
    hasSeenAll: (plot) => readWhole.get(plot) !== undefined,
    doubts: () => {
      const owners = readBelieved.all();
      const stolenMs = readStolen.get() ?? undefined;
      return {
        stolenMs: stolenMs === undefined ? undefined : Number(stolenMs),
        believed: owners.some((owner) => owner === EVERYBODY)
          ? 'all'
          : new Set(owners as OwnerId[]),
      };
    },
    setStolen: ({ atMs }) => void setStolen.run(atMs ?? null),
    believe: ({ owner }) => void believe.run(owner ?? EVERYBODY),
    places: () => new Map(readPlaces.all().map(({ plot, digest }) => [plot, digest])),
    wrote: ({ plot, digest }) => void setPlace.run(plot, digest),
    forgetPlace: (plot) => void dropPlace.run(plot),
    takeOver: ({ from, set, atMs }) => {
      const name = nameFor(from, set);
      putSet(set, name, atMs);
      remember(from, atMs, { of: (each) => each === set.name, set: name });
      return name;
    },
    takePlots: ({ from, atMs }) => {
      const named = new Set<string | null>(from.sets.map(({ name }) => name));
      remember(from, atMs, { of: (each) => !named.has(each), set: undefined });
    },
    keepStart: ({ set, start }) => void putStart.run(set, JSON.stringify(start)),
    startOf: (set) => {
      const kept = readStart.get(set);
      return kept === undefined ? undefined : diskStart.parse(JSON.parse(kept.start));
    },
    openings: openings.openings,
  };
}

const NAME_MAX = 80;
/** As many as a friend keeps of one plot, and some that came later. */
const SEEN_MAX = 2 * PAPER_VERSIONS_MAX;
/** Of each plot, so that whoever fills one keeps nothing out that lies in another. */
const SEEN_BYTES_MAX = 32 * 1024 * 1024;
/** Of all plots, for all of it is read when they are judged; who has a lost computer's keys can fill plots at every friend's. */
const SEEN_TOGETHER_BYTES_MAX = 48 * 1024 * 1024;
/** A book of a hundred friends is so small a part of all that. */
const PRESENT_PARTS = 192;
const EVERYBODY = '';

/** It came from another computer, and nobody has said yet that it goes on here. */
function waits({ pause }: BackupSet): boolean {
  return pause?.untilMs === UNTIL_TOLD_MS;
}
