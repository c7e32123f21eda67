import { expect, test } from 'vitest';
import type { PlotPapers } from '../../../../electron/core/backup/plot-papers.ts';
import {
  type AddressBook,
  type BookFriend,
  sealBook,
} from '../../../../electron/core/backup/recovery/address-book.ts';
import { createBookIntake } from '../../../../electron/core/backup/recovery/book-intake.ts';
import { readBooks } from '../../../../electron/core/backup/recovery/read-books.ts';
import { openRecoveryBook } from '../../../../electron/core/backup/recovery/recovery-book.ts';
import { openSetBook } from '../../../../electron/core/backup/set-book.ts';
import { openHoldingsBook } from '../../../../electron/core/client/holdings/holdings-book.ts';
import { openFriendBook } from '../../../../electron/core/friends/friend-book.ts';
import { openFriendRegistry } from '../../../../electron/core/friends/friend-registry.ts';
import type { OwnerId, PlotId } from '../../../../shared/ids.ts';
import { failed, ok } from '../../../../shared/result.ts';
import { openFresh } from '../../../fakes/fresh-database.ts';
import { certify, testRoot } from '../../../fakes/pairing-parties.ts';
import { asAsync } from '../../../fakes/set-world.ts';
import { silent } from '../../../fakes/silent-logger.ts';
import { fc, runs } from '../../../fakes/properties.ts';

/**
 * From the hosts' lists to who is a friend. Two plots, each with what right books the laptop left there and what a thief left
 * there afterwards; and looks into them as they happen: one after the other, late, in part, again.
 */
const LEFT_MS = 1_790_000_000_000;
const LAPTOP = '4'.repeat(32);
const key = new Uint8Array(32).fill(7);
const self = 'a'.repeat(52) as OwnerId;
const plots = ['b', 'c'].map((letter) => `${letter.repeat(25)}a` as PlotId);

function friendNamed(name: string): BookFriend {
  const root = testRoot();
  const { statement, signed } = certify(root);
  const { device } = statement;
  const addresses = ['127.0.0.1:9'];
  return {
    owner: root.owner,
    relation: 'friend',
    name,
    petName: null,
    givenAddress: null,
    blocked: false,
    devices: [{ device, name: null, kind: 'desktop', signed, addresses }],
  };
}
const ben = friendNamed('Ben');
const carl = friendNamed('Carl');
const mallory = friendNamed('Mallory');

function bookOf(friends: readonly BookFriend[], more: Partial<AddressBook> = {}): AddressBook {
  return {
    v: 1,
    owner: self,
    instance: LAPTOP,
    before: [],
    sequence: 1000,
    atMs: 1,
    host: 'Laptop',
    friends: [...friends],
    plots: [],
    sets: [],
    ...more,
  };
}

/** What lies in a plot and lay there before, the oldest first. */
type Lain = readonly { readonly book: AddressBook; readonly leftMs: number }[];

type Look = {
  readonly plot: number;
  /** So long after the one before. */
  readonly afterMs: number;
  /** Until its host has heard the question. */
  readonly delayMs: number;
  /** What of the list, by its number, does not come through; or the list itself. */
  readonly lost: readonly number[] | 'list';
  /** What of it comes, and can't be opened. */
  readonly rotten: readonly number[];
  /** Whoever keeps this machine's own book up to date looks only at what is there now. */
  readonly onlyPresent: boolean;
};

function papersOf(
  lain: Lain,
  { lost, rotten }: Pick<Look, 'lost' | 'rotten'>,
  hostMs: number,
): PlotPapers {
  const away = failed({ code: 'unreachable', detail: 'for a moment' } as const);
  const agoS = (ms: number) => Math.floor((hostMs - ms) / 1000);
  const content = (at: number) => {
    const there = lain.at(at);
    const isLost = lost !== 'list' && lost.includes(at);
    if (there === undefined || isLost) return away;
    const sealed = sealBook(key, there.book);
    return ok(rotten.includes(at) ? sealed.map((byte) => byte ^ 1) : sealed);
  };
  return {
    read: async () => content(lain.length - 1),
    write: async () => ok(undefined),
    versions: async () =>
      lost === 'list'
        ? away
        : ok({
            present: { bytes: 1024n, fromAgoS: agoS(lain.at(-1)?.leftMs ?? 0) },
            versions: lain.slice(0, -1).map(({ leftMs }, at) => ({
              version: at + 1,
              bytes: 1024n,
              fromAgoS: agoS(leftMs),
              untilAgoS: agoS(lain[at + 1]?.leftMs ?? 0),
              goesInS: 99,
            })),
          }),
    readVersion: async (_name, version) => content(version - 1),
  };
}

