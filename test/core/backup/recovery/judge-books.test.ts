import { describe, expect, test } from 'vitest';
import type { AddressBook } from '../../../../electron/core/backup/recovery/address-book.ts';
import {
  judgeBooks,
  type SeenBook,
} from '../../../../electron/core/backup/recovery/judge-books.ts';
import type { OwnerId, PlotId } from '../../../../shared/ids.ts';
import { fc, runs } from '../../../fakes/properties.ts';

type Friend = AddressBook['friends'][number];
const ownerOf = (name: string) => `${name.toLowerCase().padEnd(51, 'b')}a` as OwnerId;
const plotOf = (letter: string) => `${letter.repeat(25)}a` as PlotId;
const nothingSaid = { stolenMs: undefined, believed: new Set<OwnerId>() };

const friendOf = (name: string, addresses: readonly string[] = ['10.0.0.1:1']): Friend => ({
  owner: ownerOf(name),
  relation: 'friend',
  name,
  petName: null,
  givenAddress: null,
  blocked: false,
  devices: [
    {
      device: `${name.toLowerCase().padEnd(51, 'c')}a` as Friend['devices'][number]['device'],
      name: null,
      kind: 'desktop',
      signed: { signed: '', signature: '' },
      addresses: [...addresses],
    },
  ],
});

const setOf = (name: string): AddressBook['sets'][number] => ({
  name,
  folders: [`/home/ana/${name}`],
  hosts: [],
  plan: null,
  repository: null,
  sequence: 1,
});

/** A book as it lay in a plot from `day` on. */
function seen(
  day: number,
  friends: readonly (string | Friend)[],
  more: Partial<AddressBook> & { readonly at?: string; readonly later?: boolean } = {},
): SeenBook {
  const { at = 'c', later = false, ...book } = more;
  return {
    plot: plotOf(at),
    fromMs: day,
    isFirst: !later,
    book: {
      v: 1,
      owner: ownerOf('ana'),
      instance: '1'.repeat(32),
      before: [],
      sequence: day + 1,
      atMs: day,
      host: 'Laptop',
      friends: friends.map((each) => (typeof each === 'string' ? friendOf(each) : each)),
      plots: [],
      sets: [],
      ...book,
    },
  };
}

const namesIn = (books: readonly AddressBook[]) =>
  books.flatMap(({ friends }) => friends.map(({ name }) => name)).sort();

describe('address books that grow', () => {
  test('are believed to the last', () => {
    const books = [seen(0, ['Ben']), seen(5, ['Ben', 'Carl']), seen(9, ['Ben', 'Carl', 'Dora'])];
    const judged = judgeBooks(books, nothingSaid);
    expect(namesIn(judged.books)).toEqual(['Ben', 'Carl', 'Dora']);
    expect(judged.doubtful).toEqual([]);
  });

  test('are believed where one friend was away and has an older one', () => {
    const books = [
      seen(0, ['Ben'], { at: 'd' }),
      seen(0, ['Ben']),
      seen(5, ['Ben', 'Carl']),
      seen(6, ['Ben', 'Carl'], { at: 'd', sequence: 6 }),
    ];
    expect(judgeBooks(books, nothingSaid)).toMatchObject({ doubtful: [] });
  });

  test('are believed also where somebody is not in them any more who was no friend and only kept something', () => {
    const keeper: Friend = { ...friendOf('Olga'), relation: 'host' };
    const books = [seen(0, ['Ben', keeper]), seen(5, ['Ben', 'Carl'])];
    const judged = judgeBooks(books, nothingSaid);
    expect(namesIn(judged.books)).toEqual(['Ben', 'Carl', 'Olga']);
    expect(judged.doubtful).toEqual([]);
  });

  test('are believed also where a set is not in them any more that never had a backup', () => {
    const books = [seen(0, ['Ben'], { sets: [setOf('Photos')] }), seen(5, ['Ben', 'Carl'])];
    expect(judgeBooks(books, nothingSaid).doubtful).toEqual([]);
  });

  test('of two computers are both heard, whatever the one lacks of the other', () => {
    const other = { instance: '2'.repeat(32), at: 'd' };
    const books = [seen(0, ['Ben', 'Carl']), seen(3, ['Ben', 'Dora'], other)];
    const judged = judgeBooks(books, nothingSaid);
    expect(judged.books.map(({ friends }) => friends.length)).toEqual([2, 2]);
    expect(judged.doubtful).toEqual([]);
  });
});

