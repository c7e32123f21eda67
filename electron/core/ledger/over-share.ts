import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import type { ShareState } from '../../../shared/model/allocate.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import { halves } from '../../../shared/model/weight.ts';
import { positive } from '../../../shared/policy/guards.ts';
import { BOUND_TEXT } from '../database/bound.ts';
import type { Sql } from '../database/open-database.ts';
import { numberOf } from '../database/number-of.ts';
import type { OverShareRow, Totals } from './ledger.ts';

/**
 * Guaranteed plots that a join, a leave or a smaller offer has made more than their friend's share (design
 * §3.3). They keep their class and their renewals until the owner says otherwise: he can ask for less, or end
 * with notice what is over. What ends is worked out anew each time, so whoever has let go of enough is done; but a
 * notice is about what was over when it was given. Whatever a later join makes too large wants a notice of its own.
 */
export type OverShare = {
  /** Everybody who holds noticeably more than his share, and whoever was asked or given notice. */
  readonly rows: (totals: Totals, moment: Moment) => readonly OverShareRow[];
  /** What this friend is told beside his share; empty where nobody has asked anything of him. */
  readonly wish: (
    owner: OwnerId,
    /** Worked out only for somebody of whom something was asked. */
    at: { readonly totals: () => Totals; readonly moment: Moment | undefined },
  ) => Pick<ShareState, 'lessBytes' | 'lessInS'>;
  /**
   * The plots of this friend that are over his share, so that a notice ends them: the latest first, and none
   * without which he would be within it all the same.
   */
  readonly ending: (owner: OwnerId, totals: Totals) => ReadonlySet<PlotId>;
  /** Those whose notice has run out. */
  readonly due: (moment: Moment) => readonly OwnerId[];
  /** Whoever is within his share again is asked nothing more: a date of old must not hit him later. */
  readonly settle: (totals: Totals) => void;
  readonly ask: (owner: OwnerId, moment: Moment) => void;
  /** Undefined: it goes on after all. */
  readonly end: (owner: OwnerId, atServiceS: number | undefined, totals: Totals) => void;
  readonly forget: (owner: OwnerId) => void;
};

type UseRow = {
  readonly owner: OwnerId;
  readonly weight: bigint;
  /** Guaranteed to himself, and to others on his word. */
  readonly own: bigint;
  readonly vouched: bigint;
  readonly asked_less_ms: bigint | null;
  readonly over_ends_service: bigint | null;
  /** His share when he was given notice. */
  readonly over_ends_share: bigint | null;
};
type PlotUse = { readonly id: PlotId; readonly promised: bigint };

/** Less than a hundredth over is what rounding and other grounds' small plots do; nobody need act on it. */
const NOTICEABLE = 100n;

