import { describe, expect, test } from 'vitest';
import {
  firstEndMs,
  loansOf,
  loansOfOthers,
  pendingHere,
  turnByMs,
} from '../../../renderer/friends/lending.ts';
import { DAY_MS, DAY_S, friend, gb, hosted, mine, NOW_MS, request } from '../worlds/world-parts.ts';

const ana = friend('Ana');
const ben = friend('Ben');
const cleo = friend('Cleo');
const lent = { class: 'borrowed', promisedBytes: gb(10), leftS: 3 * DAY_S } as const;

describe('what is lent, and who waits for it', () => {
  test('whoever stands in line has had his turn within nine days', () => {
    expect(turnByMs(NOW_MS - DAY_MS, NOW_MS)).toBe(NOW_MS + 8 * DAY_MS);
    // The computer was off for a while, and no date would be true.
    expect(turnByMs(NOW_MS - 9 * DAY_MS, NOW_MS)).toBeUndefined();
  });

  test('loans are told apart from what is a friend’s own, and those that run from those that are over', () => {
    const long = mine(ana, { class: 'borrowed', leftS: 5 * DAY_S });
    const short = mine(ana, { class: 'borrowed', leftS: 2 * DAY_S });
    const ended = mine(ana, { class: 'borrowed', leftS: 0 });
    const plots = [mine(ana), long, short, ended, mine(ben, { class: 'borrowed', leftS: DAY_S })];
    const { running, over } = loansOf(plots, ana.owner);
    expect(running).toEqual([long, short]);
    expect(over).toEqual([ended]);
    expect(firstEndMs(running, NOW_MS)).toBe(NOW_MS + 2 * DAY_MS);
    expect(firstEndMs(over, NOW_MS)).toBeUndefined();
    expect(firstEndMs([], NOW_MS)).toBeUndefined();
  });

  test('what comes back for somebody is lent to others, the soonest first', () => {
    const plots = [
      hosted(ana, lent),
      hosted(ben, lent),
      hosted(ben, { ...lent, leftS: -DAY_S }),
      hosted(cleo, { ...lent, leftS: DAY_S }),
      hosted(cleo, { promisedBytes: gb(50) }),
    ];
    expect(loansOfOthers(plots, ana.owner)).toEqual([plots[2], plots[3], plots[1]]);
  });

  test('only who is a friend still is answered or waits', () => {
    const gone = friend('Dev', {}, { departed: true });
    const shut = friend('Edi', {}, { blocked: true });
    const friends = [ana, ben, gone, shut];
    const requests = [
      request(ana),
      request(ben, { why: 'queue' }),
      request(gone),
      request(shut, { why: 'queue' }),
      request(cleo),
    ];
    const { asked, inLine } = pendingHere({ friends, requests });
    expect(asked.map((each) => each.friend)).toEqual(['Ana']);
    expect(inLine.map((each) => each.friend)).toEqual(['Ben']);
  });
});