describe('a book that lacks what was in one before it', () => {
  const forged = seen(7, ['Mallory'], { sequence: 999 });

  test('takes away nothing, and what it brings waits for a word', () => {
    const books = [seen(0, ['Ben']), seen(5, ['Ben', 'Carl'], { sets: [setOf('Photos')] }), forged];
    const judged = judgeBooks(books, nothingSaid);
    expect(namesIn(judged.books)).toEqual(['Ben', 'Carl']);
    expect(judged.books[0]?.sets.map(({ name }) => name)).toEqual(['Photos']);
    expect(judged.books[0]?.sequence).toBe(6);
    expect(judged.doubtful).toMatchObject([{ friend: { name: 'Mallory' }, sinceMs: 7 }]);
  });

  test('makes all later ones doubtful, of whichever computer and wherever they lie', () => {
    const books = [
      seen(0, ['Ben']),
      forged,
      seen(8, ['Ben', 'Oscar'], { sequence: 1000 }),
      seen(8, ['Eve'], { instance: '3'.repeat(32), at: 'd' }),
    ];
    const judged = judgeBooks(books, nothingSaid);
    expect(namesIn(judged.books)).toEqual(['Ben']);
    expect(judged.doubtful.map(({ friend }) => friend.name).sort()).toEqual([
      'Eve',
      'Mallory',
      'Oscar',
    ]);
  });

  test('in the same second shows it as well, and the one before it is believed', () => {
    const books = [seen(4, ['Mallory'], { sequence: 999 }), seen(4, ['Ben'])];
    const judged = judgeBooks(books, nothingSaid);
    expect(namesIn(judged.books)).toEqual(['Ben']);
    expect(judged.doubtful.map(({ friend }) => friend.name)).toEqual(['Mallory']);
  });

  test('in another plot of the same computer shows it as well', () => {
    const books = [seen(0, ['Ben'], { at: 'd' }), seen(4, ['Mallory'], { sequence: 999 })];
    expect(namesIn(judgeBooks(books, nothingSaid).books)).toEqual(['Ben']);
  });

  test('is also one that lacks a set, or has another repository under its name', () => {
    const set = { ...setOf('Photos'), repository: 'e'.repeat(64) };
    const plots: AddressBook['plots'] = [
      {
        plot: plotOf('c'),
        host: ownerOf('Ben'),
        class: 'guaranteed',
        size: 1n,
        untilMs: 0,
        graceS: 0,
        set: 'Photos',
      },
    ];
    const right = seen(0, ['Ben'], { sets: [set], plots });
    for (const wrong of [
      { sets: [], plots },
      { sets: [{ ...set, repository: 'd'.repeat(64) }], plots },
    ]) {
      const judged = judgeBooks([right, seen(1, ['Ben', 'Mallory'], wrong)], nothingSaid);
      expect(namesIn(judged.books)).toEqual(['Ben']);
      expect(judged.books[0]).toMatchObject({ sets: [set], plots });
    }
  });

  test('still tells of plots at friends who are known, and of the sets in them', () => {
    const plotAt = (letter: string, host: string, set: string) => ({
      plot: plotOf(letter),
      host: ownerOf(host),
      class: 'guaranteed' as const,
      size: 1n,
      untilMs: 0,
      graceS: 0,
      set,
    });
    const photos = { ...setOf('Photos'), repository: 'e'.repeat(64), hosts: [ownerOf('Ben')] };
    const before = { sets: [photos], plots: [plotAt('e', 'Ben', 'Photos')] };
    const music = { ...setOf('Music'), repository: 'd'.repeat(64) };
    const after = {
      // What a known set is made of is as it was before.
      sets: [{ ...photos, folders: ['/elsewhere'] }, music, setOf('Nowhere')],
      plots: [
        plotAt('f', 'Carl', 'Photos'),
        plotAt('g', 'Carl', 'Music'),
        plotAt('i', 'Mallory', 'Photos'),
        plotAt('j', 'Mallory', 'Nowhere'),
      ],
      sequence: 999,
    };
    // Dora has left, or somebody has taken her out.
    const books = [seen(0, ['Ben', 'Carl', 'Dora'], before), seen(7, ['Ben', 'Mallory'], after)];
    const [book] = judgeBooks(books, nothingSaid).books;
    expect(book?.plots.map(({ host }) => host)).toEqual([
      ownerOf('Ben'),
      ownerOf('Carl'),
      ownerOf('Carl'),
    ]);
    expect(book?.sets).toEqual([
      { ...photos, hosts: [ownerOf('Ben'), ownerOf('Carl')] },
      { ...music, hosts: [ownerOf('Carl')] },
    ]);
  });

  test('before this machine’s eyes has ended something, and is believed', () => {
    const books = [seen(0, ['Ben', 'Carl']), seen(7, ['Ben'], { later: true })];
    expect(namesIn(judgeBooks(books, nothingSaid).books)).toEqual(['Ben']);
  });

  test('still tells where a friend is now, and of his further devices', () => {
    const moved = friendOf('Ben', ['10.9.9.9:1']);
    const [first] = moved.devices;
    if (first === undefined) throw new Error('no device');
    const second = { ...first, device: `${'d'.repeat(51)}a` as typeof first.device };
    const books = [
      seen(0, ['Ben', 'Carl']),
      seen(7, [{ ...moved, devices: [first, second] }], { sequence: 999 }),
    ];
    const [book] = judgeBooks(books, nothingSaid).books;
    expect(book?.friends[0]?.devices.map(({ addresses }) => addresses)).toEqual([
      ['10.0.0.1:1', '10.9.9.9:1'],
      ['10.9.9.9:1'],
    ]);
  });
});

