import type { OwnerId, PlotId } from '../../../../shared/ids.ts';
import type { Sql } from '../../database/open-database.ts';

/** What this device remembers of looking after its plots at friends': numbers of its lists, and who helps. */
export type UpkeepNotes = {
  /** The number of the next list of what to keep there, used up with the asking: each is higher than the last. */
  readonly nextSequence: (host: OwnerId) => number;
  /** A friend knows a list with this number, maybe of another device of mine, or of one that I lost. */
  readonly sawSequence: (call: { readonly host: OwnerId; readonly sequence: number }) => void;
  readonly helpers: () => readonly Helper[];
  /** Undefined: no longer. */
  readonly setHelper: (
    call: Omit<Helper, 'untilMs'> & { readonly untilMs: number | undefined },
  ) => void;
};

/** Somebody who may renew a plot of mine until then, by my own clock. */
export type Helper = { readonly plot: PlotId; readonly owner: OwnerId; readonly untilMs: number };

export function openUpkeepNotes(sql: Sql): UpkeepNotes {
  const raise = sql.prepare<[string], { sequence: bigint }>(
    `INSERT INTO keep_lists (host, sequence) VALUES (?, 1)
     ON CONFLICT (host) DO UPDATE SET sequence = sequence + 1 RETURNING sequence`,
  );
  const raiseTo = sql.prepare(
    `INSERT INTO keep_lists (host, sequence) VALUES (?, ?)
     ON CONFLICT (host) DO UPDATE SET sequence = max(sequence, excluded.sequence)`,
  );
  // Of plots that are gone there is nothing to help with.
  const readHelpers = sql.prepare<[], { plot: PlotId; owner: OwnerId; until_ms: bigint }>(
    `SELECT helpers.plot, helpers.owner, helpers.until_ms FROM helpers
     JOIN holdings USING (plot) ORDER BY helpers.plot, helpers.owner`,
  );
  const upsert = sql.prepare(
    `INSERT INTO helpers (plot, owner, until_ms) VALUES (?, ?, ?)
     ON CONFLICT (plot, owner) DO UPDATE SET until_ms = excluded.until_ms`,
  );
  const drop = sql.prepare('DELETE FROM helpers WHERE plot = ? AND owner = ?');
  return {
    nextSequence: (host) => Number(raise.get(host)?.sequence ?? 1n),
    sawSequence: ({ host, sequence }) => void raiseTo.run(host, sequence),
    helpers: () =>
      readHelpers.all().map((row) => ({
        plot: row.plot,
        owner: row.owner,
        untilMs: Number(row.until_ms),
      })),
    setHelper: ({ plot, owner, untilMs }) =>
      void (untilMs === undefined ? drop.run(plot, owner) : upsert.run(plot, owner, untilMs)),
  };
}
