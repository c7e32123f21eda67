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
import { createDeviceKey } from '../../../../electron/core/identity/device-key.ts';
import type { OwnerId, PlotId } from '../../../../shared/ids.ts';
import { startImpostor } from '../../../fakes/impostor.ts';
import { certify, testRoot } from '../../../fakes/pairing-parties.ts';
import { asAsync } from '../../../fakes/set-world.ts';
import { silent } from '../../../fakes/silent-logger.ts';

const NOW_MS = 1_790_000_000_000;
const plot = `${'b'.repeat(25)}a` as PlotId;
const self = 'a'.repeat(52) as OwnerId;
const host = 'b'.repeat(52) as OwnerId;
const key = new Uint8Array(32).fill(7);

async function world(nearby: readonly { id: string; addresses: string[] }[] = []) {
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
      ...(await createDeviceKey()),
      statement: certify(testRoot()).signed,
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
    nearby: () => nearby,
    ask: async () => undefined,
    clock: { nowMs: () => clock.atMs, monotonicMs: () => clock.atMs },
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
  await recovery.takeAt(bookOf(9, 'Carl', carl), plot, host);
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

test('a computer for which its owner has not signed is struck off by no name: a thief may have made it up', async () => {
  const { recovery, close } = await world();
  await recovery.takeAt(bookOf(9, 'Carl', certify(testRoot())), plot, host);
  expect(await recovery.instanceOf('Laptop')).toBeUndefined();
  expect(await recovery.instanceOf('1'.repeat(32))).toBe('1'.repeat(32));
  await close();
});

test('a thief’s friend whom a plot of the thief’s names all along is held back by nothing, and asked about', async () => {
  const { friends, recovery, clock, close } = await world();
  const [carl, mallory] = [certify(testRoot()), certify(testRoot())];
  const { owner } = mallory.statement;
  for (const later of [1, 2]) {
    clock.atMs = NOW_MS + later;
    await recovery.takeAt(
      bookOf(10 + later, 'Mallory', mallory),
      `${'c'.repeat(25)}a` as PlotId,
      host,
    );
  }
  expect(await recovery.doubtful()).toEqual([]);
  // What lies elsewhere is older, and names somebody else.
  clock.atMs = NOW_MS;
  await recovery.takeAt(bookOf(9, 'Carl', carl), plot, host);
  expect(friends.person(owner)).toMatchObject({ blocked: false });
  expect(await recovery.doubtful()).toMatchObject([{ owner, name: 'Mallory' }]);
  expect((await recovery.view()).friends.map(({ name }) => name)).toEqual(['Carl']);
  // Until the person says that it was written after the theft.
  await recovery.suspect(NOW_MS + 1);
  expect(friends.person(owner)).toMatchObject({ blocked: true });
  expect(await recovery.doubtful()).toMatchObject([{ owner, name: 'Mallory' }]);
  await recovery.believe(owner);
  expect(friends.person(owner)).toMatchObject({ blocked: false });
  expect(await recovery.doubtful()).toEqual([]);
  await close();
});

test.each(['nearby', 'called'] as const)(
  'who has not given all that lay with him is asked again, for what is missing may show that the rest is forged: %s',
  async (how) => {
    const [carl, mallory] = [certify(testRoot()), certify(testRoot())];
    let isLost = true;
    const ben = await startImpostor(
      [bookOf(99, 'Mallory', mallory)],
      [{ count: 1, book: bookOf(9, 'Carl', carl) }],
      (call) => isLost && call.includes('/versions'),
    );
    const { address } = ben;
    const { friends, recovery, clock, close } = await world(
      how === 'nearby' ? [{ id: 'ben', addresses: [address] }] : [],
    );
    const namesOf = async () => (await recovery.view()).friends.map(({ name }) => name);
    await recovery.tick();
    if (how === 'called') await recovery.call(address, undefined);
    expect(await namesOf()).toEqual(['Mallory']);
    isLost = false;
    clock.atMs += 60_000;
    await recovery.tick();
    expect(await namesOf()).toEqual(['Carl']);
    expect(friends.person(mallory.statement.owner)).toMatchObject({ blocked: true });
    expect(await recovery.doubtful()).toMatchObject([{ name: 'Mallory' }]);
    // Then he has been asked.
    clock.atMs += 60_000;
    await recovery.tick();
    expect(ben.heard.filter(({ call }) => call.endsWith('hello'))).toHaveLength(2);
    await close();
    await ben.close();
  },
);

test.each([
  ['nearby', true],
  ['nearby', 'busy'],
  ['called', true],
] as const)(
  'who could not be reached when the first book was found is asked again as long as others are: %s, %s',
  async (how, away) => {
    const [carl, mallory] = [certify(testRoot()), certify(testRoot())];
    const thief = await startImpostor([bookOf(99, 'Mallory', mallory)]);
    let isAway = how === 'nearby' ? away : false;
    let isShort = true;
    const right = bookOf(9, 'Carl', carl);
    const ben = await startImpostor(
      [right],
      [{ count: 1, book: right }],
      (call) => isAway || (how === 'called' && isShort && call.includes('/versions')),
    );
    const nearby = [{ id: 'thief', addresses: [thief.address] }];
    const { recovery, clock, close } = await world(nearby);
    const helloes = () => ben.heard.filter(({ call }) => call.endsWith('hello')).length;
    if (how === 'nearby') nearby.push({ id: 'ben', addresses: [ben.address] });
    else await recovery.call(ben.address, undefined);
    await recovery.tick();
    expect((await recovery.view()).state).toBe('found');
    if (how === 'called') {
      isAway = away;
      clock.atMs += 60_000;
      await recovery.tick();
    }
    const before = helloes();
    isAway = false;
    isShort = false;
    clock.atMs += 60_000;
    await recovery.tick();
    expect(helloes()).toBe(before + 1);
    // Then he has been asked.
    clock.atMs += 60_000;
    await recovery.tick();
    expect(helloes()).toBe(before + 1);
    await close();
    await Promise.all([thief.close(), ben.close()]);
  },
);

test('whoever says that he keeps a plot which somebody else keeps has nobody held back whom that one names all along', async () => {
  const [carl, mallory] = [certify(testRoot()), certify(testRoot())];
  const forged = bookOf(1, 'Mallory', mallory);
  const liar = await startImpostor([forged], [{ count: 1, book: forged }]);
  const { friends, recovery, clock, close } = await world();
  for (const later of [1, 2]) {
    clock.atMs = NOW_MS + later;
    await recovery.takeAt(bookOf(10 + later, 'Carl', carl), 'a'.repeat(26) as PlotId, host);
  }
  await recovery.call(liar.address, undefined);
  expect(liar.heard.map(({ call }) => call)).toContain(
    `GET /v1/plots/${'a'.repeat(26)}/papers/address-book/versions/1`,
  );
  expect(friends.person(carl.statement.owner)).toMatchObject({ blocked: false });
  expect((await recovery.doubtful()).map(({ name }) => name)).toContain('Carl');
  await close();
  await liar.close();
});

test('whoever answers first keeps nobody else nearby from being asked, who is asked once and not for ever', async () => {
  const names = ['Mallory', 'Ben', 'Carl'];
  const people = await Promise.all(
    names.map(async (name, at) => {
      const impostor = await startImpostor([bookOf(9 + at, name, certify(testRoot()))]);
      return { id: name, addresses: [impostor.address], impostor };
    }),
  );
  const nearby = people.slice(0, 1);
  const { recovery, clock, close } = await world(nearby);
  const asked = () =>
    people.map(
      ({ impostor }) => impostor.heard.filter(({ call }) => call.endsWith('hello')).length,
    );
  await recovery.tick();
  expect(await recovery.view()).toMatchObject({ state: 'found' });
  nearby.push(...people.slice(1, 2));
  clock.atMs += 120_000;
  await recovery.tick();
  clock.atMs += 120_000;
  await recovery.tick();
  expect(asked()).toEqual([1, 1, 0]);
  clock.atMs += 3_600_000;
  nearby.push(...people.slice(2));
  await recovery.tick();
  expect(asked()).toEqual([1, 1, 0]);
  await close();
  await Promise.all(people.map(({ impostor }) => impostor.close()));
});
