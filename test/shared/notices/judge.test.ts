import { describe, expect, it } from 'vitest';
import { pagePath, parsePage } from '../../../shared/contract/pages.ts';
import { SET_SAFETIES } from '../../../shared/contract/backup-views.ts';
import type { NoticeFacts } from '../../../shared/notices/facts.ts';
import { dismissNotice, judgeNotices, noticeView } from '../../../shared/notices/judge.ts';
import { NOTICES_MAX, type NoticeMemory } from '../../../shared/notices/memory.ts';
import { GB } from '../../../shared/units.ts';
import {
  ANA,
  BEN,
  DAY_MS,
  NOON_MS,
  nothingTold,
  quiet,
  someCopy,
  someFriend,
  someHost,
  someOffer,
  somePlot,
  someRequest,
  someSet,
} from '../../fakes/notice-facts.ts';
import { testOwnerId, testPlotId } from '../../fakes/test-ledger.ts';
import { fc } from '../../fakes/properties.ts';

const ids = ({ notices }: NoticeMemory) => notices.map(({ id }) => id);
const look = (facts: NoticeFacts, memory = nothingTold, nowMs = NOON_MS) =>
  judgeNotices(memory, facts, nowMs);
const only = (memory: NoticeMemory) => {
  expect(memory.notices).toHaveLength(1);
  return memory.notices[0];
};
const share = (percent: bigint, more: Partial<NoticeFacts> = {}) =>
  quiet({ friends: [someFriend({ useBytes: (percent * GB) / 2n })], ...more });

describe('what is told as long as it is so', () => {
  it('nothing, where nothing has to be', () => {
    expect(look(quiet()).notices).toEqual([]);
    expect(look(quiet({ offer: undefined, friends: [], hosts: [] })).notices).toEqual([]);
  });

  it.each<[string, Partial<NoticeFacts>, object]>([
    [
      'the drive with friends’ data is missing',
      { offer: someOffer({ volumePresent: false, freeBytes: 0n, diskBytes: 0n }) },
      { id: 'volume-missing', level: 'alarm', params: { folder: '/srv/spare' }, path: 'home' },
    ],
    [
      'somebody knocks',
      { pairings: [{ id: 'f00', name: 'Cleo' }] },
      { id: 'pairing-asks:f00', level: 'warning', params: { name: 'Cleo' }, path: 'friends' },
    ],
    [
      'nobody has said how much a friend may have',
      { friends: [someFriend({ isUndecided: true, useBytes: 0n, shareBytes: 0n })] },
      { kind: 'friend-waits', level: 'info', path: `friends/${ANA}` },
    ],
    [
      'a friend’s data is missing from the disk',
      { friends: [someFriend({ missingObjects: 3 })] },
      { id: `data-damaged:${ANA}`, level: 'alarm', path: `friends/${ANA}` },
    ],
    [
      'a friend who keeps something of mine was not heard of for more than five days',
      { hosts: [someHost({ lastContactMs: NOON_MS - 5 * DAY_MS - 1 })] },
      { id: `friend-away:${BEN}`, level: 'warning', path: `friends/${BEN}` },
    ],
    [
      'a lease has less than three days left',
      { mine: [somePlot({ untilMs: NOON_MS + 3 * DAY_MS - 1 })] },
      { kind: 'lease-ends', level: 'alarm', path: `friends/${BEN}` },
    ],
    [
      'a lease is over',
      { mine: [somePlot({ untilMs: NOON_MS })] },
      { kind: 'lease-ends', params: { friend: 'Ben', context: 'over' } },
    ],
    [
      'a backup failed',
      { sets: [someSet({ lastFault: { code: 'folder-missing', params: { folder: '/a' } } })] },
      {
        id: 'backup-failed:photos',
        params: { set: 'photos', fault: 'folder-missing' },
        path: 'backups',
      },
    ],
    [
      'a backup is three days old',
      { sets: [someSet({ newestMs: NOON_MS - 3 * DAY_MS })] },
      { id: 'backup-stale:photos', level: 'warning', path: 'backups' },
    ],
    [
      'a backup is five days old',
      { sets: [someSet({ newestMs: NOON_MS - 5 * DAY_MS })] },
      { id: 'backup-stale:photos', level: 'alarm' },
    ],
    [
      'a set was made three days ago and never ran',
      {
        sets: [someSet({ createdMs: NOON_MS - 3 * DAY_MS, newestMs: undefined, safety: 'never' })],
      },
      { id: 'backup-stale:photos', level: 'warning', params: { context: 'never' } },
    ],
  ])('%s', (_name, more, expected) => {
    const told = only(look(quiet(more)));
    expect(told).toMatchObject({ ...expected, atMs: NOON_MS, dismissed: false });
    // It leads somewhere, and goes when it is no longer so.
    expect(pagePath(parsePage(told?.path ?? ''))).toBe(told?.path);
    const after = look(quiet(), look(quiet(more)), NOON_MS + 1);
    expect(after.notices).toEqual([]);
  });

  it('not to whoever stopped the backup himself', () => {
    const lastFault = { code: 'cancelled', params: {} };
    expect(look(quiet({ sets: [someSet({ lastFault })] })).notices).toEqual([]);
  });

  it('anew when it gets worse', () => {
    const three = look(quiet({ sets: [someSet({ newestMs: NOON_MS - 3 * DAY_MS })] }));
    const put = dismissNotice(three, 'backup-stale:photos');
    const later = look(
      quiet({ sets: [someSet({ newestMs: NOON_MS - 3 * DAY_MS })], hosts: [], mine: [] }),
      put,
      NOON_MS + 2 * DAY_MS,
    );
    expect(only(later)).toMatchObject({
      level: 'alarm',
      dismissed: false,
      atMs: NOON_MS + 2 * DAY_MS,
    });
  });

  it('digits that differed once more, though the first time was put away', () => {
    const once = look(quiet({ attacks: [{ id: 'f00', name: 'Cleo' }] }));
    const put = dismissNotice(once, 'pairing-attacked');
    const same = look(quiet({ attacks: [{ id: 'f00', name: 'Cleo' }] }), put);
    expect(only(same)?.dismissed).toBe(true);
    const again = { attacks: [...quiet().attacks, { id: 'f02', name: 'Cleo' }] };
    expect(only(look(quiet(again), same))?.dismissed).toBe(false);
  });

  it('under a friend’s new name without being told again', () => {
    const away = someHost({ lastContactMs: NOON_MS - 6 * DAY_MS });
    const first = look(quiet({ hosts: [away] }));
    const renamed = look(quiet({ hosts: [{ ...away, name: 'Benjamin' }] }), first, NOON_MS + 1);
    expect(only(renamed)).toMatchObject({ atMs: NOON_MS, params: { friend: 'Benjamin' } });
  });
});

