import { beforeEach, describe, expect, test } from 'vitest';
import {
  type AddressBook,
  type BookFriend,
  sealBook,
} from '../../../../electron/core/backup/recovery/address-book.ts';
import {
  type BookIntake,
  createBookIntake,
} from '../../../../electron/core/backup/recovery/book-intake.ts';
import {
  openRecoveryBook,
  type RecoveryBook,
} from '../../../../electron/core/backup/recovery/recovery-book.ts';
import { openSetBook, type SetBook } from '../../../../electron/core/backup/set-book.ts';
import { openHoldingsBook } from '../../../../electron/core/client/holdings/holdings-book.ts';
import { openDatabase } from '../../../../electron/core/database/open-database.ts';
import { openFriendBook } from '../../../../electron/core/friends/friend-book.ts';
import {
  type FriendRegistry,
  openFriendRegistry,
} from '../../../../electron/core/friends/friend-registry.ts';
import type { OwnerId, PlotId } from '../../../../shared/ids.ts';
import { certify, testRoot } from '../../../fakes/pairing-parties.ts';
import { asAsync } from '../../../fakes/set-world.ts';
import { silent } from '../../../fakes/silent-logger.ts';

const NOW_MS = 1_790_000_000_000;
const DAY_MS = 86_400_000;
const LAPTOP = '1'.repeat(32);
const OWN = '2'.repeat(32);
const key = new Uint8Array(32).fill(7);
const self = 'a'.repeat(52) as OwnerId;
const atBens = `${'b'.repeat(25)}a` as PlotId;
const atCarls = `${'c'.repeat(25)}a` as PlotId;

const [ben, carl, mallory] = ['Ben', 'Carl', 'Mallory'].map(friendNamed) as [
  BookFriend,
  BookFriend,
  BookFriend,
];

/** With two devices: whoever writes a book names as many as he likes. */
function friendNamed(name: string): BookFriend {
  const root = testRoot();
  const addresses = ['127.0.0.1:9'];
  const device = () => {
    const { statement, signed } = certify(root);
    return { device: statement.device, name: null, kind: 'desktop', signed, addresses } as const;
  };
  return {
    owner: root.owner,
    relation: 'friend',
    name,
    petName: null,
    givenAddress: null,
    blocked: false,
    devices: [device(), device()],
  };
}

function bookOf(sequence: number, friends: readonly BookFriend[]): AddressBook {
  const photos = {
    name: 'Photos',
    folders: ['/home/ana/Photos'],
    hosts: friends.map(({ owner }) => owner),
    plan: null,
    repository: 'f'.repeat(64),
    sequence: 1,
  };
  return {
    v: 1,
    owner: self,
    instance: LAPTOP,
    before: [],
    sequence,
    atMs: sequence,
    host: 'Laptop',
    friends: [...friends],
    plots: [],
    sets: [photos],
  };
}

let friends: FriendRegistry;
let sets: SetBook;
let book: RecoveryBook;
let intake: BookIntake;

beforeEach(async () => {
  const sql = openDatabase(':memory:');
  if (!sql.ok) throw new Error(sql.fault.code);
  friends = await openFriendRegistry(asAsync(openFriendBook(sql.value)), () => NOW_MS);
  sets = openSetBook(sql.value);
  book = openRecoveryBook(sql.value, { sets, holdings: openHoldingsBook(sql.value) });
  intake = intakeOf({ replaces: LAPTOP, fromWords: true });
});

function intakeOf(identity: {
  readonly replaces: string | undefined;
  readonly fromWords: boolean;
}) {
  return createBookIntake({
    identity: { owner: self, instance: OWN, addressBookKey: key, ...identity },
    friends,
    book: asAsync(book),
    clock: { nowMs: () => NOW_MS },
    logger: silent,
    onChange: () => undefined,
  });
}

async function find(plot: PlotId, daysAgo: number, found: AddressBook): Promise<void> {
  const content = sealBook(key, found);
  const lain = { plot, content, fromMs: NOW_MS - daysAgo * DAY_MS, isFirst: true };
  expect(await intake.takeSeen([lain])).toEqual([{ ok: true, value: 'seen' }]);
}

const standing = () =>
  Object.fromEntries(friends.friends().map(({ name, blocked }) => [name, blocked]));

