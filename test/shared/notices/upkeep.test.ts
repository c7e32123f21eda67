import { describe, expect, it } from 'vitest';
import type { NoticeFacts } from '../../../shared/notices/facts.ts';
import { dismissNotice, judgeNotices } from '../../../shared/notices/judge.ts';
import type { NoticeMemory } from '../../../shared/notices/memory.ts';
import { GB } from '../../../shared/units.ts';
import { testPlotId } from '../../fakes/test-ledger.ts';
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
} from '../../fakes/notice-facts.ts';

const OVER = { useBytes: 48n * GB, shareBytes: 33n * GB, askedMs: undefined, endsMs: undefined };
const told = (facts: NoticeFacts, memory: NoticeMemory = nothingTold) =>
  judgeNotices(memory, facts, NOON_MS);
const kinds = ({ notices }: NoticeMemory) => notices.map(({ kind }) => kind);
const only = ({ notices }: NoticeMemory) => {
  expect(notices).toHaveLength(1);
  return notices[0];
};

describe('towards the host', () => {
  it('says who holds more than a share, with the figures, for as long as it is so', () => {
    const memory = told(quiet({ friends: [someFriend({ over: OVER })] }));
    expect(only(memory)).toMatchObject({
      id: `over-share:${ANA}`,
      level: 'info',
      params: { friend: 'Ana', useBytes: `${48n * GB}`, shareBytes: `${33n * GB}` },
    });
    expect(kinds(told(quiet(), memory))).toEqual([]);
  });

  it('does not come again when the owner has acted on it himself', () => {
    const before = told(quiet({ friends: [someFriend({ over: OVER })] }));
    const seen = dismissNotice(before, `over-share:${ANA}`) ?? before;
    const over = { ...OVER, askedMs: NOON_MS };
    const asked = told(quiet({ friends: [someFriend({ over })] }), seen);
    expect(only(asked)).toMatchObject({ dismissed: true, params: { context: 'asked' } });
  });

  it('says of a blocked friend nothing', () => {
    const friend = someFriend({ over: OVER, blocked: true, idleBytes: GB });
    expect(kinds(told(quiet({ friends: [friend] })))).toEqual([]);
  });

  it('says when a lease is over, and once more when it is long over', () => {
    const at = (isLong: boolean) =>
      quiet({ friends: [someFriend({ unrenewed: { writtenBytes: GB, isLong } })] });
    const before = told(at(false));
    expect(only(before)).toMatchObject({ kind: 'plot-unrenewed', params: { friend: 'Ana' } });
    const seen = dismissNotice(before, `plot-unrenewed:${ANA}`) ?? before;
    expect(only(told(at(true), seen))).toMatchObject({
      dismissed: false,
      params: { context: 'long' },
    });
  });

  it('says who has reserved space and never used it', () => {
    const memory = told(quiet({ friends: [someFriend({ idleBytes: 40n * GB })] }));
    expect(only(memory)).toMatchObject({
      kind: 'plot-idle',
      params: { promisedBytes: `${40n * GB}` },
    });
  });
});

describe('towards the guest', () => {
  const host = (less: { lessBytes: bigint; endsMs: number | undefined }, useBytes = 48n * GB) =>
    quiet({ hosts: [someHost({ less, share: { useBytes, shareBytes: undefined } })] });

  it('says with how much to make do, and anew when a date is set', () => {
    const before = told(host({ lessBytes: 33n * GB, endsMs: undefined }));
    expect(only(before)).toMatchObject({
      id: `share-less:${BEN}`,
      level: 'warning',
      params: { friend: 'Ben', lessBytes: `${33n * GB}`, useBytes: `${48n * GB}` },
    });
    const seen = dismissNotice(before, `share-less:${BEN}`) ?? before;
    const after = told(host({ lessBytes: 33n * GB, endsMs: NOON_MS + 30 * DAY_MS }), seen);
    expect(only(after)).toMatchObject({ dismissed: false, params: { context: 'ends' } });
  });

  it('is done when enough was let go of', () => {
    expect(kinds(told(host({ lessBytes: 33n * GB, endsMs: undefined }, 33n * GB)))).toEqual([]);
  });

  it('says once for each friend which plots go by a list that leaves them out, with the first date', () => {
    const plots = [1, 2].map((number) =>
      somePlot({ plot: testPlotId(number), leavesMs: NOON_MS + number * DAY_MS }),
    );
    expect(only(told(quiet({ mine: plots })))).toMatchObject({
      kind: 'plots-leave',
      params: { friend: 'Ben', writtenBytes: `${10n * GB}`, untilMs: `${NOON_MS + DAY_MS}` },
    });
  });
});
