import type { Sql } from '../../database/open-database.ts';

/**
 * Which snapshots of a set there should be. Everything else that a copy is to have, a snapshot leads to; nothing leads to a
 * snapshot, so whoever has lost one without a word looks like somebody who never had it. Known are those that this device has
 * written or read, and what another device's manifest says.
 */
export type SnapshotBook = {
  readonly snapshots: (set: string) => readonly KnownSnapshot[];
  /** Copies at this sequence have these as well, but for what was removed. */
  readonly keepSnapshots: (call: SnapshotsAt) => void;
  /** These, and no others. Which were not known, copies at this sequence have. */
  readonly setSnapshots: (call: SnapshotsAt) => void;
  /** Nobody has them any more, or nobody who goes on ever had them. */
  readonly dropSnapshots: (call: SnapshotsOf) => void;
};

export type KnownSnapshot = {
  readonly name: string;
  /** A copy that has come so far had it. */
  readonly sequence: number;
};
type SnapshotsOf = { readonly set: string; readonly names: readonly string[] };
type SnapshotsAt = SnapshotsOf & { readonly sequence: number };

export function openSnapshotBook(sql: Sql): SnapshotBook {
  const read = sql.prepare<[string], { readonly name: string; readonly sequence: bigint }>(
    'SELECT name, sequence FROM set_snapshots WHERE set_name = ? ORDER BY name',
  );
  const insert = sql.prepare(
    `INSERT INTO set_snapshots (set_name, name, sequence) SELECT name, @name, @sequence FROM sets WHERE name = @set AND NOT EXISTS
     (SELECT 1 FROM set_removals WHERE set_name = @set AND type = 'snapshots' AND name = @name)
     ON CONFLICT DO NOTHING`,
  );
  const remove = sql.prepare('DELETE FROM set_snapshots WHERE set_name = @set AND name = @name');

  function keepSnapshots({ set, names, sequence }: SnapshotsAt): void {
    for (const name of names) insert.run({ set, name, sequence });
  }

  function dropSnapshots({ set, names }: SnapshotsOf): void {
    for (const name of names) remove.run({ set, name });
  }

  return {
    snapshots: (set) =>
      read.all(set).map(({ name, sequence }) => ({ name, sequence: Number(sequence) })),
    keepSnapshots,
    setSnapshots: ({ set, names, sequence }) => {
      const stay = new Set(names);
      dropSnapshots({
        set,
        names: read.all(set).flatMap(({ name }) => (stay.has(name) ? [] : [name])),
      });
      keepSnapshots({ set, names, sequence });
    },
    dropSnapshots,
  };
}

/**
 * After another device has written, those that it says there should be, and of those that were known what is still listed: it may
 * have removed the others. Where every copy can be seen, what none of them lists it has removed.
 */
export function snapshotsAfter(
  known: readonly string[],
  {
    theirs,
    listed,
    isEverySeen,
  }: {
    /** What its newest manifest says. */
    readonly theirs: readonly string[];
    readonly listed: ReadonlySet<string>;
    readonly isEverySeen: boolean;
  },
): readonly string[] {
  const there = [...new Set([...known, ...theirs])].filter((name) => listed.has(name));
  return isEverySeen ? there : [...new Set([...there, ...theirs])];
}