describe('a forged book that is found first, in a plot that keeps nothing of before', () => {
  beforeEach(() => find(atBens, 1, bookOf(99, [ben, mallory])));

  test('makes whom it names a friend; he is held back as soon as an older one shows what it lacks', async () => {
    expect(standing()).toEqual({ Ben: false, Mallory: false });
    expect(sets.set('Photos')?.hosts).toEqual([ben.owner, mallory.owner]);
    await find(atCarls, 30, bookOf(5, [ben, carl]));
    expect(standing()).toEqual({ Ben: false, Carl: false, Mallory: true });
    expect(await intake.doubtful()).toMatchObject([
      { friend: { name: 'Mallory' }, sinceMs: NOW_MS - DAY_MS, host: 'Laptop' },
    ]);
    // Nor is anything sent to him.
    expect(sets.set('Photos')?.hosts).toEqual([ben.owner, carl.owner]);
  });

  test('is believed no more when the person says that the computer was stolen before it was written', async () => {
    await find(atCarls, 30, bookOf(5, [ben]));
    expect(standing()).toEqual({ Ben: false, Mallory: false });
    book.setStolen({ atMs: NOW_MS - 3 * DAY_MS });
    await intake.judgeAgain();
    expect(standing()).toEqual({ Ben: false, Mallory: true });
    expect(sets.set('Photos')?.hosts).toEqual([ben.owner]);
  });

  test('names nobody any more where it is the only one and came after the theft', async () => {
    book.setStolen({ atMs: NOW_MS - 3 * DAY_MS });
    await intake.judgeAgain();
    expect(standing()).toEqual({ Ben: true, Mallory: true });
    expect(book.books()).toEqual([]);
    expect(sets.set('Photos')?.hosts).toEqual([]);
  });

  test('holds nobody back any more when the person takes that word back, apart from whom he has blocked himself', async () => {
    book.setStolen({ atMs: NOW_MS - 3 * DAY_MS });
    await intake.judgeAgain();
    await friends.setBlocked({ owner: mallory.owner, blocked: true });
    book.setStolen({ atMs: undefined });
    await intake.judgeAgain();
    expect(standing()).toEqual({ Ben: false, Mallory: true });
    expect(sets.set('Photos')?.hosts).toEqual([ben.owner, mallory.owner]);
  });

  test('lets whom it has had held back in by a disk’s book, and stay blocked whom the right one names so', async () => {
    const nina = friendNamed('Nina');
    await find(atBens, 1, bookOf(100, [ben, mallory, nina]));
    await find(atCarls, 30, bookOf(5, [ben, carl]));
    expect(standing()).toEqual({ Ben: false, Carl: false, Mallory: true, Nina: true });
    const nas = { ...bookOf(1, [nina]), instance: '3'.repeat(32), host: 'NAS', sets: [] };
    expect(await intake.take(sealBook(key, nas))).toEqual({ ok: true, value: 'new' });
    expect(standing()).toMatchObject({ Mallory: true, Nina: false });
    await find(atCarls, 29, bookOf(6, [ben, carl, { ...mallory, blocked: true }]));
    expect(await intake.doubtful()).toMatchObject([{ friend: { name: 'Nina' } }]);
    expect(standing()).toEqual({ Ben: false, Carl: false, Mallory: true, Nina: false });
  });

  test('takes nothing from whom the person knows, or whom a book names that came from his own disk', async () => {
    book.believe({ owner: mallory.owner });
    const nas = { ...bookOf(1, [ben]), instance: '3'.repeat(32), host: 'NAS', sets: [] };
    expect(await intake.take(sealBook(key, nas))).toEqual({ ok: true, value: 'new' });
    book.setStolen({ atMs: NOW_MS - 3 * DAY_MS });
    await intake.judgeAgain();
    expect(standing()).toEqual({ Ben: false, Mallory: false });
  });

  test('holds nobody back a second time whom the person has let in since', async () => {
    await find(atCarls, 30, bookOf(5, [ben, carl]));
    await friends.setBlocked({ owner: mallory.owner, blocked: false });
    await intake.judgeAgain();
    await find(atCarls, 20, bookOf(6, [ben, carl]));
    expect(standing()).toMatchObject({ Mallory: false });
  });
});

