import type { DecisionView, FriendView } from '../../shared/contract/views.ts';
import type { DecisionKind, DecisionOutcome } from '../../shared/model/decision-kinds.ts';
import { DAY_MS } from '../../shared/units.ts';

/** What the person wants to see of the log, and the question to the core that this makes. Pure. */

/** Kinds in groups that a person would name; together they are all of them. */
export const WHAT = {
  asked: ['allocate'],
  renewed: ['renew'],
  resized: ['resize'],
  released: ['release'],
  ended: ['lapse', 'reclaim'],
  erased: ['erase'],
  adopted: ['adopt'],
} as const satisfies Readonly<Record<string, readonly DecisionKind[]>>;

export type What = keyof typeof WHAT;
export type Time = 'today' | 'week' | 'month' | 'year';

export type Filters = {
  /** An owner, or anybody. */
  readonly friend: string;
  readonly what: What | 'any';
  readonly outcome: DecisionOutcome | 'any';
  readonly time: Time | 'any';
};

export const ANYTHING: Filters = { friend: 'any', what: 'any', outcome: 'any', time: 'any' };

export function isAnything({ friend, what, outcome, time }: Filters): boolean {
  return friend === 'any' && what === 'any' && outcome === 'any' && time === 'any';
}

/** The arguments of `decisions.list` that say the same; the cursor and the limit come besides. */
export type Query = {
  readonly friend?: string;
  readonly kinds?: readonly DecisionKind[];
  readonly outcomes?: readonly DecisionOutcome[];
  readonly sinceMs?: number;
};

export function queryOf({ friend, what, outcome, time }: Filters, nowMs: number): Query {
  return {
    ...(friend === 'any' ? {} : { friend }),
    ...(what === 'any' ? {} : { kinds: WHAT[what] }),
    ...(outcome === 'any' ? {} : { outcomes: [outcome] }),
    ...(time === 'any' ? {} : { sinceMs: sinceMs(time, nowMs) }),
  };
}

/** Within bounds of time the core's order is the clock's, and the log's otherwise. */
export function isTimed({ sinceMs }: Query): boolean {
  return sinceMs !== undefined;
}

const DAYS: Readonly<Record<Exclude<Time, 'today'>, number>> = { week: 7, month: 30, year: 365 };

/** Today begins at midnight by this computer's clock; the others reach back whole days from now. */
function sinceMs(time: Time, nowMs: number): number {
  if (time === 'today') return new Date(nowMs).setHours(0, 0, 0, 0);
  return Math.max(0, nowMs - DAYS[time] * DAY_MS);
}

/** What the core would answer for one row; for those that arrive by themselves. */
export function passes({ friend, kinds, outcomes, sinceMs }: Query, row: DecisionView): boolean {
  return (
    (friend === undefined || row.owner === friend) &&
    (kinds === undefined || kinds.includes(row.kind)) &&
    (outcomes === undefined || outcomes.includes(row.outcome)) &&
    (sinceMs === undefined || row.atMs >= sinceMs)
  );
}

/** The address may name somebody who is nobody here: then everybody is shown. */
export function filtersAtFirst(
  owner: string | undefined,
  friends: readonly Pick<FriendView, 'owner'>[],
  kept: Filters,
): Filters {
  if (owner === undefined) return kept;
  return friends.some((friend) => friend.owner === owner)
    ? { ...ANYTHING, friend: owner }
    : ANYTHING;
}