describe('a lease', () => {
  it('that ends is no alarm where nothing is kept, or where it was taken over and its host has not said yet', () => {
    const over = { untilMs: NOON_MS - 1, writtenBytes: 0n };
    expect(look(quiet({ mine: [somePlot(over)] })).notices).toEqual([]);
  });
});

describe('what is lent, and what waits', () => {
  it('is told of a loan that ends as what it is, and once more when it is over', () => {
    const loan = (days: number) =>
      quiet({ mine: [somePlot({ isLent: true, untilMs: NOON_MS + days * DAY_MS })] });
    expect(look(loan(4)).notices).toEqual([]);
    const ending = look(loan(2));
    expect(only(ending)).toMatchObject({ kind: 'lease-ends', params: { context: 'lent' } });
    expect(only(look(loan(-1), ending))).toMatchObject({ params: { context: 'lent-over' } });
  });

  it('is one notice for each request that waits for the owner’s word, until he has said it', () => {
    const ask = (ticket: string) => ({
      ticket,
      owner: ANA,
      name: 'Ana',
      requestedBytes: 20n * GB,
      requestedS: 86_400,
    });
    const two = look(quiet({ asks: [ask('1'), ask('2')] }));
    expect(two.notices).toMatchObject([
      { kind: 'friend-asks', level: 'warning', path: `friends/${ANA}` },
      { kind: 'friend-asks', level: 'warning', path: `friends/${ANA}` },
    ]);
    expect(look(quiet({ asks: [ask('2')] }), two).notices).toHaveLength(1);
  });

  it('is no failure of a backup', () => {
    const lastFault = { code: 'waits', params: { friend: 'Ben', why: 'queue' } };
    expect(look(quiet({ sets: [someSet({ lastFault })] })).notices).toEqual([]);
  });
});

