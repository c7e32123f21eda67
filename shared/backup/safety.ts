import type { CopyView, SetSafety } from '../contract/backup-views.ts';

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
};

const DAY_MS = 86_400_000;
export const STALE_AFTER_MS = 3 * DAY_MS;
export const AT_RISK_AFTER_MS = 5 * DAY_MS;
/** Random packs are looked at every day; a week without a look is a reason to ask why. */
const VERIFY_AT_LEAST_MS = 7 * DAY_MS;

export function safetyOf(facts: SafetyFacts, nowMs: number): SetSafety {
  const { copies, hosts, wanted } = facts;
  if (hosts === 0) return 'at-risk';
  if (facts.lastRunMs === null && copies.every(({ completeMs }) => completeMs === null))
    return 'never';
  const newestMs = newestOf(facts);
  if (newestMs === null) return 'at-risk';
  // A clock that was set back makes a backup lie ahead; that is no reason to worry anybody.
  const ageMs = nowMs - newestMs;
  if (ageMs >= AT_RISK_AFTER_MS) return 'at-risk';
  if (ageMs >= STALE_AFTER_MS) return 'stale';
  const good = copies.filter(
    (copy) =>
      copy.state === 'complete' &&
      copy.completeMs !== null &&
      nowMs - copy.completeMs < STALE_AFTER_MS &&
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
