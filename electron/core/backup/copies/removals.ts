import type { Sql } from '../../database/open-database.ts';
import type { StoreObjectType } from '../repository/repository-store.ts';

/** What a prune removed from a set, and at which sequence: so a copy that was away learns of it. */
export type Removal = {
  readonly sequence: number;
  readonly type: RemovableType;
  readonly name: string;
};

/** Locks come and go, keys and the config stay. */
export const removableTypes = ['snapshots', 'index', 'data'] as const satisfies StoreObjectType[];
export type RemovableType = (typeof removableTypes)[number];

export function isRemovable(type: StoreObjectType): type is RemovableType {
  return (removableTypes as readonly string[]).includes(type);
}

export type RemovalBook = {
  /** The removals that are still listed, and up to which sequence older ones are not. */
  readonly removals: (set: string) => {
    readonly removals: readonly Removal[];
    readonly trimmed: number;
  };
  /** Written down before it is done. */
  readonly noteRemovals: (call: {
    readonly set: string;
    readonly removals: readonly Removal[];
  }) => void;
  /** They are wanted after all. */
  readonly takeBackRemovals: (call: {
    readonly set: string;
    readonly names: readonly string[];
  }) => void;
  /** Whatever was removed has come back, nobody knows what of it: nothing is to go from any copy any more. */
  readonly forgetRemovals: (set: string) => void;
  /** What another device's manifest knows: counted on from there. */
  readonly adoptRemovals: (call: {
    readonly set: string;
    readonly sequence: number;
    readonly trimmed: number;
    readonly removals: readonly Removal[];
  }) => void;
};

/** Of one set; a prune of a terabyte removes some ten thousand packs. */
const REMOVALS_MAX = 100_000;

type RemovalRecord = {
  readonly sequence: bigint;
  readonly type: RemovableType;
  readonly name: string;
};

export function openRemovalBook(sql: Sql): RemovalBook {
  const read = sql.prepare<[string], RemovalRecord>(
    'SELECT sequence, type, name FROM set_removals WHERE set_name = ? ORDER BY sequence, type, name',
  );
  const readTrimmed = sql
    .prepare<[string], bigint>('SELECT trimmed FROM sets WHERE name = ?')
    .pluck();
  const count = sql
    .prepare<[string], bigint>('SELECT count(*) FROM set_removals WHERE set_name = ?')
    .pluck();
  const oldest = sql
    .prepare<[string], bigint | null>('SELECT min(sequence) FROM set_removals WHERE set_name = ?')
    .pluck();
  const insert = sql.prepare(
    `INSERT INTO set_removals (set_name, sequence, type, name) SELECT name, @sequence, @type, @name_ FROM sets WHERE name = @set
     ON CONFLICT DO NOTHING`,
  );
  const dropSequence = sql.prepare('DELETE FROM set_removals WHERE set_name = ? AND sequence = ?');
  const setTrimmed = sql.prepare('UPDATE sets SET trimmed = max(trimmed, ?) WHERE name = ?');
  const takeBack = sql.prepare('DELETE FROM set_removals WHERE set_name = ? AND name = ?');
  const takeAllBack = sql.prepare('DELETE FROM set_removals WHERE set_name = ?');
  const setSequence = sql.prepare('UPDATE sets SET sequence = max(sequence, ?) WHERE name = ?');

  /** A sequence goes as a whole: a copy must be able to tell whether it has missed any of it. */
  function trim(set: string): void {
    while (Number(count.get(set) ?? 0n) > REMOVALS_MAX) {
      const sequence = oldest.get(set) ?? 0n;
      dropSequence.run(set, sequence);
      setTrimmed.run(sequence, set);
    }
  }

  function note(set: string, removals: readonly Removal[]): void {
    for (const { sequence, type, name } of removals)
      insert.run({ set, sequence, type, name_: name });
    trim(set);
  }

  return {
    removals: (set) => ({
      removals: read.all(set).map((record) => ({ ...record, sequence: Number(record.sequence) })),
      trimmed: Number(readTrimmed.get(set) ?? 0n),
    }),
    noteRemovals: ({ set, removals }) => note(set, removals),
    takeBackRemovals: ({ set, names }) => {
      for (const name of names) takeBack.run(set, name);
    },
    forgetRemovals: (set) => void takeAllBack.run(set),
    adoptRemovals: ({ set, sequence, trimmed, removals }) => {
      setSequence.run(sequence, set);
      setTrimmed.run(trimmed, set);
      note(set, removals);
    },
  };
}
