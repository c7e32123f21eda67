import { newestOf } from '../../shared/backup/safety.ts';
import type { BackupSetView, CopyView, SetSafety } from '../../shared/contract/backup-views.ts';
import type { Sentence } from '../../shared/contract/views.ts';
import { isUntilTold } from '../../shared/model/until-told.ts';

/** How safe a set is, in a sentence, and what a person does about it. Pure; the keys are of the window's catalogue. */
export type SafetyWords = {
  readonly tone: 'good' | 'plain' | 'warn' | 'bad';
  readonly what: Sentence;
  /** Nothing, where it mends itself. */
  readonly next: Sentence | undefined;
};

const WORST_FIRST: readonly SetSafety[] = ['at-risk', 'stale', 'never', 'catching-up', 'safe'];

/** What is not safe comes first; among equals the order stays. */
export function worstFirst(sets: readonly BackupSetView[]): readonly BackupSetView[] {
  return sets.toSorted(
    (one, other) => WORST_FIRST.indexOf(one.safety) - WORST_FIRST.indexOf(other.safety),
  );
}

export function safetyWords(set: BackupSetView): SafetyWords {
  // Its copies are the other computer's work, which this one has not looked at yet.
  if (isUntilTold(set.pausedUntilMs) && newestOf(set) === null)
    return { tone: 'warn', what: sentence('other'), next: sentence('next-told') };
  switch (set.safety) {
    case 'safe':
      return safe(set);
    case 'catching-up':
      return catchingUp(set);
    case 'stale':
      return { tone: 'warn', what: aged('stale', set), next: nextOf(set) };
    case 'at-risk':
      return { tone: 'bad', what: atRisk(set), next: nextOf(set) };
    case 'never':
      return {
        tone: 'warn',
        what: sentence('never'),
        next: set.nextMs === null && set.waitsFor === null ? sentence('next-run') : undefined,
      };
  }
}

function safe(set: BackupSetView): SafetyWords {
  const count = `${completeOf(set).length}`;
  const what =
    set.verifiedMs === null
      ? sentence('safe-unverified', { count })
      : sentence('safe', { count, verifiedMs: `${set.verifiedMs}` });
  return { tone: 'good', what, next: undefined };
}

function catchingUp(set: BackupSetView): SafetyWords {
  const complete = completeOf(set).length;
  // All of it is there, and nobody has looked into it for too long.
  if (complete >= set.plan.copies)
    return { tone: 'plain', what: sentence('unverified'), next: sentence('next-verify') };
  // There are fewer friends than copies wanted: no run mends that.
  const isShort = set.to.length < set.plan.copies;
  return {
    tone: 'plain',
    what: sentence('catching-up', { count: `${complete}`, words: `${set.plan.copies}` }),
    next: isShort ? sentence('next-friend') : undefined,
  };
}

function atRisk(set: BackupSetView): Sentence {
  if (set.to.length === 0) return sentence('at-risk-nobody');
  if (newestOf(set) !== null) return aged('at-risk', set);
  const isDamaged = set.copies.some(({ state }) => state === 'damaged');
  return sentence(isDamaged ? 'at-risk-damaged' : 'at-risk-none');
}

function nextOf(set: BackupSetView): Sentence | undefined {
  if (set.to.length === 0) return sentence('next-friend');
  // What went wrong says itself what to do.
  if (set.lastFault !== null && set.lastFault.key !== 'fault.cancelled') return undefined;
  if (set.copies.length > 0 && set.copies.every(({ state }) => state === 'gone'))
    return sentence('next-friend');
  return sentence('next-run');
}

function aged(key: 'stale' | 'at-risk', set: BackupSetView): Sentence {
  const atMs = newestOf(set);
  return atMs === null ? sentence(`${key}-none`) : sentence(key, { completeMs: `${atMs}` });
}

function completeOf({ copies }: Pick<BackupSetView, 'copies'>): readonly CopyView[] {
  return copies.filter(({ state }) => state === 'complete');
}

function sentence(key: string, params: Readonly<Record<string, string>> = {}): Sentence {
  return { key: `safety.${key}`, params };
}
