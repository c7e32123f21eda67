import { describe, expect, it } from 'vitest';
import type { NoticeFacts } from '../../../shared/notices/facts.ts';
import { dismissNotice, judgeNotices } from '../../../shared/notices/judge.ts';
import type { NoticeMemory } from '../../../shared/notices/memory.ts';
import { GB } from '../../../shared/units.ts';
import {
  ANA,
  BEN,
  DAY_MS,
  NOON_MS,
  nothingTold,
  quiet,
  someFriend,
  someHost,
  somePlot,
  someSet,
} from '../../fakes/notice-facts.ts';

const HOUR_MS = 3_600_000;
const ids = ({ notices }: NoticeMemory) => notices.map(({ id }) => id);
const look = (facts: NoticeFacts, memory = nothingTold, nowMs = NOON_MS) =>
  judgeNotices(memory, facts, nowMs);

describe('of friendships that end is told', () => {
  it('the date, as long as something lies there', () => {
    const told = look(quiet({ hosts: [someHost({ leavesMs: NOON_MS + 9 * DAY_MS })] }));
    expect(told.notices).toMatchObject([
      {
        id: `friend-leaves:${BEN}`,
        level: 'alarm',
        params: { friend: 'Ben', untilMs: `${NOON_MS + 9 * DAY_MS}`, writtenBytes: `${5n * GB}` },
        path: `friends/${BEN}`,
      },
    ]);
    expect(look(quiet(), told, NOON_MS + 1).notices).toEqual([]);
  });

  it('that it is over, with what still lies here', () => {
    const told = look(quiet({ friends: [someFriend({ hasLeft: true })] }));
    expect(told.notices).toMatchObject([
      {
        id: `friend-left:${ANA}`,
        level: 'warning',
        params: { friend: 'Ana', writtenBytes: `${8n * GB}` },
        path: `friends/${ANA}`,
      },
    ]);
    const nothing = look(quiet({ friends: [someFriend({ hasLeft: true, writtenBytes: 0n })] }));
    expect(nothing.notices).toMatchObject([{ params: { context: 'nothing' } }]);
  });

  it('that a backup goes to nobody any more, however fresh it is', () => {
    expect(look(quiet({ sets: [someSet({ hosts: 0, newestMs: NOON_MS })] })).notices).toMatchObject(
      [
        {
          id: 'backup-stale:photos',
          level: 'alarm',
          params: { set: 'photos', context: 'nobody' },
          path: 'backups',
        },
      ],
    );
  });

  it('the date once, though it moves with the other side’s clock', () => {
    const at = (leavesMs: number | undefined) =>
      quiet({
        hosts: [someHost({ leavesMs, lastContactMs: NOON_MS - 6 * DAY_MS })],
        mine: [somePlot({ untilMs: NOON_MS + DAY_MS })],
        friends: [],
        sets: [],
      });
    // The lease can't be made longer than that, which is no trouble of its own.
    const first = look(at(NOON_MS + 2 * DAY_MS));
    expect(ids(first).sort()).toEqual([`friend-away:${BEN}`, `friend-leaves:${BEN}`]);
    const put = dismissNotice(first, `friend-leaves:${BEN}`);
    const moved = look(at(NOON_MS + 2 * DAY_MS + HOUR_MS), put, NOON_MS + HOUR_MS);
    expect(moved.notices.find(({ kind }) => kind === 'friend-leaves')).toMatchObject({
      dismissed: true,
      params: { untilMs: `${NOON_MS + 2 * DAY_MS + HOUR_MS}` },
    });
    // When it is over nobody waits for that device any more.
    expect(look(at(NOON_MS), moved, NOON_MS + 3 * DAY_MS).notices).toEqual([]);
  });
});