/** Who is a friend, and whether he is held back, when all of these looks were taken; and what is said of whom. */
async function after(lain: readonly Lain[], looks: readonly Look[]) {
  const sql = openFresh();
  let nowMs = LEFT_MS + 60_000;
  const friends = await openFriendRegistry(asAsync(openFriendBook(sql)), () => nowMs);
  const sets = openSetBook(sql);
  const book = openRecoveryBook(sql, { sets, holdings: openHoldingsBook(sql) });
  const intake = createBookIntake({
    identity: {
      owner: self,
      instance: '2'.repeat(32),
      replaces: LAPTOP,
      fromWords: true,
      addressBookKey: key,
    },
    friends,
    book: asAsync(book),
    clock: { nowMs: () => nowMs },
    logger: silent,
    onChange: () => undefined,
  });
  for (const look of looks) {
    nowMs += look.afterMs;
    const plot = plots[look.plot];
    const there = lain[look.plot] ?? [];
    if (plot === undefined) continue;
    const papers = papersOf(there, look, nowMs + look.delayMs);
    const read = await readBooks(papers, plot, { nowMs, withEarlier: true });
    const present = read.present.ok ? [read.present.value] : [];
    await intake.takeSeen(
      look.onlyPresent
        ? present.map((content) => ({ plot, content, fromMs: nowMs, isFirst: true }))
        : read.books,
    );
    nowMs += look.delayMs;
  }
  const standing = friends.friends().map(({ name, blocked }) => [name, blocked] as const);
  const doubtful = await intake.doubtful();
  const named = book.books().flatMap((each) => each.friends.map(({ name }) => name));
  sql.close();
  return {
    standing: Object.fromEntries(standing),
    doubtful: doubtful.map(({ friend }) => friend.name),
    named: [...new Set(named)].sort(),
  };
}

const wholly = { afterMs: 0, delayMs: 0, lost: [], rotten: [], onlyPresent: false };
const right = { book: bookOf([ben, carl]), leftMs: LEFT_MS };
/** A computer that there never was. */
const INVENTED = '3'.repeat(32);

test('a forged book is seen through that came in the second in which the right one did', async () => {
  for (const more of [
    { instance: INVENTED, sequence: 2000 },
    { instance: LAPTOP, sequence: 1 },
  ]) {
    const both = [
      { ...right, leftMs: LEFT_MS + 100 },
      { book: bookOf([mallory], more), leftMs: LEFT_MS + 600 },
    ];
    expect(await after([both], [{ ...wholly, plot: 0 }])).toEqual({
      standing: { Ben: false, Carl: false },
      doubtful: ['Mallory'],
      named: ['Ben', 'Carl'],
    });
  }
});

test('a forged book that bears the right one’s number, and is read while that one does not come through, has made nobody a friend who is not asked about', async () => {
  for (const named of [[mallory], [ben, carl, mallory]]) {
    const forged = { book: bookOf(named), leftMs: LEFT_MS + 5000 };
    const late = { ...wholly, plot: 0, lost: [0] };
    expect(await after([[right, forged]], [late, { ...wholly, plot: 0 }])).toEqual({
      standing: { Ben: false, Carl: false, Mallory: true },
      doubtful: ['Mallory'],
      named: ['Ben', 'Carl'],
    });
  }
});

