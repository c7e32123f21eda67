import type { Retention } from '../model/backup-plan.ts';
import { DAY_MS } from '../units.ts';

/** A snapshot as the retention sees it. */
export type Dated = {
  readonly id: string;
  /** RFC 3339 as the snapshot has it: its days are those of the place where it was made. */
  readonly time: string;
  /** The folders that are in it. */
  readonly paths?: readonly string[] | null | undefined;
};

export const RETENTION_RULES = [
  'last',
  'hourly',
  'daily',
  'weekly',
  'monthly',
  'yearly',
] as const satisfies readonly (keyof Retention)[];
export type RetentionRule = (typeof RETENTION_RULES)[number];

export type Kept = {
  readonly id: string;
  readonly rules: readonly (RetentionRule | 'future' | 'folder')[];
};

/** A clock may be a little ahead of another one. */
const AHEAD_MS = DAY_MS;

/**
 * Which snapshots stay, and by which rules, as restic's `forget` counts (restic, "Removing backup snapshots"): the newest
 * of each of the latest so many hours, days, ISO weeks, months and years that have one. A policy of nothing keeps everything.
 * What is dated in the future was made by a clock that was wrong: it stays, and takes nobody's place; otherwise today's
 * backup would count as older than it and go. The newest snapshot that has a folder stays as well: what was in a folder last
 * must not go because the set has other folders now.
 */
export function keptBy(
  retention: Retention,
  snapshots: readonly Dated[],
  nowMs: number,
): readonly Kept[] {
  const isNothing = RETENTION_RULES.every((rule) => retention[rule] === 0);
  const newestFirst = snapshots
    .map((snapshot) => ({ ...snapshot, ms: Date.parse(snapshot.time) }))
    .sort((one, other) => other.ms - one.ms);
  if (isNothing) return newestFirst.map(({ id }) => ({ id, rules: ['last'] }));
  const left = { ...retention };
  const latest = new Map<RetentionRule, string>();
  const seen = new Set<string>();
  const kept: Kept[] = [];
  for (const { id, time, ms, paths } of newestFirst) {
    // What has no time can't be old.
    if (Number.isNaN(ms) || ms > nowMs + AHEAD_MS) {
      kept.push({ id, rules: ['future'] });
      continue;
    }
    const newFolders = (paths ?? []).filter((path) => !seen.has(path));
    for (const path of newFolders) seen.add(path);
    const byRule = RETENTION_RULES.filter((rule) => {
      if (left[rule] === 0) return false;
      const period = periodOf(rule, id, time);
      if (latest.get(rule) === period) return false;
      latest.set(rule, period);
      left[rule] -= 1;
      return true;
    });
    const isLastOfSome = byRule.length === 0 && newFolders.length > 0;
    const rules = isLastOfSome ? (['folder'] as const) : byRule;
    if (rules.length > 0) kept.push({ id, rules });
  }
  return kept;
}

/** Names the hour, day … in which it was made, by its own clock and zone. */
function periodOf(rule: RetentionRule, id: string, time: string): string {
  switch (rule) {
    case 'last':
      return id;
    case 'hourly':
      return time.slice(0, 13);
    case 'daily':
      return time.slice(0, 10);
    case 'weekly':
      return isoWeek(time.slice(0, 10));
    case 'monthly':
      return time.slice(0, 7);
    case 'yearly':
      return time.slice(0, 4);
  }
}

/** ISO 8601: weeks begin on Monday and belong to the year of their Thursday. */
function isoWeek(date: string): string {
  const ms = Date.parse(`${date}T00:00:00Z`);
  const weekday = (new Date(ms).getUTCDay() + 6) % 7;
  const thursday = new Date(ms + (3 - weekday) * DAY_MS);
  const yearStart = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  const week = Math.floor((thursday.getTime() - yearStart) / DAY_MS / 7) + 1;
  return `${thursday.getUTCFullYear()}-W${week}`;
}
