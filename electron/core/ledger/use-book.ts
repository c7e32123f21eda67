import type { OwnerId } from '../../../shared/ids.ts';
import type { Sql } from '../database/open-database.ts';

/** What one owner has here in all, without a list of his plots. */
export type OwnerUse = {
  readonly owner: OwnerId;
  readonly promisedBytes: bigint;
  readonly writtenBytes: bigint;
  /** On its way here at this moment. */
  readonly reservedBytes: bigint;
  readonly missingObjects: number;
  /** Promised since before a certain time, and nothing was ever written to it. */
  readonly idleBytes: bigint;
  /** What lies in plots whose lease is over; absent: there are none. */
  readonly unrenewed: { readonly writtenBytes: bigint; readonly isLong: boolean } | undefined;
};

export type UseBook = {
  /** Of everybody who has a plot here. */
  readonly uses: (call: { readonly idleBeforeMs: number }) => readonly OwnerUse[];
};

type Sum = { readonly owner: OwnerId; readonly sum: bigint };
type Unrenewed = Sum & { readonly long: bigint };

/**
 * What screens and notices say of everybody at once. It is asked for every few seconds, so it comes from counters
 * and from indexes of what is out of the ordinary, never from all plots.
 */
export function openUseBook(sql: Sql): UseBook {
  const readUsage = sql.prepare<
    [],
    { readonly owner: OwnerId; readonly promised: bigint; readonly written: bigint }
  >(
    `SELECT owner, sum(promised) AS promised, sum(written) AS written FROM usage
     WHERE plots > 0 GROUP BY owner`,
  );
  // CROSS: from the few rows to their plots, never the other way round.
  const readReserved = sql.prepare<[], Sum>(
    `SELECT owner, sum(reservations.size) AS sum FROM reservations
     CROSS JOIN plots ON plots.number = reservations.plot GROUP BY owner`,
  );
  const readMissing = sql.prepare<[], Sum>(
    'SELECT owner, count(*) AS sum FROM missing CROSS JOIN plots ON plots.number = missing.plot GROUP BY owner',
  );
  const readIdle = sql.prepare<[number], Sum>(
    `SELECT owner, sum(promised) AS sum FROM plots INDEXED BY plots_unused
     WHERE state = 'active' AND begun = 0 AND from_ms < ? GROUP BY owner`,
  );
  const readUnrenewed = sql.prepare<[], Unrenewed>(
    `SELECT owner, sum(written) AS sum, max(state = 'reclaimable') AS long FROM plots
     WHERE state IN ('grace', 'reclaimable') GROUP BY owner`,
  );
  return {
    uses: ({ idleBeforeMs }) => {
      const reserved = byOwner(readReserved.all());
      const missing = byOwner(readMissing.all());
      const idle = byOwner(readIdle.all(idleBeforeMs));
      const unrenewed = new Map(readUnrenewed.all().map((row) => [row.owner, row]));
      return readUsage.all().map(({ owner, promised, written }) => {
        const over = unrenewed.get(owner);
        return {
          owner,
          promisedBytes: promised,
          writtenBytes: written,
          reservedBytes: reserved.get(owner) ?? 0n,
          missingObjects: Number(missing.get(owner) ?? 0n),
          idleBytes: idle.get(owner) ?? 0n,
          unrenewed: over && { writtenBytes: over.sum, isLong: over.long === 1n },
        };
      });
    },
  };
}

function byOwner(rows: readonly Sum[]): ReadonlyMap<OwnerId, bigint> {
  return new Map(rows.map(({ owner, sum }) => [owner, sum]));
}