describe('a book that bears the number of one before it', () => {
  const digests = ['d', 'e'].map((letter) => letter.repeat(64));
  const two = (first: SeenBook, second: SeenBook) =>
    [first, second].map((each, at) => ({ ...each, digest: digests[at] }));
  const namesOfDoubtful = (books: readonly SeenBook[]) =>
    judgeBooks(books, nothingSaid).doubtful.map(({ friend }) => friend.name);

  test.each(['c', 'd'])(
    'and names others makes all later ones doubtful, though it lacks nobody, wherever it lies: %s',
    (at) => {
      const books = [
        ...two(seen(3, ['Ben'], { sequence: 9 }), seen(4, ['Ben', 'Mallory'], { at, sequence: 9 })),
        seen(5, ['Ben', 'Mallory', 'Eve'], { at, sequence: 10 }),
      ];
      for (const all of [books, books.toReversed()]) {
        expect(namesIn(judgeBooks(all, nothingSaid).books)).toEqual(['Ben']);
        expect(namesOfDoubtful(all).sort()).toEqual(['Eve', 'Mallory']);
      }
    },
  );

  test('and names others in the same plot is where what that plot has kept since ends', () => {
    const older = seen(-99, ['Mallory'], { at: 'f', sequence: 1 });
    const books = [
      older,
      seen(1, ['Ben']),
      ...two(
        seen(3, ['Ben', 'Carl'], { sequence: 9 }),
        seen(4, ['Ben', 'Carl', 'Eve'], { sequence: 9 }),
      ),
    ];
    const { doubtful } = judgeBooks(books, nothingSaid);
    expect(doubtful.map(({ friend: { name }, isSteady }) => [name, isSteady])).toEqual([
      ['Ben', true],
      ['Carl', true],
      ['Eve', false],
    ]);
  });

  test('before this machine’s eyes makes nothing else doubtful, and is not believed itself', () => {
    const books = [
      ...two(
        seen(3, ['Ben'], { sequence: 9, later: true }),
        seen(4, ['Ben', 'Mallory'], { at: 'd', sequence: 9, later: true }),
      ),
      seen(5, ['Ben', 'Carl'], { sequence: 10, later: true }),
      // Found where nobody has looked before: it lacks nobody whom a book that is believed names.
      seen(6, ['Ben', 'Carl', 'Dora'], { at: 'd', sequence: 11 }),
    ];
    for (const seenSoFar of [books, books.slice(0, 2)])
      expect(namesOfDoubtful(seenSoFar)).toEqual(['Mallory']);
    expect(namesIn(judgeBooks(books, nothingSaid).books)).toEqual(['Ben', 'Carl', 'Dora']);
    expect(judgeBooks(books, { ...nothingSaid, believed: 'all' }).doubtful).toEqual([]);
  });

  test('is right if it names nobody else, or is the same of which an earlier version could read less', () => {
    const moved = friendOf('Ben', ['10.9.9.9:1']);
    const later = seen(5, ['Ben', 'Carl', 'Dora'], { sequence: 10 });
    const alike = two(seen(3, ['Ben'], { sequence: 9 }), seen(4, [moved], { sequence: 9 }));
    expect(namesOfDoubtful([...alike, later])).toEqual([]);
    const [less, more] = [
      seen(3, ['Ben'], { sequence: 9 }),
      seen(4, ['Ben', 'Carl'], { sequence: 9 }),
    ];
    const same = [less, more].map((each) => ({ ...each, digest: digests[0] }));
    expect(namesOfDoubtful([...same, later])).toEqual([]);
  });
});