describe('what fills up', () => {
  it('a friend’s share is told to the host at 80 and 90, the newer in place of the older', () => {
    const at80 = look(share(80n));
    expect(only(at80)).toMatchObject({
      id: `share-fills:${ANA}`,
      level: 'info',
      params: { friend: 'Ana', percent: '80', useBytes: `${40n * GB}`, shareBytes: `${50n * GB}` },
    });
    const at90 = look(share(91n), at80, NOON_MS + 1);
    expect(only(at90)).toMatchObject({ atMs: NOON_MS + 1, params: { percent: '91' } });
    expect(look(share(87n), at90, NOON_MS + 2).notices).toEqual(at90.notices);
    expect(look(share(84n), at90, NOON_MS + 2).notices).toEqual([]);
  });

  it('a full share is told only when the friend was refused', () => {
    expect(only(look(share(100n)))).toMatchObject({ level: 'info', params: { percent: '100' } });
    const refused = look(share(98n, { requests: [someRequest(1)] }));
    // By default nobody is told of what is no warning.
    expect(refused.notices.find(({ kind }) => kind === 'share-fills')).toMatchObject({
      level: 'warning',
      params: { context: 'full' },
    });
    const someoneElse = someRequest(1, { owner: testOwnerId(9) });
    expect(only(look(share(98n, { requests: [someoneElse] })))?.params['context']).toBeUndefined();
  });

  it('the offer', () => {
    const offer = someOffer({ promisedBytes: 90n * GB });
    expect(only(look(quiet({ offer })))).toMatchObject({
      id: 'offer-fills',
      level: 'warning',
      path: 'home',
    });
    const requests = [someRequest(1, { code: 'no-space', params: { freeBytes: '1' } })];
    const full = look(quiet({ offer: someOffer({ promisedBytes: 99n * GB }), requests }));
    expect(full.notices.find(({ id }) => id === 'offer-fills')?.params['context']).toBe('full');
  });

  it('a disk that was full before is no news; one that fills up is', () => {
    const disk = (freeGb: bigint) => quiet({ offer: someOffer({ freeBytes: freeGb * GB }) });
    const first = look(disk(50n));
    expect(first.notices).toEqual([]);
    expect(look(disk(40n), first).notices).toEqual([]);
    const roomy = look(disk(500n), first);
    expect(only(look(disk(100n), roomy))).toMatchObject({ id: 'disk-fills', level: 'alarm' });
    const moved = quiet({ offer: someOffer({ folder: '/mnt/other', freeBytes: 20n * GB }) });
    expect(look(moved, roomy).notices).toEqual([]);
  });

  it('a disk that turned a friend away is full at once', () => {
    const facts = quiet({ diskRefused: [{ owner: ANA, name: 'Ana' }] });
    expect(only(look(facts))).toMatchObject({ id: 'disk-fills', params: { context: 'full' } });
  });

  it('my share at a friend’s, in other words, and never that it is full: that is told of the set', () => {
    const at = (percent: bigint) =>
      quiet({ hosts: [someHost({ share: { useBytes: percent * GB, shareBytes: 100n * GB } })] });
    expect(only(look(at(85n)))).toMatchObject({ id: `plot-fills:${BEN}`, level: 'warning' });
    const less = { lessBytes: 50n * GB, endsMs: undefined };
    const asked = someHost({ share: { useBytes: 85n * GB, shareBytes: 100n * GB }, less });
    // Ben wants less: he is not to be asked for more.
    expect(look(quiet({ hosts: [asked] })).notices.map(({ kind }) => kind)).toEqual(['share-less']);
    expect(only(look(at(100n)))?.params).toMatchObject({ percent: '100' });
    expect(look(at(60n), look(at(100n)), NOON_MS + DAY_MS).notices).toEqual([]);
    const unknown = quiet({ hosts: [someHost({ share: undefined })] });
    expect(look(unknown).notices).toEqual([]);
    const most = look(at(85n));
    expect(look(unknown, most).notices).toEqual(most.notices);
  });

  it('nothing without a limit, or where none can be said, or of a friend who is blocked', () => {
    for (const friend of [
      someFriend({ shareBytes: undefined }),
      someFriend({ shareBytes: 0n }),
      someFriend({ useBytes: 50n * GB, blocked: true }),
    ])
      expect(look(quiet({ friends: [friend] })).notices).toEqual([]);
  });
});