test.each(['lost', 'rotten'] as const)(
  'what lies behind a book that is %s counts as older than nothing that lies elsewhere',
  async (how) => {
    const forged = bookOf([mallory], { sequence: 2000 });
    const lain = [
      [
        { ...right, leftMs: LEFT_MS },
        { book: forged, leftMs: LEFT_MS + 2000 },
      ],
      [{ ...right, leftMs: LEFT_MS + 9000 }],
    ];
    const looks = [
      { ...wholly, plot: 0, [how]: [0] },
      { ...wholly, plot: 1 },
    ];
    expect(await after(lain, looks)).toEqual({
      standing: { Ben: false, Carl: false, Mallory: true },
      doubtful: ['Mallory'],
      named: ['Ben', 'Carl'],
    });
  },
);

type Left = {
  /** There was a right book before the last one. */
  readonly grows: boolean;
  readonly startMs: number;
  readonly forgeries: readonly {
    readonly afterMs: number;
    readonly sequence: number;
    readonly instance: string;
    /** Where it bears the number of the last right one: it takes nobody away. */
    readonly adds: boolean;
  }[];
};

function lainAfter({ grows, startMs, forgeries }: Left): Lain {
  let leftMs = LEFT_MS + startMs;
  return [
    ...(grows ? [{ book: bookOf([ben], { sequence: 990 }), leftMs: LEFT_MS }] : []),
    { ...right, leftMs },
    ...forgeries.map(({ afterMs, sequence, instance, adds }) => {
      leftMs += afterMs;
      const isSame = sequence === right.book.sequence && instance === right.book.instance;
      const named = isSame && adds ? [ben, carl, mallory] : [mallory];
      return { book: bookOf(named, { sequence, instance }), leftMs };
    }),
  ];
}

/** What was read in part held Carl back, and nothing let him in again. */
const FAILED_ONCE: [[Left, Left], Look[], number][] = [
  [
    [
      {
        grows: false,
        startMs: 0,
        forgeries: [{ afterMs: 0, sequence: 1000, instance: LAPTOP, adds: true }],
      },
      {
        grows: true,
        startMs: 0,
        forgeries: [{ afterMs: 0, sequence: 1, instance: LAPTOP, adds: false }],
      },
    ],
    [
      { ...wholly, plot: 0, onlyPresent: true },
      { ...wholly, plot: 1, rotten: [1] },
    ],
    0,
  ],
];

test('whatever of the lists does not come through, however late, and in whichever order: with all of them read, no forged book has made anybody a friend', async () => {
  const forged = fc.record({
    afterMs: fc.nat(1500),
    // The right ones' numbers too.
    sequence: fc.constantFrom(1, 990, 999, 1000, 2000, 2001),
    instance: fc.constantFrom(LAPTOP, LAPTOP, INVENTED, '7'.repeat(32)),
    adds: fc.boolean(),
  });
  const left = fc.record({
    grows: fc.boolean(),
    startMs: fc.nat(5000),
    forgeries: fc.array(forged, { minLength: 1, maxLength: 3 }),
  });
  const look = fc.record({
    plot: fc.constantFrom(0, 1),
    afterMs: fc.nat(400_000),
    delayMs: fc.nat(9000),
    lost: fc.oneof(fc.constant('list' as const), fc.uniqueArray(fc.nat(4), { maxLength: 4 })),
    rotten: fc.uniqueArray(fc.nat(4), { maxLength: 2 }),
    onlyPresent: fc.boolean(),
  });
  const first = fc.constantFrom(0, 1);
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(left, left),
      fc.array(look, { maxLength: 5 }),
      first,
      async (all, looks, plot) => {
        const lain = all.map(lainAfter);
        const last = [plot, 1 - plot].map((each) => ({ ...wholly, plot: each }));
        const { standing, doubtful, named } = await after(lain, [...looks, ...last]);
        expect(named).toEqual(['Ben', 'Carl']);
        expect(doubtful).toEqual(['Mallory']);
        expect(standing).toMatchObject({ Ben: false, Carl: false });
        expect(standing['Mallory'] ?? true).toBe(true);
      },
    ),
    { numRuns: runs(200), examples: FAILED_ONCE },
  );
});