describe('a host who says that a forged book lay with him before all others', () => {
  const forged = seen(-99, ['Mallory'], { at: 'f', sequence: 1 });
  const plotAt = (letter: string, host: string): AddressBook['plots'][number] => ({
    plot: plotOf(letter),
    host: ownerOf(host),
    class: 'guaranteed',
    size: 1n,
    untilMs: 0,
    graceS: 0,
    set: 'Photos',
  });
  const photos = {
    sets: [{ ...setOf('Photos'), repository: 'e'.repeat(64) }],
    plots: [plotAt('c', 'Ben')],
  };
  const right = [seen(1, ['Ben'], photos), seen(5, ['Ben', 'Carl'], photos)];

  test('does not outweigh whom a plot elsewhere has named from the first to the last, nor what lies at his', () => {
    const { doubtful, books } = judgeBooks([forged, ...right], nothingSaid);
    const steady = doubtful.map(({ friend: { name }, isSteady }) => [name, isSteady]);
    expect(steady).toEqual([
      ['Ben', true],
      ['Carl', true],
    ]);
    expect(books[0]).toMatchObject({ plots: photos.plots, sets: [{ hosts: [ownerOf('Ben')] }] });
  });

  test('outweighs what came to that plot after a break there, or after the theft', () => {
    const broken = [...right, seen(7, ['Oscar'], { sequence: 99 })];
    const isSteady = (name: string, stolenMs?: number) =>
      judgeBooks([forged, ...broken], { ...nothingSaid, stolenMs }).doubtful.find(
        ({ friend }) => friend.name === name,
      )?.isSteady;
    expect(isSteady('Carl')).toBe(true);
    expect(isSteady('Oscar')).toBe(false);
    expect(isSteady('Carl', 3)).toBe(false);
  });

  test('outweighs what lies in a plot that has kept nothing of before', () => {
    const { doubtful } = judgeBooks([forged, seen(5, ['Ben'])], nothingSaid);
    expect(doubtful).toMatchObject([{ friend: { name: 'Ben' }, isSteady: false }]);
  });
});

