import { safetyOf } from '../../../../shared/backup/safety.ts';
import type { BackupSetView, CopyView } from '../../../../shared/contract/backup-views.ts';
import { planText } from '../../backup/plan-text.ts';
import type { BackupSet } from '../../backup/set-book.ts';
import type { Holding } from '../../client/holdings/holdings-book.ts';
import { copyViews } from './copy-views.ts';
import type { CoreParts } from '../core-parts.ts';
import { ownerName } from '../people.ts';

/** Sets as every door shows them: what the books say, judged, with names in place of ids. */
export async function setViews(parts: CoreParts): Promise<readonly BackupSetView[]> {
  const [sets, copies, holdings] = await Promise.all([
    parts.sets.sets(),
    parts.copyBook.copies(),
    parts.holdings.holdings(),
  ]);
  return sets.map((set) =>
    setView(parts, set, {
      copies: copyViews(parts, set, { copies, holdings }),
      holdings: holdings.filter((holding) => holding.set === set.name),
    }),
  );
}

type Known = { readonly copies: readonly CopyView[]; readonly holdings: readonly Holding[] };

/** `known` is absent for a set of another installation of this owner's, of whose copies nothing is known here. */
export function setView(
  parts: CoreParts,
  set: BackupSet,
  { copies, holdings }: Known = { copies: [], holdings: [] },
): BackupSetView {
  const nowMs = parts.clock.nowMs();
  const facts = {
    copies,
    hosts: set.hosts.length,
    wanted: set.plan.copies,
    verifyDays: set.plan.verifyDays,
    createdMs: set.createdMs,
    lastRunMs: set.lastRunMs ?? null,
    every: set.plan.schedule.every,
  };
  return {
    name: set.name,
    folders: set.folders,
    to: set.hosts.map((owner) => ownerName(parts, owner)),
    plan: planText(set.plan),
    safety: safetyOf(facts, nowMs),
    copies,
    ...parts.scheduler.standing(set),
    pausedUntilMs: set.pause?.untilMs ?? null,
    verifiedMs: verifiedOf(copies),
    drilledMs: set.drilledMs ?? null,
    protectionFalls: fallsOf(set, holdings, nowMs),
    lastRunMs: set.lastRunMs ?? null,
    lastBytes: set.lastBytes === undefined ? null : `${set.lastBytes}`,
    lastFault: set.lastFault ?? null,
  };
}

/** The oldest look among the complete copies; null: one of them was never looked at. */
function verifiedOf(copies: readonly CopyView[]): number | null {
  const complete = copies.filter(({ state }) => state === 'complete');
  const looked = complete.flatMap(({ verifiedMs }) => verifiedMs ?? []);
  return complete.length === 0 || looked.length < complete.length ? null : Math.min(...looked);
}

/** As friends say it; until one has said anything, as it was asked for. */
function fallsOf(
  { falls }: Pick<BackupSet, 'falls'>,
  holdings: readonly Holding[],
  nowMs: number,
): BackupSetView['protectionFalls'] {
  const there = holdings
    .flatMap(({ protection }) => protection?.falls ?? [])
    .toSorted((one, other) => one.atMs - other.atMs);
  const [first] = there;
  if (first !== undefined) return { days: first.toDays, atMs: first.atMs };
  return falls === undefined || falls.atMs <= nowMs ? null : falls;
}
