import type { FriendView, HostedPlotView, MyPlotView } from '../../shared/contract/views.ts';

/** What the end of a friendship costs, in both directions. Pure. */
export type Losses = {
  /** What the friend keeps here. */
  readonly theirBytes: bigint;
  /** What the friend keeps of mine. */
  readonly myBytes: bigint;
  /** My backups that have a copy there, those without another one first. */
  readonly sets: readonly { readonly set: string; readonly otherCopies: number }[];
};

export function lossesOf(
  owner: string,
  {
    hosted,
    mine,
  }: {
    readonly hosted: readonly Pick<HostedPlotView, 'owner' | 'writtenBytes'>[];
    readonly mine: readonly Pick<MyPlotView, 'owner' | 'writtenBytes' | 'set'>[];
  },
): Losses {
  const here = hosted.filter((plot) => plot.owner === owner);
  const there = mine.filter((plot) => plot.owner === owner);
  const names = new Set(there.flatMap(({ set }) => (set === null ? [] : [set])));
  const sets = [...names].map((set) => ({
    set,
    otherCopies: new Set(
      mine.filter((plot) => plot.set === set && plot.owner !== owner).map((plot) => plot.owner),
    ).size,
  }));
  return {
    theirBytes: sum(here),
    myBytes: sum(there),
    sets: sets.toSorted((one, other) => one.otherCopies - other.otherCopies),
  };
}

/** How a friendship stands that does not simply go on. */
export type Ending =
  | { readonly by: 'here' | 'there'; readonly atMs: number }
  /** The other side has ended it; nothing will come from there any more. */
  | { readonly by: 'left' };

export function endingOf(
  { leaving, presence }: Pick<FriendView, 'leaving' | 'presence'>,
  nowMs: number,
): Ending | undefined {
  if (leaving?.by === 'here') return leaving;
  if (presence.trouble === 'not-friends') return { by: 'left' };
  if (leaving === null) return undefined;
  return leaving.atMs <= nowMs ? { by: 'left' } : leaving;
}

function sum(plots: readonly { readonly writtenBytes: string }[]): bigint {
  return plots.reduce((total, { writtenBytes }) => total + BigInt(writtenBytes), 0n);
}
