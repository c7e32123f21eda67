import { beforeAll, describe, expect, it } from 'vitest';
import { createTranslator } from '../../../electron/headless/translator.ts';
import common from '../../../shared/i18n/messages/en/common.json' with { type: 'json' };
import type { NoticeFacts } from '../../../shared/notices/facts.ts';
import { judgeNotices } from '../../../shared/notices/judge.ts';
import { noticeKinds } from '../../../shared/notices/notice.ts';
import { UNTIL_TOLD_MS } from '../../../shared/model/until-told.ts';
import { GB } from '../../../shared/units.ts';
import { say, sayNotice, type Translate } from '../../../shared/words/say.ts';
import {
  ANA,
  DAY_MS,
  NOON_MS,
  nothingTold,
  quiet,
  someCopy,
  someDevice,
  someFriend,
  someHost,
  someOffer,
  somePlot,
  someRequest,
  someSet,
} from '../../fakes/notice-facts.ts';
import { testPlotId } from '../../fakes/test-ledger.ts';

const HOSTILE = '<b>{{percent}}</b> $t(fault.internal) \u202Emoc.live\u0007 ' + 'x'.repeat(10_000);

/** Between them these tell everything there is to tell, in every wording. */
function everything(name: string): readonly NoticeFacts[] {
  const friend = someFriend({ name });
  const host = someHost({ name });
  const refusal = (
    code: 'no-space' | 'over-share' | 'quota' | 'not-yet-shared',
    freeBytes = '1000',
  ) =>
    quiet({
      friends: [friend],
      requests: [
        someRequest(1, {
          name,
          code,
          params: {
            freeBytes,
            shareBytes: '2000',
            quotaBytes: '3000',
            useBytes: '4000',
            mayAskBytes: '0',
          },
        }),
      ],
    });
  return [
    quiet({
      pairings: [{ id: '1', name }],
      friends: [{ ...friend, isUndecided: true, missingObjects: 1 }],
      hosts: [{ ...host, lastContactMs: NOON_MS - 9 * DAY_MS }],
      mine: [somePlot({ name, untilMs: NOON_MS + DAY_MS })],
      sets: [
        someSet({ newestMs: undefined, safety: 'never' }),
        someSet({
          name: 'letters',
          newestMs: NOON_MS - 4 * DAY_MS,
          lastFault: {
            code: 'refused',
            params: {
              friend: name,
              denial: 'over-share',
              shareBytes: `${500n * GB}`,
              useBytes: `${499n * GB}`,
              mayAskBytes: '0',
              wantedBytes: `${GB}`,
            },
          },
        }),
        someSet({ name: 'films', lastFault: { code: 'folder-missing', params: { folder: '/a' } } }),
        someSet({
          name: 'music',
          safety: 'stale',
          newestMs: NOON_MS - 4 * DAY_MS,
          lastFault: { code: 'unreachable', params: { friend: name, detail: 'off' } },
          copies: [],
        }),
      ],
      offer: someOffer({ volumePresent: false }),
      isReplaced: true,
    }),
    quiet({
      friends: [{ ...friend, useBytes: 45n * GB }],
      hosts: [{ ...host, share: { useBytes: 9n * GB, shareBytes: 10n * GB } }],
      mine: [somePlot({ name, untilMs: NOON_MS - DAY_MS })],
      offer: someOffer({ promisedBytes: 90n * GB }),
    }),
    quiet({
      friends: [{ ...friend, useBytes: 50n * GB }],
      offer: someOffer({ promisedBytes: 99n * GB }),
      requests: [someRequest(1, { name, code: 'no-space', params: { freeBytes: '1' } })],
      diskRefused: [{ owner: ANA, name }],
    }),
    quiet({
      friends: [{ ...friend, hasLeft: true }],
      hosts: [{ ...host, leavesMs: NOON_MS + 9 * DAY_MS }],
      sets: [someSet({ hosts: 0 })],
    }),
    quiet({
      friends: [{ ...friend, hasLeft: true, writtenBytes: 0n }],
      sets: [someSet({ lost: { objects: 2, atMs: NOON_MS - DAY_MS } })],
    }),
    quiet({
      friends: [
        {
          ...friend,
          devices: [someDevice({ name, isLater: true, clashMs: NOON_MS })],
          callsUsStruckOff: true,
          wrongKeyAt: `[fe80::1234:5678:9abc:def0%${name}]:24816`,
        },
      ],
      attacks: [{ id: '1', name }],
    }),
    quiet({
      mine: [
        somePlot({ name, isLent: true, untilMs: NOON_MS + DAY_MS }),
        somePlot({ plot: testPlotId(2), name, isLent: true, untilMs: NOON_MS - DAY_MS }),
      ],
      asks: [{ ticket: '1', owner: ANA, name, requestedBytes: 20n * GB, requestedS: 31 * 86_400 }],
    }),
    ...[undefined, { askedMs: 1 }, { endsMs: NOON_MS + DAY_MS }].map((done) =>
      quiet({
        friends: [
          {
            ...friend,
            over: {
              useBytes: 48n * GB,
              shareBytes: 33n * GB,
              askedMs: undefined,
              endsMs: undefined,
              ...done,
            },
            unrenewed: { writtenBytes: 12n * GB, isLong: done === undefined },
            idleBytes: 3n * GB,
          },
        ],
        hosts: [{ ...host, less: { lessBytes: GB, endsMs: undefined, ...done } }],
        mine: [somePlot({ name, leavesMs: NOON_MS + DAY_MS })],
      }),
    ),
    ...[undefined, name].map((drive) =>
      quiet({ friends: [{ ...friend, rotten: { files: 3, drive } }] }),
    ),
    ...[
      { falls: { toDays: 7, atMs: NOON_MS + DAY_MS }, leavesMs: undefined },
      { falls: { toDays: 0, atMs: NOON_MS + DAY_MS }, leavesMs: undefined },
      { falls: undefined, leavesMs: NOON_MS + DAY_MS },
    ].map((less) => quiet({ lessened: [{ owner: ANA, name, writtenBytes: GB, ...less }] })),
    quiet({
      orders: [
        undefined,
        'over-issue-here',
        'over-issue-there',
        'off-there',
        'refused-there',
        'less-than-agreed',
      ].map((problem) => ({
        order: problem ?? 'asked',
        name,
        isAsked: problem === undefined,
        giveBytes: GB,
        wantBytes: 2n * GB,
        periodS: 30 * 86_400,
        problem,
      })),
    }),
    quiet({
      sets: [
        ...[undefined, 'Red disk'].flatMap((drive, index) => [
          someSet({
            name: `damaged ${index}`,
            copies: [
              someCopy({ friend: name, state: 'damaged', drive }),
              someCopy({ owner: ANA, friend: name }),
            ],
          }),
          someSet({
            name: `mended ${index}`,
            copies: [someCopy({ friend: name, repairedMs: NOON_MS - DAY_MS, drive })],
          }),
        ]),
        someSet({ name: 'only', copies: [someCopy({ friend: name, state: 'damaged' })] }),
        someSet({ name: 'gone', copies: [someCopy({ friend: name, state: 'gone' })] }),
        someSet({ name: 'fewer', wanted: 2 }),
        someSet({ name: 'waits', newestMs: 0, pausedUntilMs: UNTIL_TOLD_MS }),
        ...['unreachable', 'repository-damaged'].map((code) =>
          someSet({ name: `stuck ${code}`, stuck: { fault: { code, params: {} }, sinceMs: 0 } }),
        ),
        someSet({ name: 'late', copies: [someCopy({ friend: name, isVerifyLate: true })] }),
        someSet({
          name: 'never',
          drilledMs: undefined,
          copies: [someCopy({ friend: name, isVerifyLate: true, verifiedMs: undefined })],
        }),
      ],
    }),
    refusal('no-space'),
    refusal('no-space', '0'),
    refusal('over-share'),
    refusal('quota'),
    refusal('not-yet-shared'),
  ];
}

