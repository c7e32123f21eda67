import type { BackupSetView } from '../../shared/contract/backup-views.ts';
import type {
  AppSnapshot,
  NoticeView,
  PairingView,
  Sentence,
} from '../../shared/contract/views.ts';
import { safetyWords, worstFirst } from '../backups/safety.ts';
import { isCalling } from '../pairing/pairing-states.ts';
import { copiesOf, mendsItself, type SetState, setState } from '../../shared/words/set-state.ts';

/**
 * Home opens with a sentence, never with a number (art direction): the worst thing that is true, or
 * that all is well. Pure; the keys are of the window's catalogue.
 */
export type Mood =
  | { readonly notice: NoticeView }
  | { readonly notice?: undefined; readonly title: Sentence; readonly more: Sentence };

type Known = Pick<
  AppSnapshot,
  'status' | 'offer' | 'friends' | 'pairings' | 'sets' | 'jobs' | 'mine' | 'notices'
>;

export function moodOf(known: Known): Mood {
  const { status, offer, friends, pairings, notices } = known;
  const live = notices.filter(({ dismissed }) => !dismissed);
  const worst =
    live.find(({ level }) => level === 'alarm') ?? live.find(({ level }) => level === 'warning');
  const calling = pairings.find(isCalling);
  if (worst?.level === 'alarm') return { notice: worst };
  if (calling !== undefined) return asksIn(calling);
  if (worst !== undefined) return { notice: worst };
  if (status.pausedUntilMs !== null) return mood('home.paused', 'home.paused-more');
  if (offer === null) return mood('home.nothing-shared', 'home.nothing-shared-more');
  if (friends.length === 0) return mood('home.no-friends', 'home.no-friends-more');
  return (
    atRisk(known) ??
    late(known) ?? { title: { key: 'home.all-well', params: {} }, more: safety(known) }
  );
}

function mood(title: string, more: string, params: Readonly<Record<string, string>> = {}): Mood {
  return { title: { key: title, params }, more: { key: more, params } };
}

/** A friend's further device is no new friend. */
function asksIn({ name, friend }: PairingView): Mood {
  return friend === null
    ? mood('home.asks-in', 'home.asks-in-more', { name })
    : mood('home.asks-in-device', 'home.asks-in-more', { name, friend });
}

/** No home where files are at risk is well, whether a notice has said so yet or not. */
function atRisk({ sets }: Known): Mood | undefined {
  const [first, ...others] = sets.filter((set) => set.safety === 'at-risk');
  if (first === undefined) return undefined;
  const params = { set: first.name, count: `${others.length + 1}` };
  return { title: { key: 'home.at-risk', params }, more: safetyWords(first).what };
}

/** Whatever catches up or waits for an answer mends itself. */
const NOT_WELL: ReadonlySet<SetState> = new Set(['at-risk', 'late', 'new']);

/** Nor is all well where one is behind, unless that one is being backed up just now. */
function late({ sets, jobs }: Known): Mood | undefined {
  const behind = worstFirst(sets).filter((set) => NOT_WELL.has(setState(set, { jobs }).state));
  const [first, ...others] = behind;
  if (first === undefined) return undefined;
  const params = { set: first.name, count: `${others.length + 1}` };
  return { title: { key: 'home.late', params }, more: wordsOf(first) };
}

function wordsOf(set: BackupSetView): Sentence {
  const { lastFault } = set;
  if (lastFault === null) return safetyWords(set).what;
  const isSaid = lastFault.key === 'fault.waits' || !mendsItself(lastFault.key);
  return isSaid ? lastFault : safetyWords(set).what;
}

/** Are my files safe: in how many other homes, and since when. */
function safety({ sets, jobs, mine, status }: Known): Sentence {
  if (sets.length === 0) return { key: 'home.no-sets', params: {} };
  const isRunning = sets.some((set) => setState(set, { jobs }).state === 'running');
  if (isRunning) return { key: 'home.backing-up', params: {} };
  const behind = worstFirst(sets).find((set) => setState(set, { jobs }).state !== 'safe');
  if (behind !== undefined) return wordsOf(behind);
  // Of the set with the fewest: two sets in one home each are nowhere twice.
  const homes = Math.min(...sets.map((set) => homesOf(set, mine)));
  const oldest = Math.min(...sets.map(({ lastRunMs }) => lastRunMs ?? 0));
  const key = status.phraseSaved ? 'home.safe' : 'home.safe-unsaved';
  return { key, params: { count: `${homes}`, oldestMs: `${oldest}` } };
}

/** The homes in which all of it is; of a set of which only the plots are known, those in which it lies. */
function homesOf(set: BackupSetView, mine: Known['mine']): number {
  if (set.copies.length > 0) return set.copies.filter(({ state }) => state === 'complete').length;
  return new Set(copiesOf(set, mine).map(({ owner }) => owner)).size;
}
