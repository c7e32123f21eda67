import type { CopyView, SetSafety } from '../contract/backup-views.ts';
import type { Every } from '../model/plan-at-first.ts';
import { DAY_MS } from '../units.ts';

/**
 * Whether a set is safe (design §6): as many complete copies as wanted, written and verified lately. Pure, and the one
 * place where it is judged: the window, the tray, notices and the command line say what comes out here.
 */
export type SafetyFacts = {
  readonly copies: readonly Pick<CopyView, 'state' | 'completeMs' | 'verifiedMs'>[];
  /** How many friends it goes to; 0: the friendships with all of them are over. */
  readonly hosts: number;
  readonly wanted: number;
  readonly verifyDays: number;
  readonly createdMs: number;
  readonly lastRunMs: number | null;
  /** How often it runs. */
  readonly every?: Every | undefined;
};

const STALE_AFTER_MS = 3 * DAY_MS;
const AT_RISK_AFTER_MS = 5 * DAY_MS;
/** What runs once a week is due six days later than what runs daily, and late as much later. */
const WEEKLY_MORE_MS = 6 * DAY_MS;
/** Random packs are looked at every day; a week without a look is a reason to ask why. */
const VERIFY_AT_LEAST_MS = 7 * DAY_MS;

/** From which age of its newest backup on a set is stale and at risk. */
export function latenessOf(every: Every | undefined): {
  readonly staleMs: number;
  readonly atRiskMs: number;
} {
  const moreMs = every === 'week' ? WEEKLY_MORE_MS : 0;
  return { staleMs: STALE_AFTER_MS + moreMs, atRiskMs: AT_RISK_AFTER_MS + moreMs };
}

export function safetyOf(facts: SafetyFacts, nowMs: number): SetSafety {
  const { copies, hosts, wanted } = facts;
  const { staleMs, atRiskMs } = latenessOf(facts.every);
  if (hosts === 0) return 'at-risk';
  if (facts.lastRunMs === null && copies.every(({ completeMs }) => completeMs === null))
    return 'never';
  const newestMs = newestOf(facts);
  if (newestMs === null) return 'at-risk';
  // A clock that was set back makes a backup lie ahead; that is no reason to worry anybody.
  const ageMs = nowMs - newestMs;
  if (ageMs >= atRiskMs) return 'at-risk';
  if (ageMs >= staleMs) return 'stale';
  const good = copies.filter(
    (copy) =>
      copy.state === 'complete' &&
      copy.completeMs !== null &&
      nowMs - copy.completeMs < staleMs &&
      !isVerifyLate(copy, facts, nowMs),
  );
  return good.length >= wanted ? 'safe' : 'catching-up';
}

/** When the newest backup was made that is whole somewhere; null: none is known to be. */
export function newestOf({ copies }: Pick<SafetyFacts, 'copies'>): number | null {
  const whole = copies
    .filter(({ state }) => state === 'complete' || state === 'behind')
    .flatMap(({ completeMs }) => completeMs ?? []);
  return whole.length === 0 ? null : Math.max(...whole);
}

/** Nobody has looked into it for longer than a pass over all of it should take, and for more than a week. */
export function isVerifyLate(
  { verifiedMs, completeMs }: Pick<CopyView, 'verifiedMs' | 'completeMs'>,
  { verifyDays, createdMs }: Pick<SafetyFacts, 'verifyDays' | 'createdMs'>,
  nowMs: number,
): boolean {
  if (completeMs === null) return false;
  const sinceMs = verifiedMs ?? createdMs;
  return nowMs - sinceMs > Math.max(VERIFY_AT_LEAST_MS, verifyDays * DAY_MS);
}
