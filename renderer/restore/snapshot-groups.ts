import { calendarDays } from '../../shared/i18n/formats.ts';
import type { SnapshotView } from '../../shared/contract/backup-views.ts';

/**
 * Snapshots as a person looks for a day: today, yesterday, the days before in this week, then months. By the clock
 * and the calendar of this computer. Pure but for the time zone.
 */
export type SnapshotGroup = {
  readonly id: string;
  readonly kind: 'today' | 'yesterday' | 'week' | 'month';
  /** The first moment of it. */
  readonly atMs: number;
  readonly snapshots: readonly SnapshotView[];
};

/** Days back from today that are told by their names. */
const NAMED_DAYS = 6;

export function groupsOf(
  snapshots: readonly SnapshotView[],
  nowMs: number,
): readonly SnapshotGroup[] {
  const newestFirst = snapshots.toSorted((one, other) => other.atMs - one.atMs);
  const groups = Map.groupBy(newestFirst, ({ atMs }) => placeOf(atMs, nowMs).id);
  return [...groups.values()].map((members) => ({
    ...placeOf(members[0]?.atMs ?? nowMs, nowMs),
    snapshots: members,
  }));
}

function placeOf(atMs: number, nowMs: number): Omit<SnapshotGroup, 'snapshots'> {
  // A clock that was set back makes a backup of the future; it belongs to today.
  const day = Math.max(0, calendarDays(atMs, nowMs));
  const kind = day === 0 ? 'today' : day === 1 ? 'yesterday' : 'week';
  if (day <= NAMED_DAYS) return { id: kind, kind, atMs };
  const date = new Date(atMs);
  const month = new Date(date.getFullYear(), date.getMonth(), 1).getTime();
  return { id: `${date.getFullYear()}-${date.getMonth()}`, kind: 'month', atMs: month };
}
