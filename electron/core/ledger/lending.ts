import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import { waterFill } from '../../../shared/policy/water-filling.ts';
import type { Sql } from '../database/open-database.ts';
import type { Totals } from './ledger.ts';
import type { WaitingBook } from './waiting-book.ts';

/**
 * Which of what is lent has to come back (design §3.3): F is filled up to what everybody uses and what
 * those in line want besides; whoever uses more than that level gives back lent plots, those that end
 * soonest first. Nothing is taken: a plot that is wanted is not renewed.
 */
export type Lending = {
  /** The lent plots that are not renewed now, of all friends. */
  readonly wanted: (
    totals: Pick<Totals, 'presentFairBytes' | 'fairPromisedBytes' | 'lentBytes'>,
  ) => ReadonlySet<PlotId>;
};

type UseRow = { readonly owner: OwnerId; readonly weight: bigint; readonly promised: bigint };
type LoanRow = { readonly id: PlotId; readonly owner: OwnerId; readonly promised: bigint };

export function openLending(sql: Sql, waiting: WaitingBook): Lending {
  const readUse = sql.prepare<[], UseRow>(
    `SELECT friends.owner, friends.weight, coalesce(usage.promised, 0) + coalesce(vouched.promised, 0) AS promised FROM friends
     LEFT JOIN usage ON usage.owner = friends.owner AND usage.ground = 'fair-share'
     LEFT JOIN vouched ON vouched.introducer = friends.owner AND vouched.ground = 'fair-share'
     WHERE friends.departed = 0 AND friends.weight > 0`,
  );
  const readLoans = sql.prepare<[], LoanRow>(
    `SELECT id, owner, promised FROM plots WHERE class = 'borrowed' AND ground = 'fair-share'
     AND state IN ('active', 'grace', 'reclaimable') ORDER BY until_service, number`,
  );

  /** What those in line would be charged besides. */
  function wants(): ReadonlyMap<OwnerId, bigint> {
    const wanted = new Map<OwnerId, bigint>();
    for (const { owner, wantedBytes } of waiting.inLine())
      wanted.set(owner, (wanted.get(owner) ?? 0n) + wantedBytes);
    return wanted;
  }

  return {
    wanted: ({ presentFairBytes: fairBytes, fairPromisedBytes, lentBytes }) => {
      if (lentBytes === 0n) return new Set();
      const line = wants();
      if (line.size === 0 && fairPromisedBytes <= fairBytes) return new Set();
      const loans = readLoans.all();
      const users = readUse.all();
      const demands = users.map(({ owner, weight, promised }) => ({
        bytes: promised + (line.get(owner) ?? 0n),
        weight,
      }));
      const levels = waterFill(fairBytes, demands);
      const over = new Map(
        users.map(({ owner, promised }, index) => [owner, promised - (levels[index] ?? 0n)]),
      );
      const back = new Set<PlotId>();
      for (const { id, owner, promised } of loans) {
        // Lent to somebody who shares no longer: all of it comes back, before anybody else's.
        const overBytes = over.get(owner);
        if (overBytes !== undefined && overBytes <= 0n) continue;
        back.add(id);
        if (overBytes !== undefined) over.set(owner, overBytes - promised);
      }
      return back;
    },
  };
}