export function openOverShare(sql: Sql): OverShare {
  // What he has vouched for out of his share is his use of it too.
  const use = `SELECT friends.owner, weight, usage.promised - usage.lent AS own, asked_less_ms,
      over_ends_service, over_ends_share,
      (SELECT coalesce(sum(promised), 0) FROM vouched
       WHERE introducer = friends.owner AND ground = 'fair-share') AS vouched
    FROM friends JOIN usage ON usage.owner = friends.owner AND usage.ground = 'fair-share'
    WHERE departed = 0 AND usage.promised > usage.lent`;
  const readAll = sql.prepare<[], UseRow>(`${use} ORDER BY since_ms, friends.owner`);
  const readOne = sql.prepare<[string], UseRow>(`${use} AND friends.owner = ${BOUND_TEXT}`);
  const readPlots = sql.prepare<[string], PlotUse>(
    `SELECT id, promised FROM plots WHERE owner = ? AND ground = 'fair-share' AND class = 'guaranteed'
     AND state IN ('active', 'grace', 'reclaimable') ORDER BY number DESC`,
  );
  const readDue = sql.prepare<[number], { owner: OwnerId }>(
    'SELECT owner FROM friends WHERE over_ends_service <= ? AND departed = 0',
  );
  const readTold = sql.prepare<[], { owner: OwnerId }>(
    'SELECT owner FROM friends WHERE asked_less_ms IS NOT NULL OR over_ends_service IS NOT NULL',
  );
  const setAsked = sql.prepare('UPDATE friends SET asked_less_ms = ? WHERE owner = ?');
  const setEnds = sql.prepare(
    'UPDATE friends SET over_ends_service = ?, over_ends_share = ? WHERE owner = ?',
  );
  const clear = sql.prepare(
    'UPDATE friends SET asked_less_ms = NULL, over_ends_service = NULL, over_ends_share = NULL WHERE owner = ?',
  );

  /** What he is over his share by. Without an offer and its drive nobody has a share to be over. */
  function judge(row: UseRow, totals: Totals): { readonly share: bigint; readonly over: bigint } {
    if (totals.capacityBytes === 0n) return { share: 0n, over: 0n };
    const weights = halves(totals.weightSum);
    const share = weights === 0n ? 0n : (totals.fairBytes * row.weight) / weights;
    return { share, over: positive(row.own + row.vouched - share) };
  }

  /** The same under a notice: down to what he was told then, should his share have become less since. */
  function judgeTold(row: UseRow, totals: Totals): ReturnType<typeof judge> {
    const { share, over } = judge(row, totals);
    const told = row.over_ends_share;
    if (row.over_ends_service === null || told === null || told <= share || over === 0n)
      return { share, over };
    return { share: told, over: positive(row.own + row.vouched - told) };
  }

  return {
    rows: (totals, { serviceS }) =>
      readAll.all().flatMap((row) => {
        const { share, over } = judge(row, totals);
        const wasTold = row.asked_less_ms !== null || row.over_ends_service !== null;
        if (over === 0n || (over * NOTICEABLE <= share && !wasTold)) return [];
        return [
          {
            owner: row.owner,
            useBytes: row.own + row.vouched,
            shareBytes: share,
            askedMs: numberOf(row.asked_less_ms),
            endsInS:
              row.over_ends_service === null ? undefined : Number(row.over_ends_service) - serviceS,
          },
        ];
      }),
    wish: (owner, { totals, moment }) => {
      const row = readOne.get(owner);
      if (row === undefined || (row.asked_less_ms ?? row.over_ends_service) === null) return {};
      const { share, over } = judgeTold(row, totals());
      if (over === 0n) return {};
      const ends = row.over_ends_service;
      return {
        lessBytes: share,
        ...(ends === null || moment === undefined
          ? {}
          : { lessInS: Math.max(0, Number(ends) - moment.serviceS) }),
      };
    },
    ending: (owner, totals) => {
      const row = readOne.get(owner);
      if (row === undefined || row.over_ends_service === null) return new Set();
      const plots = readPlots.all(owner);
      // What he has let go of is charged until it is off the disk, and no reason to end more.
      const own = plots.reduce((sum, { promised }) => sum + promised, 0n);
      return leastOf(plots, judgeTold({ ...row, own }, totals).over);
    },
    due: ({ serviceS }) => readDue.all(serviceS).map(({ owner }) => owner),
    settle: (totals) => {
      // Away with its drive, a home does not know who is over what.
      if (totals.capacityBytes === 0n) return;
      for (const { owner } of readTold.all()) {
        const row = readOne.get(owner);
        if (row === undefined || judgeTold(row, totals).over === 0n) clear.run(owner);
      }
    },
    ask: (owner, { nowMs }) => void setAsked.run(nowMs, owner),
    end: (owner, atServiceS, totals) => {
      const row = readOne.get(owner);
      const share = atServiceS === undefined || row === undefined ? null : judge(row, totals).share;
      setEnds.run(atServiceS ?? null, share, owner);
    },
    forget: (owner) => void clear.run(owner),
  };
}

/** The first of these that are enough together; then, the last first, each without which it still is enough is spared. */
function leastOf(plots: readonly PlotUse[], overBytes: bigint): ReadonlySet<PlotId> {
  const taken: PlotUse[] = [];
  let spare = -overBytes;
  for (const plot of plots) {
    if (spare >= 0n) break;
    taken.push(plot);
    spare += plot.promised;
  }
  const ending = new Set(taken.map(({ id }) => id));
  for (const { id, promised } of taken.toReversed()) {
    if (promised > spare) continue;
    ending.delete(id);
    spare -= promised;
  }
  return ending;
}
