import { candidate, friendPage } from './candidate.ts';
import type { FriendFacts, HostFacts, MyPlotFacts, NoticeFacts } from './facts.ts';
import type { Candidate } from './memory.ts';

/**
 * What host and guest are told before anything of anybody's goes: what is over a share, what no list names, what
 * was not renewed, and what was reserved and never used.
 */
export function upkeepCandidates({ friends, hosts, mine }: NoticeFacts): readonly Candidate[] {
  return [
    ...friends.filter(({ blocked }) => !blocked).flatMap(hostSide),
    ...hosts.flatMap(shareLess),
    ...plotsLeave(mine),
  ];
}

function hostSide(friend: FriendFacts): readonly Candidate[] {
  const { owner, name, over, unrenewed, idleBytes = 0n } = friend;
  const path = friendPage(owner);
  const found: Candidate[] = [];
  if (over !== undefined) {
    const { useBytes, shareBytes, askedMs, endsMs } = over;
    const context = endsMs === undefined ? (askedMs === undefined ? '' : 'asked') : 'ends';
    const params = {
      friend: name,
      useBytes: `${useBytes}`,
      shareBytes: `${shareBytes}`,
      ...(endsMs === undefined ? {} : { untilMs: `${endsMs}` }),
      ...(context === '' ? {} : { context }),
    };
    // What the owner has done about it is not news to him, so it is no other occurrence.
    found.push(candidate('over-share', owner, { params, path }));
  }
  if (unrenewed !== undefined) {
    const params = {
      friend: name,
      writtenBytes: `${unrenewed.writtenBytes}`,
      ...(unrenewed.isLong ? { context: 'long' } : {}),
    };
    const mark = unrenewed.isLong ? 'long' : '';
    found.push(candidate('plot-unrenewed', owner, { params, path, mark }));
  }
  if (idleBytes > 0n) {
    const params = { friend: name, promisedBytes: `${idleBytes}` };
    found.push(candidate('plot-idle', owner, { params, path }));
  }
  return found;
}

/** A date is another word than a wish, and both are told once. */
function shareLess({ owner, name, share, less }: HostFacts): readonly Candidate[] {
  if (less === undefined || share === undefined || share.useBytes <= less.lessBytes) return [];
  const { lessBytes, endsMs } = less;
  return [
    candidate('share-less', owner, {
      params: {
        friend: name,
        useBytes: `${share.useBytes}`,
        lessBytes: `${lessBytes}`,
        ...(endsMs === undefined ? {} : { untilMs: `${endsMs}`, context: 'ends' }),
      },
      path: friendPage(owner),
      mark: endsMs === undefined ? '' : 'ends',
    }),
  ];
}

/** One for each friend, with the first date: whoever made a mistake made it with one list. */
function plotsLeave(mine: readonly MyPlotFacts[]): readonly Candidate[] {
  const leaving = mine.flatMap((plot) =>
    plot.leavesMs === undefined ? [] : [{ ...plot, leavesMs: plot.leavesMs }],
  );
  return [...Map.groupBy(leaving, ({ owner }) => owner)].map(([owner, plots]) => {
    const writtenBytes = plots.reduce((sum, plot) => sum + plot.writtenBytes, 0n);
    const untilMs = Math.min(...plots.map(({ leavesMs }) => leavesMs));
    return candidate('plots-leave', owner, {
      params: {
        friend: plots[0]?.name ?? '',
        writtenBytes: `${writtenBytes}`,
        untilMs: `${untilMs}`,
      },
      path: friendPage(owner),
    });
  });
}
