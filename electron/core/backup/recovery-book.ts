import type { PlotId } from '../../../shared/ids.ts';
import { PLAN_AT_FIRST } from '../../../shared/model/backup-plan.ts';
import { UNTIL_TOLD_MS } from '../../../shared/model/until-told.ts';
import type { HoldingsBook } from '../client/holdings-book.ts';
import type { Sql } from '../database/open-database.ts';
import { type AddressBook, type BookSet, bookText, readBookText } from './address-book.ts';
import { type DiskStart, diskStart } from './disk-start.ts';
import type { BackupSet, SetBook } from './set-book.ts';

/** The address books of this owner's installations, and what is taken over from them. */
export type RecoveryBook = {
  /** Of each installation the newest that was seen; this one's own among them. */
  readonly books: () => readonly AddressBook[];
  /** False: as new a one, or a newer, is known. */
  readonly note: (call: { readonly book: AddressBook; readonly atMs: number }) => boolean;
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
};

type BookRecord = { readonly sequence: bigint; readonly book: string };

export function openRecoveryBook(
  sql: Sql,
  { sets, holdings }: { readonly sets: SetBook; readonly holdings: HoldingsBook },
): RecoveryBook {
  const readAll = sql.prepare<[], BookRecord>('SELECT * FROM address_books ORDER BY instance');
  const read = sql.prepare<[string], BookRecord>('SELECT * FROM address_books WHERE instance = ?');
  const put = sql.prepare(
    `INSERT INTO address_books (instance, sequence, book, seen_ms) VALUES (?, ?, ?, ?)
     ON CONFLICT (instance) DO UPDATE SET sequence = excluded.sequence, book = excluded.book, seen_ms = excluded.seen_ms`,
  );
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
  const dropPlace = sql.prepare('DELETE FROM address_places WHERE plot = ?');

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
  };
}

const NAME_MAX = 80;

/** It came from another computer, and nobody has said yet that it goes on here. */
function waits({ pause }: BackupSet): boolean {
  return pause?.untilMs === UNTIL_TOLD_MS;
}
