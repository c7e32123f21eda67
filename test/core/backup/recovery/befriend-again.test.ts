import { expect, test } from 'vitest';
import {
  type AddressBook,
  type BookFriend,
  sealBook,
} from '../../../../electron/core/backup/recovery/address-book.ts';
import { befriendAgain } from '../../../../electron/core/backup/recovery/befriend-again.ts';
import { createBookIntake } from '../../../../electron/core/backup/recovery/book-intake.ts';
import { openRecoveryBook } from '../../../../electron/core/backup/recovery/recovery-book.ts';
import { openSetBook } from '../../../../electron/core/backup/set-book.ts';
import { openHoldingsBook } from '../../../../electron/core/client/holdings/holdings-book.ts';
import { openDatabase } from '../../../../electron/core/database/open-database.ts';
import { openFriendBook } from '../../../../electron/core/friends/friend-book.ts';
import { openFriendRegistry } from '../../../../electron/core/friends/friend-registry.ts';
import type { OwnerId, PlotId } from '../../../../shared/ids.ts';
import { certify, testRoot } from '../../../fakes/pairing-parties.ts';
import { asAsync } from '../../../fakes/set-world.ts';
import { silent } from '../../../fakes/silent-logger.ts';

const NOW_MS = 1_790_000_000_000;
const self = 'a'.repeat(52) as OwnerId;
const key = new Uint8Array(32).fill(7);
const how = { self, atMs: NOW_MS };

function friendNamed(name: string, devices = 1): BookFriend {
  const root = testRoot();
  return {
    owner: root.owner,
    relation: 'friend',
    name,
    petName: null,
    givenAddress: null,
    blocked: false,
    devices: Array.from({ length: devices }, () => {
      const { statement, signed } = certify(root);
      const { device } = statement;
      return { device, name: null, kind: 'desktop', signed, addresses: ['127.0.0.1:9'] };
    }),
  };
}

async function home() {
  const opened = openDatabase(':memory:');
  if (!opened.ok) throw new Error(opened.fault.code);
  const sql = opened.value;
  const friends = await openFriendRegistry(asAsync(openFriendBook(sql)), () => NOW_MS);
  const sets = openSetBook(sql);
  const book = openRecoveryBook(sql, { sets, holdings: openHoldingsBook(sql) });
  return { friends, book };
}

test('somebody who is blocked is at no moment a friend who is not, or a crash would leave him so', async () => {
  const { friends } = await home();
  const carl = { ...friendNamed('Carl', 2), petName: 'C', blocked: true, givenAddress: 'carl:9' };
  const seen: unknown[] = [];
  friends.subscribe(() =>
    seen.push(friends.friends().map(({ petName, blocked }) => [petName, blocked])),
  );
  await befriendAgain(friends, { friends: [friendNamed('Ben'), carl] }, how);
  // One write, or none.
  expect(seen).toEqual([
    expect.arrayContaining([
      [undefined, false],
      ['C', true],
    ]),
  ]);
  expect(friends.friend(carl.owner)).toMatchObject({ givenAddress: 'carl:9' });
  expect(friends.friend(carl.owner)?.devices).toHaveLength(2);
});

test('what I say of a friend here stands, whatever a book says of him', async () => {
  const { friends } = await home();
  const carl = friendNamed('Carl');
  await befriendAgain(friends, { friends: [carl] }, how);
  await friends.rename({ owner: carl.owner, petName: 'Mine' });
  const more = { ...friendNamed('Carl'), owner: carl.owner, petName: 'C', blocked: true };
  await befriendAgain(friends, { friends: [more] }, how);
  expect(friends.friend(carl.owner)).toMatchObject({ petName: 'Mine', blocked: false });
});

test('books bring no more friends than one of mine could name, however many there are', async () => {
  const { friends } = await home();
  const named = (count: number) => Array.from({ length: count }, (_, at) => friendNamed(`F${at}`));
  await befriendAgain(friends, { friends: named(300) }, how);
  const [first] = friends.friends();
  await befriendAgain(friends, { friends: named(300) }, how);
  expect(friends.friends()).toHaveLength(512);
  // Whoever is one already may still have another machine.
  if (first === undefined) throw new Error('nobody came');
  await befriendAgain(friends, { friends: named(3) }, how);
  expect(friends.friends()).toHaveLength(512);
});

test.each([true, false])(
  'books in the names of computers that there never were fill no books (from words: %s)',
  async (fromWords) => {
    const { friends, book } = await home();
    const intake = createBookIntake({
      identity: {
        owner: self,
        instance: 'f'.repeat(32),
        addressBookKey: key,
        replaces: undefined,
        fromWords,
      },
      friends,
      book: asAsync(book),
      clock: { nowMs: () => NOW_MS },
      logger: silent,
      onChange: () => undefined,
    });
    const bookOf = (at: number, sequence: number): AddressBook => ({
      v: 1,
      owner: self,
      instance: `${at}`.padStart(32, '0'),
      before: [],
      sequence,
      atMs: sequence,
      host: `Computer ${at}`,
      friends: [],
      plots: [],
      sets: [],
    });
    const plot = `${'b'.repeat(25)}a` as PlotId;
    const find = async (found: AddressBook) => {
      const content = sealBook(key, found);
      if (fromWords) await intake.takeSeen([{ content, plot, fromMs: NOW_MS, isFirst: true }]);
      else await intake.take(content);
    };
    for (let at = 0; at < 100; at += 1) await find(bookOf(at, 1));
    expect(book.books()).toHaveLength(64);
    // Those that are known go on being heard.
    await find(bookOf(0, 2));
    expect(book.books()).toContainEqual(bookOf(0, 2));
    expect(book.books()).toHaveLength(64);
  },
);