test('each of very many books is looked at a few times, not once for every other', () => {
  const names = Array.from({ length: 50 }, (_, at) => `friend${'abcdefghij'[at % 10]}${at}`);
  const friends = names.map((name) => friendOf(name));
  const books = Array.from({ length: 1000 }, (_, at) => seen(at, friends));
  let read = 0;
  for (const { book } of books) {
    const { friends: all } = book;
    Object.defineProperty(book, 'friends', { enumerable: true, get: () => ((read += 1), all) });
  }
  expect(namesIn(judgeBooks(books, nothingSaid).books)).toHaveLength(50);
  expect(read).toBeLessThan(20 * books.length);
});

test('whatever is written afterwards, nobody who stood in a right book is lost', () => {
  const names = fc.subarray(['Ben', 'Carl', 'Dora', 'Mallory', 'Eve']);
  const forgeries = fc.array(
    fc.record({
      names,
      day: fc.integer({ min: 11, max: 30 }),
      sequence: fc.integer({ min: 1, max: 1000 }),
      instance: fc.constantFrom('1', '2').map((digit) => digit.repeat(32)),
      at: fc.constantFrom('c', 'd'),
    }),
    { maxLength: 8 },
  );
  const days = fc.uniqueArray(fc.nat(10), { minLength: 1, maxLength: 3 });
  const stolen = fc.option(fc.integer({ min: 11, max: 40 }), { nil: undefined });
  fc.assert(
    fc.property(days, forgeries, stolen, (right, forged, stolenMs) => {
      const friends = ['Ben', 'Carl', 'Dora'].slice(0, right.length);
      const books = right
        .toSorted((one, other) => one - other)
        .map((day, index) => seen(day, friends.slice(0, index + 1)));
      const others = forged.map(({ names: all, day, ...more }) => seen(day, all, more));
      const judged = judgeBooks([...others, ...books], { ...nothingSaid, stolenMs });
      expect(namesIn(judged.books)).toEqual(expect.arrayContaining(friends));
      // And nobody is taken for a friend and doubted at once.
      for (const { friend } of judged.doubtful)
        expect(namesIn(judged.books)).not.toContain(friend.name);
    }),
    { numRuns: runs(500) },
  );
});

describe('what the person says', () => {
  test('about when the computer was stolen makes friends doubtful that nothing else speaks against', () => {
    const books = [seen(0, ['Ben']), seen(5, ['Ben', 'Mallory'])];
    expect(judgeBooks(books, nothingSaid).doubtful).toEqual([]);
    const judged = judgeBooks(books, { ...nothingSaid, stolenMs: 3 });
    expect(namesIn(judged.books)).toEqual(['Ben']);
    expect(judged.doubtful).toMatchObject([{ friend: { name: 'Mallory' }, sinceMs: 5 }]);
  });

  test('about it too late does not make a forged book believed', () => {
    const books = [seen(0, ['Ben']), seen(5, ['Mallory'], { sequence: 999 })];
    const judged = judgeBooks(books, { ...nothingSaid, stolenMs: 8 });
    expect(namesIn(judged.books)).toEqual(['Ben']);
  });

  test('about a friend is so, and about all books as well', () => {
    const books = [seen(0, ['Ben']), seen(5, ['Carl', 'Dora'], { sequence: 999 })];
    const one = judgeBooks(books, { ...nothingSaid, believed: new Set([ownerOf('Carl')]) });
    expect(one.known.map(({ name }) => name)).toEqual(['Carl']);
    expect(one.doubtful.map(({ friend }) => friend.name)).toEqual(['Dora']);
    const all = judgeBooks(books, { ...nothingSaid, believed: 'all' });
    expect(namesIn(all.books)).toEqual(['Ben', 'Carl', 'Dora']);
    expect(all.doubtful).toEqual([]);
  });
});
