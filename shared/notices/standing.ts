import { pagePath } from '../contract/pages.ts';
import { backupCandidates, toldWithSets } from './backups.ts';
import { candidate, friendPage } from './candidate.ts';
import { deviceCandidates } from './devices.ts';
import type { NoticeFacts } from './facts.ts';
import type { Candidate, KeptNotice } from './memory.ts';
import { orderCandidates } from './orders.ts';
import { protectionCandidates } from './protection.ts';
import { upkeepCandidates } from './upkeep.ts';
import { DAY_MS } from '../units.ts';

/**
 * What a person should know for as long as it is so: each of these is there while it is true, and
 * goes by itself. What happens in one moment (a threshold, a refusal) is in `judge.ts`.
 */
export function standingCandidates(
  facts: NoticeFacts,
  before: ReadonlyMap<string, KeptNotice>,
  nowMs: number,
): readonly Candidate[] {
  return [
    ...replaced(facts),
    ...volume(facts),
    ...pairings(facts),
    ...friendsHere(facts),
    ...asks(facts),
    ...hosts(facts, nowMs),
    ...deviceCandidates(facts, nowMs),
    ...endings(facts, nowMs),
    ...leases(facts, nowMs),
    ...upkeepCandidates(facts),
    ...protectionCandidates(facts),
    ...orderCandidates(facts),
    ...backupCandidates(facts, before, nowMs),
  ];
}

const AWAY_AFTER_MS = 5 * DAY_MS;
const LEASE_ENDS_BEFORE_MS = 3 * DAY_MS;

function replaced({ isReplaced }: NoticeFacts): readonly Candidate[] {
  if (isReplaced !== true) return [];
  return [candidate('program-replaced', '', { params: {}, path: pagePath({ page: 'home' }) })];
}

function volume({ offer }: NoticeFacts): readonly Candidate[] {
  if (offer === undefined || offer.volumePresent) return [];
  const params = { folder: offer.folder };
  return [candidate('volume-missing', '', { params, path: pagePath({ page: 'home' }) })];
}

function pairings(facts: NoticeFacts): readonly Candidate[] {
  const path = pagePath({ page: 'friends' });
  return facts.pairings.map(({ id, name }) =>
    candidate('pairing-asks', id, { params: { name }, path }),
  );
}

function friendsHere({ friends, offer }: NoticeFacts): readonly Candidate[] {
  const found: Candidate[] = [];
  for (const { owner, name, blocked, isUndecided, missingObjects } of friends) {
    const path = friendPage(owner);
    if (isUndecided && !blocked)
      found.push(candidate('friend-waits', owner, { params: { friend: name }, path }));
    const params = { friend: name, folder: offer?.folder ?? '' };
    if (missingObjects > 0) found.push(candidate('data-damaged', owner, { params, path }));
  }
  return found;
}

function asks(facts: NoticeFacts): readonly Candidate[] {
  return facts.asks.map(({ ticket, owner, name, requestedBytes, requestedS }) =>
    candidate('friend-asks', ticket, {
      params: {
        friend: name,
        requestedBytes: `${requestedBytes}`,
        requestedS: `${requestedS}`,
      },
      path: friendPage(owner),
    }),
  );
}

function hosts(facts: NoticeFacts, nowMs: number): readonly Candidate[] {
  const told = toldWithSets(facts, nowMs);
  return facts.hosts
    .filter(
      // Of one who has ended it nobody expects to hear.
      ({ owner, lastContactMs, leavesMs }) =>
        nowMs - lastContactMs > AWAY_AFTER_MS &&
        !(leavesMs !== undefined && leavesMs <= nowMs) &&
        !told.has(owner),
    )
    .map(({ owner, name, lastContactMs, writtenBytes }) =>
      candidate('friend-away', owner, {
        params: {
          friend: name,
          lastContactMs: `${lastContactMs}`,
          writtenBytes: `${writtenBytes}`,
        },
        path: friendPage(owner),
        mark: `${lastContactMs}`,
      }),
    );
}

/** Friendships that friends end. The date moves a little with their clocks; it is told once. */
function endings({ hosts: keepers, friends }: NoticeFacts, nowMs: number): readonly Candidate[] {
  const coming = keepers.flatMap(({ owner, name, writtenBytes, leavesMs }) =>
    leavesMs === undefined || leavesMs <= nowMs
      ? []
      : candidate('friend-leaves', owner, {
          params: { friend: name, untilMs: `${leavesMs}`, writtenBytes: `${writtenBytes}` },
          path: friendPage(owner),
        }),
  );
  const over = friends
    .filter(({ hasLeft }) => hasLeft)
    .map(({ owner, name, writtenBytes }) =>
      candidate('friend-left', owner, {
        params: {
          friend: name,
          writtenBytes: `${writtenBytes}`,
          ...(writtenBytes === 0n ? { context: 'nothing' } : {}),
        },
        path: friendPage(owner),
      }),
    );
  return [...coming, ...over];
}

function leases({ mine, hosts: keepers }: NoticeFacts, nowMs: number): readonly Candidate[] {
  // There the date of the end says it, and nothing makes the time longer.
  const ending = new Set(
    keepers.flatMap(({ owner, leavesMs }) => (leavesMs === undefined ? [] : [owner])),
  );
  return (
    mine
      .filter(({ owner, untilMs }) => !ending.has(owner) && untilMs - nowMs < LEASE_ENDS_BEFORE_MS)
      // Nothing would be lost; of one that was taken over from another computer its host has not told yet what is in it.
      .filter(({ writtenBytes }) => writtenBytes > 0n)
      .map(({ plot, owner, name, isLent, writtenBytes, untilMs, graceMs }) => {
        const isOver = untilMs <= nowMs;
        const context = [...(isLent ? ['lent'] : []), ...(isOver ? ['over'] : [])].join('-');
        return candidate('lease-ends', plot, {
          params: {
            friend: name,
            writtenBytes: `${writtenBytes}`,
            untilMs: `${untilMs}`,
            graceMs: `${graceMs}`,
            ...(context === '' ? {} : { context }),
          },
          path: friendPage(owner),
          mark: isOver ? 'over' : 'ending',
        });
      })
  );
}