describe('a refused request', () => {
  const refused = (number: number, more = {}) => quiet({ requests: [someRequest(number, more)] });

  it('is told once a day per friend, with what was asked for', () => {
    const first = look(refused(1));
    expect(only(first)).toMatchObject({
      id: `request-refused:${ANA}`,
      level: 'warning',
      params: { friend: 'Ana', requestedBytes: `${60n * GB}`, context: 'over-share' },
      path: `friends/${ANA}`,
    });
    const second = look(refused(2), first, NOON_MS + DAY_MS - 1);
    expect(second.notices).toEqual(first.notices);
    const third = look(refused(3), second, NOON_MS + DAY_MS);
    expect(only(third)?.atMs).toBe(NOON_MS + DAY_MS);
  });

  it('is told only where a person can do something about it', () => {
    for (const code of [
      'paused',
      'blocked',
      'bad-size',
      'too-many-plots',
      'volume-missing',
    ] as const)
      expect(look(refused(1, { code })).notices).toEqual([]);
    for (const code of ['no-space', 'over-share', 'quota', 'not-yet-shared'] as const)
      expect(look(refused(1, { code })).notices).toHaveLength(1);
  });

  it('goes when the friend was given room after all, and after a month', () => {
    const first = look(refused(1));
    expect(look(refused(2, { outcome: 'granted' }), first).notices).toEqual([]);
    expect(look(quiet(), first, NOON_MS + 30 * DAY_MS).notices.map(({ kind }) => kind)).toContain(
      'request-refused',
    );
    expect(
      look(quiet(), first, NOON_MS + 30 * DAY_MS + 1).notices.map(({ kind }) => kind),
    ).not.toContain('request-refused');
  });

  it('counts as it ended: refused and then granted at one look is nothing to tell', () => {
    const requests = [someRequest(2, { outcome: 'granted' }), someRequest(1)];
    expect(look(quiet({ requests })).notices).toEqual([]);
  });

  it('is not looked at twice', () => {
    const memory = look(refused(7));
    expect(memory.decision).toBe(7);
    const put = dismissNotice(memory, `request-refused:${ANA}`);
    expect(look(refused(7), put, NOON_MS + DAY_MS).notices).toMatchObject([{ dismissed: true }]);
  });
});

describe('putting away', () => {
  it('lasts as long as it is so, and not when it happens anew', () => {
    const gone = quiet({ offer: someOffer({ volumePresent: false }) });
    const put = dismissNotice(look(gone), 'volume-missing');
    expect(only(look(gone, put, NOON_MS + DAY_MS))).toMatchObject({
      dismissed: true,
      atMs: NOON_MS,
    });
    const back = look(quiet(), put, NOON_MS + DAY_MS);
    expect(only(look(gone, back, NOON_MS + DAY_MS + 1))).toMatchObject({ dismissed: false });
  });

  it('finds only what is there', () => {
    expect(dismissNotice(nothingTold, 'volume-missing')).toBeUndefined();
  });
});

// --- Laws. ---

const gigabytes = fc.integer({ min: 0, max: 120 }).map((gb) => BigInt(gb) * GB);
const when = fc.integer({ min: -9, max: 9 }).map((days) => NOON_MS + days * DAY_MS);
const owner = fc.integer({ min: 1, max: 4 }).map(testOwnerId);
const anyFacts: fc.Arbitrary<NoticeFacts> = fc.record({
  asks: fc.uniqueArray(
    fc.record({ owner, ticket: fc.constantFrom('1', '2', '3') }).map((more) => ({
      ...more,
      name: 'Ana',
      requestedBytes: 20n * GB,
      requestedS: 86_400,
    })),
    { selector: ({ ticket }) => ticket, maxLength: 3 },
  ),
  offer: fc.option(
    fc
      .record({ volumePresent: fc.boolean(), promisedBytes: gigabytes, freeBytes: gigabytes })
      .map((more) => someOffer({ ...more, diskBytes: 130n * GB })),
    { nil: undefined },
  ),
  friends: fc.uniqueArray(
    fc
      .record({
        owner,
        isUndecided: fc.boolean(),
        blocked: fc.boolean(),
        useBytes: gigabytes,
        shareBytes: fc.option(gigabytes, { nil: undefined }),
        missingObjects: fc.integer({ min: 0, max: 1 }),
        wrongKeyAt: fc.constantFrom(undefined, '10.0.0.5:24816'),
      })
      .map(someFriend),
    { selector: (friend) => friend.owner, maxLength: 4 },
  ),
  hosts: fc.uniqueArray(fc.record({ owner, lastContactMs: when }).map(someHost), {
    selector: (host) => host.owner,
    maxLength: 3,
  }),
  mine: fc.uniqueArray(
    fc
      .record({ plot: fc.integer({ min: 1, max: 150 }).map(testPlotId), untilMs: when })
      .map(somePlot),
    { selector: ({ plot }) => plot, maxLength: 150 },
  ),
  sets: fc.uniqueArray(
    fc
      .record({
        name: fc.constantFrom('photos', 'letters', 'music'),
        newestMs: fc.option(when, { nil: undefined }),
        safety: fc.constantFrom(...SET_SAFETIES),
        lastFault: fc.constantFrom(
          undefined,
          ...['unreachable', 'folder-missing', 'plot-full'].map((code) => ({ code, params: {} })),
        ),
        drilledMs: fc.option(when, { nil: undefined }),
        pausedUntilMs: fc.option(when, { nil: undefined }),
        copies: fc.array(
          fc
            .record({
              state: fc.constantFrom('complete' as const, 'damaged' as const, 'gone' as const),
              isVerifyLate: fc.boolean(),
              repairedMs: fc.option(when, { nil: undefined }),
            })
            .map(someCopy),
          { maxLength: 1 },
        ),
      })
      .map(someSet),
    { selector: ({ name }) => name },
  ),
  pairings: fc.constant([]),
  attacks: fc.constantFrom([], [{ id: 'f00', name: 'Cleo' }]),
  requests: fc.uniqueArray(
    fc
      .record({
        number: fc.integer({ min: 1, max: 50 }),
        owner,
        outcome: fc.constantFrom('granted', 'denied', 'counter'),
        code: fc.constantFrom('no-space', 'over-share', 'paused', undefined),
      })
      .map(({ number, ...more }) => someRequest(number, more)),
    { selector: ({ number }) => number, maxLength: 10 },
  ),
  diskRefused: fc.constantFrom([], [{ owner: ANA, name: 'Ana' }]),
});
const history = fc.array(fc.tuple(anyFacts, fc.integer({ min: 0, max: 3 * DAY_MS })), {
  minLength: 1,
  maxLength: 12,
});