let t: Translate;
const used = new Set<string>();
beforeAll(async () => {
  const plainly = await createTranslator();
  t = (key, params) => {
    const context = params?.['context'];
    const own = `${key}_${String(context)}`;
    used.add(context !== undefined && own.replace('notice.', '') in common.notice ? own : key);
    return plainly(key, params);
  };
});

function sayAll(name: string) {
  return everything(name).flatMap((facts) => {
    const memory = {
      ...nothingTold,
      thresholds: { 'disk-fills:/srv/spare': { crossed: [], toldMs: {} } },
    };
    const first = judgeNotices(memory, facts, NOON_MS);
    return first.notices.map((notice) => ({ notice, ...sayNotice(t, notice) }));
  });
}

describe('the sentences of notices', () => {
  it('are complete, and short enough for the places that show them', () => {
    for (const { notice, title, body } of sayAll('Grandmother Elisabeth of the hill')) {
      for (const text of [title, body]) {
        expect(text, notice.kind).not.toMatch(/\{\{|\}\}|undefined|NaN|notice\.|fault\./);
      }
      expect(title.length, title).toBeLessThanOrEqual(60);
      expect(body.length, body).toBeLessThanOrEqual(300);
    }
  });

  it('are all of use', () => {
    sayAll('Ana');
    // A disk that fills up slowly is the one thing above that is not told at the first look.
    const full = judgeNotices(
      { ...nothingTold, thresholds: { 'disk-fills:/srv/spare': { crossed: [], toldMs: {} } } },
      quiet({ offer: someOffer({ freeBytes: 50n * GB }) }),
      NOON_MS,
    );
    for (const notice of full.notices) sayNotice(t, notice);
    const missing = Object.keys(common.notice).filter((key) => !used.has(`notice.${key}`));
    // The general ones are for codes to come.
    expect(missing).toEqual(['request-refused-body', 'order-stuck-body']);
    expect(Object.keys(noticeKinds)).toHaveLength(38);
  });

  it('make a hostile name harmless', () => {
    for (const { notice, title, body } of sayAll(HOSTILE)) {
      expect(title.length, notice.kind).toBeLessThanOrEqual(60);
      expect(body.length, notice.kind).toBeLessThanOrEqual(500);
      expect(title + body).not.toMatch(/[\u202A-\u202E\u2066-\u2069\p{Cc}]/u);
      expect(title + body).not.toContain(t('fault.internal'));
    }
  });
});

describe('say()', () => {
  it('shortens every name in a sentence', () => {
    const said = say(t, {
      key: 'fault.already-friends',
      params: { friend: `\u202E${'x'.repeat(90)}` },
    });
    expect(said).toBe(`${'x'.repeat(23)}… is your friend already.`);
  });

  it('puts a fault into another sentence with its own reason', () => {
    const params = { set: 'all', fault: 'refused', friend: 'Ben', denial: 'paused' };
    const { body } = sayNotice(t, { kind: 'backup-failed', params });
    expect(body).toContain('Ben’s device said no: sharing is paused');
  });
});
