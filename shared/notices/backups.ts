import { latenessOf } from '../backup/safety.ts';
import { pagePath } from '../contract/pages.ts';
import { UNTIL_TOLD_MS } from '../model/until-told.ts';
import { isNoRoom } from '../no-room.ts';
import { mendsItself } from '../words/set-state.ts';
import { candidate } from './candidate.ts';
import type { CopyFacts, NoticeFacts, SetFacts } from './facts.ts';
import type { Candidate, KeptNotice } from './memory.ts';
import { DAY_MS } from '../units.ts';

/**
 * What a person is told of his backups: that there is no fresh one, that somebody has to do something, and what became of
 * copies. What mends itself is told only when it takes too long, and nothing twice in other words.
 */
export function backupCandidates(
  { sets }: Pick<NoticeFacts, 'sets'>,
  before: ReadonlyMap<string, KeptNotice>,
  nowMs: number,
): readonly Candidate[] {
  return [
    ...sets.flatMap((set) => {
      const told = [...stale(set, nowMs), ...failed(set), ...full(set)];
      return [
        // Whoever pauses a set wants to be left alone; what he had heard by then stays where it is.
        ...told.filter(({ id }) => !isPaused(set, nowMs) || before.has(id)),
        ...set.copies.flatMap((copy) => damaged(set, copy, nowMs)),
        ...lost(set, nowMs),
        ...gone(set),
        ...unlooked(set, nowMs),
        ...unpruned(set, nowMs),
      ];
    }),
    ...drill(sets, nowMs),
  ];
}

/** Those whose silence the state of a set tells already. */
export function toldWithSets(
  { sets }: Pick<NoticeFacts, 'sets'>,
  nowMs: number,
): ReadonlySet<string> {
  return new Set(
    sets
      .filter((set) => isAway(set) && !isPaused(set, nowMs))
      .flatMap(({ copies }) => copies.map(({ owner }) => owner)),
  );
}

const BACKUPS = pagePath({ page: 'backups' });

/** What came from another computer waits until it is told to run; nobody paused it, and without a word it would wait for ever. */
function isPaused({ pausedUntilMs }: SetFacts, nowMs: number): boolean {
  return pausedUntilMs !== undefined && pausedUntilMs > nowMs && pausedUntilMs !== UNTIL_TOLD_MS;
}

/** There is no fresh backup because nobody who keeps it can be reached. */
function isAway({ safety, lastFault }: SetFacts): boolean {
  return (safety === 'stale' || safety === 'at-risk') && lastFault?.code === 'unreachable';
}

function stale(set: SetFacts, nowMs: number): readonly Candidate[] {
  const { name, hosts, createdMs, newestMs, copies, lastFault } = set;
  if (hosts === 0) {
    const params = { set: name, context: 'nobody' };
    const level = 'alarm';
    return [candidate('backup-stale', name, { params, path: BACKUPS, mark: 'nobody', level })];
  }
  // What became of its copies says more.
  const isTold = copies.some(({ state }) => state === 'damaged' || state === 'gone');
  if (newestMs === undefined && set.safety === 'at-risk' && isTold) return [];
  const sinceMs = newestMs ?? createdMs;
  const ageMs = nowMs - sinceMs;
  const { staleMs, atRiskMs } = latenessOf(set.every);
  if (ageMs < staleMs) return [];
  const level = ageMs < atRiskMs ? 'warning' : 'alarm';
  const friend = isAway(set) ? lastFault?.params['friend'] : undefined;
  const usual = newestMs === undefined ? 'never' : friend === undefined ? undefined : 'away';
  const context = set.pausedUntilMs === UNTIL_TOLD_MS ? 'waits' : usual;
  return [
    candidate('backup-stale', name, {
      params: {
        set: name,
        sinceMs: `${sinceMs}`,
        ...(context === undefined ? {} : { context }),
        ...(context === 'away' && friend !== undefined ? { friend } : {}),
      },
      path: BACKUPS,
      mark: `${sinceMs} ${level}`,
      level,
    }),
  ];
}

/** Numbers differ from try to try; it is the same trouble. */
const MARK_CHARS = 200;

function failed({ name, lastFault }: SetFacts): readonly Candidate[] {
  if (lastFault === undefined || lacksRoom(lastFault) || mendsItself(`fault.${lastFault.code}`))
    return [];
  const { code, params } = lastFault;
  const mark = `${code} ${params['denial'] ?? ''} ${params['friend'] ?? ''}`.slice(0, MARK_CHARS);
  return [
    candidate('backup-failed', name, {
      params: { ...params, set: name, fault: code },
      path: BACKUPS,
      mark,
    }),
  ];
}

type Said = NonNullable<SetFacts['lastFault']>;

function lacksRoom({ code, params }: Said): boolean {
  const isFull = code === 'plot-full' || code === 'full-of-trash';
  return isFull || (code === 'refused' && isNoRoom(params['denial']));
}

/** Where a copy could not grow: once for each friend who has no room, whether or not the others went on. */
function full({ name, lastFault, copies }: SetFacts): readonly Candidate[] {
  const refused = copies.flatMap(({ owner, friend, fault }) =>
    fault !== undefined && lacksRoom(fault) ? [{ owner, friend, fault }] : [],
  );
  const all =
    refused.length === 0 && lastFault !== undefined && lacksRoom(lastFault)
      ? [{ owner: '', friend: lastFault.params['friend'] ?? '', fault: lastFault }]
      : refused;
  return all.map(({ owner, friend, fault: { code, params } }) =>
    candidate('share-full', owner === '' ? name : `${name} ${owner}`, {
      params: { ...params, set: name, friend, fault: code },
      path: BACKUPS,
      mark: params['denial'] ?? code,
    }),
  );
}