function through(steps: readonly (readonly [NoticeFacts, number])[]) {
  let memory = nothingTold;
  let nowMs = NOON_MS;
  for (const [facts, passMs] of steps) {
    nowMs += passMs;
    memory = judgeNotices(memory, facts, nowMs);
  }
  return { memory, nowMs, facts: steps.at(-1)?.[0] ?? quiet() };
}

describe('the laws of notices', () => {
  it('the same facts at the same time tell nothing new', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { memory, nowMs, facts } = through(steps);
        expect(judgeNotices(memory, facts, nowMs)).toEqual(memory);
      }),
    );
  });

  it('ids are one of a kind, newest comes first, and there are never more than a hundred', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { memory } = through(steps);
        expect(new Set(ids(memory)).size).toBe(memory.notices.length);
        expect(memory.notices.length).toBeLessThanOrEqual(NOTICES_MAX);
        const times = memory.notices.map(({ atMs }) => atMs);
        expect(times).toEqual(times.toSorted((one, other) => other - one));
      }),
    );
  });

  it('what was put away stays away for as long as the facts stay', () => {
    fc.assert(
      fc.property(history, fc.nat(), (steps, pick) => {
        const { memory, nowMs, facts } = through(steps);
        fc.pre(memory.notices.length > 0);
        const id = ids(memory)[pick % memory.notices.length] ?? '';
        const put = dismissNotice(memory, id) ?? memory;
        const after = judgeNotices(put, facts, nowMs + 1000);
        const notice = after.notices.find((each) => each.id === id);
        // A lease or a backup may have grown worse in that second.
        if (notice?.atMs !== nowMs + 1000) expect(notice?.dismissed ?? true).toBe(true);
      }),
    );
  });

  it('memory stays small, whoever comes and goes', () => {
    let memory = nothingTold;
    for (let day = 0; day < 400; day += 1) {
      const friends = [0, 1, 2, 3, 4].map((each) =>
        someFriend({ owner: testOwnerId(day * 5 + each), useBytes: 45n * GB }),
      );
      const requests = friends.map((friend, at) =>
        someRequest(day * 5 + at + 1, { owner: friend.owner }),
      );
      memory = judgeNotices(memory, quiet({ friends, requests }), NOON_MS + day * DAY_MS);
    }
    expect(Object.keys(memory.thresholds).length).toBeLessThan(600);
    expect(Object.keys(memory.refusedMs).length).toBeLessThanOrEqual(10);
    expect(memory.notices.length).toBeLessThanOrEqual(NOTICES_MAX);
  });

  it('more alarms than there is room for stay where they are', () => {
    const mine = Array.from({ length: 250 }, (_, at) =>
      somePlot({ plot: testPlotId(at), untilMs: NOON_MS + DAY_MS }),
    );
    const first = look(quiet({ mine }));
    expect(first.notices).toHaveLength(NOTICES_MAX);
    expect(look(quiet({ mine: mine.toReversed() }), first, NOON_MS + 1).notices).toEqual(
      first.notices,
    );
  });

  it('a door is shown no more than it should be', () => {
    const [notice] = look(quiet({ pairings: [{ id: 'f00', name: 'Cleo' }] })).notices;
    expect(Object.keys(notice === undefined ? {} : noticeView(notice)).sort()).toEqual([
      'atMs',
      'dismissed',
      'id',
      'kind',
      'level',
      'params',
      'path',
    ]);
  });
});