test('books that were seen before are not judged again, unless they lay there earlier than was known', async () => {
  let judged = 0;
  const counting = createBookIntake({
    identity: {
      owner: self,
      instance: OWN,
      addressBookKey: key,
      replaces: LAPTOP,
      fromWords: true,
    },
    friends,
    book: asAsync({
      ...book,
      seen: () => {
        judged += 1;
        return book.seen();
      },
    }),
    clock: { nowMs: () => NOW_MS },
    logger: silent,
    onChange: () => undefined,
  });
  const content = sealBook(key, bookOf(5, [ben]));
  const see = async (daysAgo: number) => {
    const fromMs = NOW_MS - daysAgo * DAY_MS;
    await counting.takeSeen([{ content, plot: atBens, fromMs, isFirst: true }]);
    return judged;
  };
  // What is looked at is not yet taken in.
  await counting.doubtful();
  expect([await see(1), await see(1), await see(0), await see(2)]).toEqual([2, 2, 2, 3]);
});

test.each([true, false])(
  'that there is such a computer stays known, whatever its later books leave out (from words: %s)',
  async (fromWords) => {
    intake = intakeOf({ replaces: undefined, fromWords });
    const statement = { signed: 'by the root', signature: 'of it' };
    const books = [{ ...bookOf(5, [ben]), statement }, bookOf(6, [ben])];
    for (const [at, found] of books.entries())
      if (fromWords) await find(atBens, 9 - at, found);
      else await intake.take(sealBook(key, found));
    expect(book.books()).toMatchObject([{ sequence: 6, statement }]);
  },
);

describe('what a host says of the time', () => {
  test('has nobody held back for good: whom a book names that turns out to be older is let in again', async () => {
    await find(atBens, 1, bookOf(7, [ben, carl]));
    await find(atCarls, 30, bookOf(5, [ben]));
    await find(atCarls, 2, bookOf(6, []));
    expect(standing()).toEqual({ Ben: false, Carl: true });
    expect(sets.set('Photos')?.hosts).toEqual([ben.owner]);
    await find(atBens, 20, bookOf(7, [ben, carl]));
    expect(standing()).toEqual({ Ben: false, Carl: false });
    expect(sets.set('Photos')?.hosts).toEqual([ben.owner, carl.owner]);
    expect(await intake.doubtful()).toEqual([]);
  });

  test('holds nobody back whom a plot at another’s has named all along', async () => {
    await find(atCarls, 30, bookOf(5, [ben]));
    await find(atCarls, 20, bookOf(6, [ben, carl]));
    await find(atBens, 99, bookOf(1, [mallory]));
    expect(standing()).toMatchObject({ Ben: false, Carl: false });
  });
});

describe('a sequence that no clock will reach', () => {
  const far = Number.MAX_SAFE_INTEGER;
  let here: BookIntake;
  beforeEach(() => {
    here = intakeOf({ replaces: undefined, fromWords: false });
  });
  const take = (found: AddressBook) => here.take(sealBook(key, found));
  const namesIn = () => book.books().flatMap((each) => each.friends.map(({ name }) => name));

  test('keeps nobody from hearing what the right computer writes afterwards', async () => {
    expect(await take(bookOf(far, [mallory]))).toEqual({ ok: true, value: 'new' });
    expect(await take(bookOf(NOW_MS, [ben]))).toEqual({ ok: true, value: 'new' });
    expect(await take(bookOf(far, [mallory]))).toEqual({ ok: true, value: 'known' });
    expect(await take(bookOf(NOW_MS - 1, [carl]))).toEqual({ ok: true, value: 'known' });
    expect(namesIn()).toEqual(['Ben']);
  });

  test('is what a computer writes whose clock is wrong; of these the highest counts', async () => {
    const aheadMs = NOW_MS + 400 * DAY_MS;
    expect(await take(bookOf(aheadMs, [ben]))).toEqual({ ok: true, value: 'new' });
    expect(await take(bookOf(aheadMs + 1, [ben, carl]))).toEqual({ ok: true, value: 'new' });
    expect(await take(bookOf(aheadMs, [ben]))).toEqual({ ok: true, value: 'known' });
    expect(namesIn()).toEqual(['Ben', 'Carl']);
  });

  test('is none that this computer counts on from, or the others would hear nothing more of it', async () => {
    const own = (sequence: number) => take({ ...bookOf(sequence, []), instance: OWN });
    for (const ahead of [far, 2 ** 51, NOW_MS + 2 * DAY_MS])
      expect(await own(ahead)).toEqual({ ok: true, value: 'known' });
    expect(await own(NOW_MS)).toEqual({ ok: true, value: 'own' });
    expect(await own(NOW_MS - 1)).toEqual({ ok: true, value: 'known' });
    expect(book.books().map(({ sequence }) => sequence)).toEqual([NOW_MS]);
  });
});
