import { candidate, friendPage } from './candidate.ts';
import type { LessenedFacts, NoticeFacts } from './facts.ts';
import type { Candidate } from './memory.ts';
import { DAY_S } from '../units.ts';

/** What a host is told of his drive, and an owner of what one of his devices does to his own protection (design §6). */
export function protectionCandidates(facts: NoticeFacts): readonly Candidate[] {
  return [...rotten(facts), ...lessened(facts.lessened ?? [])];
}

function rotten({ friends, offer }: NoticeFacts): readonly Candidate[] {
  return friends.flatMap(({ owner, name, rotten: found }) => {
    if (found === undefined) return [];
    const { files, drive } = found;
    const params = {
      friend: name,
      count: `${files}`,
      ...(drive === undefined ? { folder: offer?.folder ?? '' } : { drive, context: 'named' }),
    };
    // More of it is told again.
    return [
      candidate('drive-damaged', owner, { params, path: friendPage(owner), mark: `${files}` }),
    ];
  });
}

/** One for each friend, with what comes first: whoever does it does it to all that lies there. */
function lessened(all: readonly LessenedFacts[]): readonly Candidate[] {
  return [...Map.groupBy(all, ({ owner }) => owner)].map(([owner, plots]) => {
    const friend = plots[0]?.name ?? '';
    const leaving = plots.flatMap(({ leavesMs }) => leavesMs ?? []);
    const falling = plots.flatMap(({ falls }) => falls ?? []);
    const days = Math.min(...falling.map(({ toDays }) => toDays));
    const path = friendPage(owner);
    if (leaving.length > 0) {
      const writtenBytes = plots.reduce((sum, plot) => sum + plot.writtenBytes, 0n);
      const untilMs = `${Math.min(...leaving)}`;
      const params = { friend, untilMs, writtenBytes: `${writtenBytes}`, context: 'leaves' };
      const mark = 'leaves';
      return candidate('protection-falls', owner, { params, path, mark, level: 'alarm' });
    }
    const untilMs = `${Math.min(...falling.map(({ atMs }) => atMs))}`;
    const kept = days === 0 ? { context: 'none' } : { keptS: `${days * DAY_S}` };
    const params = { friend, untilMs, ...kept };
    return candidate('protection-falls', owner, { params, path, mark: `${days}` });
  });
}
