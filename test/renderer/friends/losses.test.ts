import { describe, expect, test } from 'vitest';
import { endingOf, lossesOf } from '../../../renderer/friends/losses.ts';
import { DAY_MS, friend, gb, hosted, mine, NOW_MS, ownerId } from '../worlds/world-parts.ts';

const ana = friend('Ana', { writtenBytes: gb(38.2) });
const ben = friend('Ben', { writtenBytes: gb(5) });
const plotOf = (of: typeof ana, set: string | null, written: number) =>
  mine(of, { plot: ownerId(`${of.name} ${set}`).slice(0, 26), set, writtenBytes: gb(written) });

describe('what the end of a friendship costs', () => {
  test('is counted in both directions, and only of this friend', () => {
    const losses = lossesOf(ana.owner, {
      hosted: [hosted(ana), hosted(ben)],
      mine: [plotOf(ana, 'Photos', 12), plotOf(ana, null, 1), plotOf(ben, 'Photos', 12)],
    });
    expect(losses.theirBytes).toBe(38_200_000_000n);
    expect(losses.myBytes).toBe(13_000_000_000n);
    expect(losses.sets).toEqual([{ set: 'Photos', otherCopies: 1 }]);
  });

  test('names the backups without another copy first', () => {
    const { sets } = lossesOf(ana.owner, {
      hosted: [],
      mine: [plotOf(ana, 'Photos', 12), plotOf(ben, 'Photos', 12), plotOf(ana, 'Notes', 1)],
    });
    expect(sets).toEqual([
      { set: 'Notes', otherCopies: 0 },
      { set: 'Photos', otherCopies: 1 },
    ]);
  });

  test('counts two plots of a set at one other friend as one other copy', () => {
    const { sets } = lossesOf(ana.owner, {
      hosted: [],
      mine: [plotOf(ana, 'Photos', 12), plotOf(ben, 'Photos', 12), mine(ben, { set: 'Photos' })],
    });
    expect(sets).toEqual([{ set: 'Photos', otherCopies: 1 }]);
  });

  test('is nothing where nothing is kept', () => {
    expect(lossesOf(ana.owner, { hosted: [], mine: [] })).toEqual({
      theirBytes: 0n,
      myBytes: 0n,
      sets: [],
    });
  });
});

describe('how a friendship stands', () => {
  const online = ana.presence;

  test('one that goes on has no end', () => {
    expect(endingOf({ leaving: null, presence: online }, NOW_MS)).toBeUndefined();
  });

  test('one that ends from there is over at its date', () => {
    const leaving = { by: 'there', atMs: NOW_MS + DAY_MS } as const;
    expect(endingOf({ leaving, presence: online }, NOW_MS)).toEqual(leaving);
    expect(endingOf({ leaving, presence: online }, NOW_MS + DAY_MS)).toEqual({ by: 'left' });
  });

  test('one that the other device does not know any more is over, unless it ends from here anyway', () => {
    const presence = { ...online, state: 'away', trouble: 'not-friends' } as const;
    expect(endingOf({ leaving: null, presence }, NOW_MS)).toEqual({ by: 'left' });
    const leaving = { by: 'here', atMs: NOW_MS + DAY_MS } as const;
    expect(endingOf({ leaving, presence }, NOW_MS)).toEqual(leaving);
  });
});