/** Somebody who was on holiday still reads that it is whole again. */
const REPAIRED_FOR_MS = 7 * DAY_MS;

function damaged(set: SetFacts, copy: CopyFacts, nowMs: number): readonly Candidate[] {
  const { owner, friend, state, drive, repairedMs } = copy;
  const subject = `${set.name} ${owner}`;
  const common = { set: set.name, friend, ...(drive === undefined ? {} : { drive }) };
  if (state === 'damaged') {
    // As long as another one is whole, it is mended from that by itself.
    const isOnly = !set.copies.some((each) => each.state === 'complete' || each.state === 'behind');
    return [
      candidate('copy-damaged', subject, {
        params: { ...common, ...contextOf(isOnly ? 'only' : drive === undefined ? '' : 'drive') },
        path: BACKUPS,
        mark: isOnly ? 'only' : '',
        level: isOnly ? 'alarm' : 'warning',
      }),
    ];
  }
  const isFresh =
    repairedMs !== undefined && nowMs >= repairedMs && nowMs - repairedMs < REPAIRED_FOR_MS;
  if (!isFresh) return [];
  const params = { ...common, context: drive === undefined ? 'repaired' : 'repaired-drive' };
  const mark = `repaired ${repairedMs}`;
  return [candidate('copy-damaged', subject, { params, path: BACKUPS, mark, level: 'info' })];
}

/** Backups that needed them have holes; whoever was away for some days still reads it. */
function lost({ name, lost: parts }: SetFacts, nowMs: number): readonly Candidate[] {
  const isFresh =
    parts !== undefined && nowMs >= parts.atMs && nowMs - parts.atMs < REPAIRED_FOR_MS;
  if (!isFresh) return [];
  return [
    candidate('parts-lost', name, { params: { set: name }, path: BACKUPS, mark: `${parts.atMs}` }),
  ];
}

function contextOf(context: string): { readonly context?: string } {
  return context === '' ? {} : { context };
}

/** Friends who keep it no more, and copies that nobody was chosen for in their place. */
function gone({ name, hosts, wanted, copies }: SetFacts): readonly Candidate[] {
  const lost = copies
    .filter(({ state }) => state === 'gone')
    .map(({ owner, friend }) =>
      candidate('copy-gone', `${name} ${owner}`, { params: { set: name, friend }, path: BACKUPS }),
    );
  if (lost.length > 0 || hosts === 0 || hosts >= wanted) return lost;
  const params = { set: name, context: 'fewer' };
  return [candidate('copy-gone', name, { params, path: BACKUPS })];
}

/** A friend who was there lately could have been asked. */
const SEEN_LATELY_MS = 5 * DAY_MS;

/** Nobody has looked into a copy for too long, though its friend is there; one for each set. */
function unlooked({ name, copies, createdMs }: SetFacts, nowMs: number): readonly Candidate[] {
  const late = copies.find(
    ({ isVerifyLate, seenMs, state }) =>
      isVerifyLate &&
      (state === 'complete' || state === 'behind') &&
      seenMs !== undefined &&
      nowMs - seenMs < SEEN_LATELY_MS,
  );
  if (late === undefined) return [];
  const sinceMs = late.verifiedMs ?? createdMs;
  const params = {
    set: name,
    friend: late.friend,
    sinceMs: `${sinceMs}`,
    ...(late.verifiedMs === undefined ? { context: 'never' } : {}),
  };
  return [candidate('verify-late', name, { params, path: BACKUPS })];
}

/** A friend who is away for a day, or a line that breaks, is no reason to worry anybody. */
const STUCK_MS = 3 * DAY_MS;

/** Old backups are not removed any more: their friends' room fills, and nobody would see why. */
function unpruned({ name, stuck }: SetFacts, nowMs: number): readonly Candidate[] {
  if (stuck === undefined || nowMs - stuck.sinceMs < STUCK_MS) return [];
  const { fault, sinceMs } = stuck;
  // Which backup it is that can't be read, the list of what was done says.
  const context = fault.code === 'repository-damaged' ? 'damaged' : '';
  const params = { set: name, sinceMs: `${sinceMs}`, ...contextOf(context) };
  return [candidate('prune-stuck', name, { params, path: BACKUPS, mark: context })];
}

const MONTH_MS = 30 * DAY_MS;
/** A new set has other things to do in its first week. */
const FIRST_DRILL_MS = 7 * DAY_MS;

/** One set at a time, the one that was tried longest ago; put away, it comes again in a month. */
function drill(sets: readonly SetFacts[], nowMs: number): readonly Candidate[] {
  const [first] = sets
    .filter(({ newestMs, safety }) => newestMs !== undefined && safety !== 'at-risk')
    .map(({ name, drilledMs, createdMs }) => ({
      name,
      dueMs: drilledMs === undefined ? createdMs + FIRST_DRILL_MS : drilledMs + MONTH_MS,
    }))
    .filter(({ dueMs }) => dueMs <= nowMs)
    .toSorted((one, other) => one.dueMs - other.dueMs);
  if (first === undefined) return [];
  const mark = `${Math.floor((nowMs - first.dueMs) / MONTH_MS)}`;
  return [
    candidate('drill-offer', first.name, { params: { set: first.name }, path: BACKUPS, mark }),
  ];
}
