import { describe, expect, test } from 'vitest';
import { judgeNotices } from '../../../shared/notices/judge.ts';
import { GB } from '../../../shared/units.ts';
import {
  ANA,
  BEN,
  DAY_MS,
  NOON_MS,
  nothingTold,
  quiet,
  someFriend,
} from '../../fakes/notice-facts.ts';

const told = (facts: Parameters<typeof quiet>[0], memory = nothingTold) =>
  judgeNotices(memory, quiet(facts), NOON_MS).notices.map(({ id, level, params }) => ({
    id,
    level,
    params,
  }));

describe('a drive that gives back wrong bytes', () => {
  test('is named, with how many files of whom', () => {
    const friends = [someFriend({ rotten: { files: 3, drive: 'Photos' } })];
    expect(told({ friends })).toEqual([
      {
        id: `drive-damaged:${ANA}`,
        level: 'alarm',
        params: { friend: 'Ana', count: '3', drive: 'Photos', context: 'named' },
      },
    ]);
  });

  test('is told again when there is more, and not for the same', () => {
    const at = (files: number) =>
      quiet({ friends: [someFriend({ rotten: { files, drive: undefined } })] });
    const first = judgeNotices(nothingTold, at(3), NOON_MS);
    const put = first.notices.map((notice) => ({ ...notice, dismissed: true }));
    const memory = { ...first, notices: put };
    expect(judgeNotices(memory, at(3), NOON_MS + DAY_MS).notices[0]?.dismissed).toBe(true);
    expect(judgeNotices(memory, at(4), NOON_MS + DAY_MS).notices[0]?.dismissed).toBe(false);
  });
});

describe('what one of my devices does to my protection', () => {
  const plot = { owner: BEN, name: 'Ben', writtenBytes: GB } as const;
  const falls = (toDays: number) => ({ toDays, atMs: NOON_MS + 30 * DAY_MS });

  test('is told with the date, and how long things are kept then', () => {
    expect(told({ lessened: [{ ...plot, falls: falls(7), leavesMs: undefined }] })).toEqual([
      {
        id: `protection-falls:${BEN}`,
        level: 'warning',
        params: {
          friend: 'Ben',
          untilMs: `${NOON_MS + 30 * DAY_MS}`,
          keptS: `${7 * 86_400}`,
        },
      },
    ]);
    expect(
      told({ lessened: [{ ...plot, falls: falls(0), leavesMs: undefined }] })[0]?.params,
    ).toEqual({
      friend: 'Ben',
      untilMs: `${NOON_MS + 30 * DAY_MS}`,
      context: 'none',
    });
  });

  test('is an alarm where a plot is let go of, whatever else was said', () => {
    const lessened = [
      { ...plot, falls: falls(0), leavesMs: NOON_MS + 9 * DAY_MS },
      { ...plot, falls: undefined, leavesMs: NOON_MS + 5 * DAY_MS },
    ];
    expect(told({ lessened })).toEqual([
      {
        id: `protection-falls:${BEN}`,
        level: 'alarm',
        params: {
          friend: 'Ben',
          untilMs: `${NOON_MS + 5 * DAY_MS}`,
          writtenBytes: `${2n * GB}`,
          context: 'leaves',
        },
      },
    ]);
  });
});
