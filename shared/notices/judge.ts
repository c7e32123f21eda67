import type { NoticeView } from '../contract/views.ts';
import { candidate, friendPage } from './candidate.ts';
import type { NoticeFacts, RequestFacts } from './facts.ts';
import { fillingCandidates } from './filling.ts';
import {
  type Candidate,
  type KeptNotice,
  MONTH_MS,
  NOTICES_MAX,
  type NoticeMemory,
} from './memory.ts';
import { standingCandidates } from './standing.ts';
import { DAY_MS } from '../units.ts';

/**
 * What a person is told unasked (design §7): from what was told before and how things stand now to
 * what is on the list now. Pure. The same facts twice tell nothing new; what is no longer true goes;
 * what was put away stays away until it happens anew.
 */
export function judgeNotices(
  memory: NoticeMemory,
  facts: NoticeFacts,
  nowMs: number,
): NoticeMemory {
  const before = new Map(memory.notices.map((notice) => [notice.id, notice]));
  const fresh = facts.requests.filter(({ number }) => number > memory.decision);
  const refusals = refusalCandidates(facts, { memory, before, fresh }, nowMs);
  const filling = fillingCandidates(
    facts,
    {
      thresholds: memory.thresholds,
      before,
      refused: fresh.filter(({ outcome }) => outcome === 'denied'),
    },
    nowMs,
  );
  const candidates = [
    ...standingCandidates(facts, before, nowMs),
    ...filling.candidates,
    ...refusals.candidates,
  ];
  return {
    decision: Math.max(memory.decision, ...fresh.map(({ number }) => number)),
    thresholds: filling.thresholds,
    refusedMs: refusals.refusedMs,
    notices: inOrder(admit(candidates, before, nowMs)),
  };
}

/** Puts a notice away; `undefined` if there is none of that id. */
export function dismissNotice(memory: NoticeMemory, id: string): NoticeMemory | undefined {
  if (!memory.notices.some((notice) => notice.id === id)) return undefined;
  return {
    ...memory,
    notices: memory.notices.map((notice) =>
      notice.id === id ? { ...notice, dismissed: true } : notice,
    ),
  };
}

/** What doors show of it. */
export function noticeView({ mark: _mark, ...view }: KeptNotice): NoticeView {
  return view;
}

/** Refusals that a person can do something about. */
const MENDABLE: ReadonlySet<string | undefined> = new Set([
  'no-space',
  'over-share',
  'quota',
  'not-yet-shared',
]);

/** One per friend, at most one a day, gone when the friend was given room or after a month. */
function refusalCandidates(
  facts: NoticeFacts,
  {
    memory,
    before,
    fresh,
  }: {
    readonly memory: NoticeMemory;
    readonly before: ReadonlyMap<string, KeptNotice>;
    readonly fresh: readonly RequestFacts[];
  },
  nowMs: number,
): {
  readonly refusedMs: Readonly<Record<string, number>>;
  readonly candidates: readonly Candidate[];
} {
  const refusedMs: Record<string, number> = {};
  // A time in the future was written by a clock that was wrong.
  for (const [owner, ms] of Object.entries(memory.refusedMs))
    if (nowMs - ms < DAY_MS) refusedMs[owner] = Math.min(ms, nowMs);
  const latest = new Map(
    fresh
      .filter(({ outcome, code }) => outcome !== 'denied' || MENDABLE.has(code))
      .sort((one, other) => one.number - other.number)
      .map((request) => [request.owner, request]),
  );
  const candidates: Candidate[] = [];
  for (const { owner, name } of facts.friends) {
    const request = latest.get(owner);
    if (request?.outcome === 'denied' && refusedMs[owner] === undefined) {
      refusedMs[owner] = nowMs;
      candidates.push(refusalOf(request));
      continue;
    }
    const kept = before.get(`request-refused:${owner}`);
    const isSettled = request !== undefined && request.outcome !== 'denied';
    if (kept === undefined || isSettled || nowMs - kept.atMs > MONTH_MS) continue;
    candidates.push({ ...kept, params: { ...kept.params, friend: name } });
  }
  return { refusedMs, candidates };
}

function refusalOf({ number, owner, name, code, requestedBytes, params }: RequestFacts): Candidate {
  const isNoneFree = code === 'no-space' && params['freeBytes'] === '0';
  return candidate('request-refused', owner, {
    params: {
      ...params,
      friend: name,
      requestedBytes: `${requestedBytes ?? 0n}`,
      context: isNoneFree ? 'none-free' : (code ?? 'no-space'),
    },
    path: friendPage(owner),
    mark: `${number}`,
  });
}

const RANK = { alarm: 0, warning: 1, info: 2 } as const;

/** At most so many: what matters most, and of equals what is on the list already, so that it stays. */
function admit(
  candidates: readonly Candidate[],
  before: ReadonlyMap<string, KeptNotice>,
  nowMs: number,
): readonly KeptNotice[] {
  const isKnown = ({ id }: Candidate) => (before.has(id) ? 0 : 1);
  return candidates
    .toSorted(
      (one, other) =>
        RANK[one.level] - RANK[other.level] ||
        isKnown(one) - isKnown(other) ||
        compare(one.id, other.id),
    )
    .slice(0, NOTICES_MAX)
    .map((found) => {
      const kept = before.get(found.id);
      const isSame = kept !== undefined && kept.mark === found.mark;
      return {
        ...found,
        atMs: isSame ? kept.atMs : nowMs,
        dismissed: isSame && kept.dismissed,
      };
    });
}

/** Newest first. */
function inOrder(notices: readonly KeptNotice[]): readonly KeptNotice[] {
  return notices.toSorted(
    (one, other) =>
      other.atMs - one.atMs || RANK[one.level] - RANK[other.level] || compare(one.id, other.id),
  );
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
