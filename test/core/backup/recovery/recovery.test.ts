import { expect, test } from 'vitest';
import {
  type AddressBook,
  sealBook,
} from '../../../../electron/core/backup/recovery/address-book.ts';
import { createRecovery } from '../../../../electron/core/backup/recovery/recovery.ts';
import { openRecoveryBook } from '../../../../electron/core/backup/recovery/recovery-book.ts';
import { openSetBook } from '../../../../electron/core/backup/set-book.ts';
import { openHoldingsBook } from '../../../../electron/core/client/holdings/holdings-book.ts';
import { openDatabase } from '../../../../electron/core/database/open-database.ts';
import { openFriendBook } from '../../../../electron/core/friends/friend-book.ts';
import { openFriendRegistry } from '../../../../electron/core/friends/friend-registry.ts';
import type { PairingEntry } from '../../../../electron/core/friends/pairing-entry.ts';
import type { OwnerId, PlotId } from '../../../../shared/ids.ts';
import { certify, testRoot } from '../../../fakes/pairing-parties.ts';
import { asAsync } from '../../../fakes/set-world.ts';
import { silent } from '../../../fakes/silent-logger.ts';

const NOW_MS = 1_790_000_000_000;
const plot = `${'b'.repeat(25)}a` as PlotId;
const self = 'a'.repeat(52) as OwnerId;
const key = new Uint8Array(32).fill(7);

async function world() {
  const sql = openDatabase(':memory:');
  if (!sql.ok) throw new Error(sql.fault.code);
  const friends = await openFriendRegistry(asAsync(openFriendBook(sql.value)), () => NOW_MS);
  const sets = openSetBook(sql.value);
  const holdings = openHoldingsBook(sql.value);
  const listeners: ((entry: PairingEntry) => void)[] = [];
  const clock = { atMs: NOW_MS };
  const recovery = createRecovery({
    identity: {
      owner: self,
      instance: '2'.repeat(32),
      replaces: undefined,
      fromWords: true,
      addressBookKey: key,
    } as never,
    friends,
    holdings: asAsync(holdings),
    sets: asAsync(sets),
    book: asAsync(openRecoveryBook(sql.value, { sets, holdings })),
    peers: {} as never,
    pairings: {
      subscribe: (listener) => {
        listeners.push(listener);
        return () => undefined;
      },
    },
    papersAt: () => undefined,
    isOnline: () => false,
    nearby: () => [],
    ask: async () => undefined,
    clock: { nowMs: () => clock.atMs, monotonicMs: () => NOW_MS },
    logger: silent,
    onChange: () => undefined,
  });
  const close = async () => {
    await recovery.close();
    sql.value.close();
  };
  return { friends, recovery, listeners, clock, close };
}

const addresses = ['127.0.0.1:9'];
const kind = 'desktop';

/** A book of the laptop's that names one friend. */
function bookOf(sequence: number, name: string, { statement, signed }: ReturnType<typeof certify>) {
  const { owner, device } = statement;
  const found: AddressBook = {
    v: 1,
    owner: self,
    instance: '1'.repeat(32),
    before: [],
    sequence,
    atMs: 1,
    host: 'Laptop',
    friends: [
      {
        owner,
        relation: 'friend',
        name,
        petName: null,
        givenAddress: null,
        blocked: false,
        devices: [{ device, name: null, kind, signed, addresses }],
      },
    ],
    plots: [],
    sets: [],
  };
  return sealBook(key, found);
}

test('whom the person has compared digits with on a machine from words is held back by nobody’s book', async () => {
  const { friends, recovery, listeners, close } = await world();
  const carl = certify(testRoot());
  const { statement, signed } = carl;
  const { owner } = statement;
  await recovery.takeAt(bookOf(9, 'Carl', carl), plot);
  await recovery.suspect(1);
  expect(friends.person(owner)).toMatchObject({ blocked: true });
  expect(await recovery.doubtful()).toMatchObject([{ owner, name: 'Carl' }]);

  const other = { name: 'Carl', kind, statement, signed, address: '' } as const;
  await friends.add({ ...other, addresses, atMs: NOW_MS });
  for (const tell of listeners)
    tell({ id: '1', began: 'here', other, state: 'paired', digits: undefined, no: undefined });
  await expect.poll(() => friends.person(owner)?.blocked).toBe(false);
  expect(await recovery.doubtful()).toEqual([]);
  await recovery.suspect(2);
  expect(friends.person(owner)).toMatchObject({ blocked: false });
  await close();
});

test('a thief’s friend whom a plot of the thief’s names all along is held back by nothing, and asked about', async () => {
  const { friends, recovery, clock, close } = await world();
  const [carl, mallory] = [certify(testRoot()), certify(testRoot())];
  const { owner } = mallory.statement;
  for (const later of [1, 2]) {
    clock.atMs = NOW_MS + later;
    await recovery.takeAt(bookOf(10 + later, 'Mallory', mallory), `${'c'.repeat(25)}a` as PlotId);
  }
  expect(await recovery.doubtful()).toEqual([]);
  // What lies elsewhere is older, and names somebody else.
  clock.atMs = NOW_MS;
  await recovery.takeAt(bookOf(9, 'Carl', carl), plot);
  expect(friends.person(owner)).toMatchObject({ blocked: false });
  expect(await recovery.doubtful()).toMatchObject([{ owner, name: 'Mallory' }]);
  await recovery.believe(owner);
  expect(await recovery.doubtful()).toEqual([]);
  await close();
});
